"""Two more losses of the language model that teach it to look things up, and vanish with training.

Next-token prediction alone finds out very late that the answer to "where is the dog?" lies in the one cell that shows
the dog (LOG.md). Both losses use what the generator knows of each batch (sights.py):

- some heads of the attention layers are told where to look: minus the logarithm of the attention that falls on the
  wanted positions;
- a cell should know the address of its picture (time, tile, number), which stands in tokens before it: linear probes
  read it out of the input of two attention layers.

The probes are thrown away; the model that is exported computes what it always computed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.jamba import JambaModel, Seen
from longlens_training.sights import ADDRESS_CLASSES, NO_PART, BatchSights, Sights

#: (layer, head) of those that look from a word to the cells which show it, and from a gap to what is to be put there.
LOOKUP_HEADS = ((1, 0), (4, 0))
POINTER_HEADS = ((4, 1), (7, 1))
#: Layers out of whose input addresses are read.
ADDRESS_LAYERS = (1, 4)


class AddressProbes(nn.Module):
    """Linear read-outs of the three parts of an address, one for each of ADDRESS_LAYERS."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(width, 3 * ADDRESS_CLASSES) for _ in ADDRESS_LAYERS)

    def forward(self, seen: dict[int, Seen], cells: Tensor, parts: Tensor) -> Tensor:
        """cells: [c] positions, parts: [c, 3] with NO_PART -> mean cross-entropy."""
        losses = []
        for layer, probe in zip(ADDRESS_LAYERS, self.layers):
            logits = probe(seen[layer].x[cells].float()).view(-1, ADDRESS_CLASSES)
            losses.append(functional.cross_entropy(logits, parts.flatten(), ignore_index=NO_PART))
        return torch.stack(losses).mean()


def attention_loss(seen: Seen, head: int, sights: Sights) -> Tensor:
    """Mean over all places of -log(share of the attention that falls on the targets)."""
    q, k = seen.q[sights.queries, head], seen.k[:, head]
    scores = (q @ k.t()).float() * q.shape[-1] ** -0.5  # [m, T]
    everything = scores.masked_fill(~sights.visible, float("-inf")).logsumexp(-1)
    wanted = scores.masked_fill(~sights.targets, float("-inf")).logsumexp(-1)
    return (everything - wanted).mean()


def guide_loss(language: JambaModel, probes: AddressProbes, sights: BatchSights) -> tuple[Tensor, dict[str, float]]:
    """Sum of all of them for the pass that `language` has just made while it watched -> loss, each part's mean."""
    seen = language.seen()
    parts: dict[str, Tensor] = {}
    for heads, kind, wanted in ((LOOKUP_HEADS, "lookup", sights.lookups), (POINTER_HEADS, "pointer", sights.pointers)):
        for layer, head in heads if len(wanted.queries) > 0 else ():
            parts[f"{kind} {layer}"] = attention_loss(seen[layer], head, wanted)
    if len(sights.addressed) > 0:
        parts["address"] = probes(seen, sights.addressed, sights.parts)
    return torch.stack(list(parts.values())).sum(), {name: loss.item() for name, loss in parts.items()}
