"""More losses of the language model that teach it to look things up, and vanish with training.

Next-token prediction alone finds out very late that the answer to "where is the dog?" lies in the one cell that shows
the dog (LOG.md). All of them use what the generator knows of each batch (sights.py):

- some heads of the attention layers are told where to look: minus the logarithm of the attention that falls on the
  wanted positions;
- a cell should know the address of its picture (time, tile, number), which stands in tokens before it;
- a word that cells show should come to know what else they show (place, size, colour) and the address of their picture.

The last two are read out by linear probes, which are thrown away; the model that is exported computes what it always
computed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.jamba import JambaModel, Seen
from longlens_training.sights import ADDRESS_CLASSES, NO_PART, BatchSights, Finds, Sights

#: Rate of the probes; constant, for what they read changes to the end.
PROBES_RATE = 1.5e-3

#: (layer, head) of those that look from a word to the cells which show it, and from a gap to what is to be put there.
LOOKUP_HEADS = ((1, 0), (4, 0))
POINTER_HEADS = ((4, 1), (7, 1))
#: Layers out of whose input cells' addresses are read, and the one for what words have found.
ADDRESS_LAYERS = (1, 4)
FOUND_LAYER = 7


class GuideProbes(nn.Module):
    """Linear read-outs of addresses and names. width: of the language model; vocabulary: its tokens."""

    def __init__(self, width: int, vocabulary: int) -> None:
        super().__init__()
        self.cells = nn.ModuleList(nn.Linear(width, 3 * ADDRESS_CLASSES) for _ in ADDRESS_LAYERS)
        self.addresses = nn.Linear(width, 3 * ADDRESS_CLASSES)
        self.names = nn.Linear(width, vocabulary)

    def forward(self, seen: dict[int, Seen], sights: BatchSights) -> dict[str, Tensor]:
        """Mean losses of what there is to be read out, by name."""
        words, word_names = sights.words, sights.word_names
        losses: dict[str, Tensor] = {}
        for layer, probe in zip(ADDRESS_LAYERS, self.cells):
            if len(sights.cells.positions) > 0:
                losses[f"address {layer}"] = address_loss(probe, seen[layer], sights.cells)
        if bool((words.parts != NO_PART).any()):
            losses["found address"] = address_loss(self.addresses, seen[FOUND_LAYER], words)
        present = word_names >= 0
        if bool(present.any()):
            logits = self.names(seen[FOUND_LAYER].x[words.positions].float())
            taken = functional.log_softmax(logits, -1).gather(-1, word_names.clamp(min=0)) * present
            losses["found names"] = -taken.sum() / present.sum()
        return losses


def address_loss(probe: nn.Linear, seen: Seen, finds: Finds) -> Tensor:
    """Mean cross-entropy of the parts that there are; at least one."""
    logits = probe(seen.x[finds.positions].float()).view(-1, ADDRESS_CLASSES)
    return functional.cross_entropy(logits, finds.parts.flatten(), ignore_index=NO_PART)


def attention_loss(seen: Seen, head: int, sights: Sights) -> Tensor:
    """Mean over all places of -log(share of the attention that falls on the targets)."""
    q, k = seen.q[sights.queries, head], seen.k[:, head]
    scores = (q @ k.t()).float() * q.shape[-1] ** -0.5  # [m, T]
    everything = scores.masked_fill(~sights.visible, float("-inf")).logsumexp(-1)
    wanted = scores.masked_fill(~sights.targets, float("-inf")).logsumexp(-1)
    return (everything - wanted).mean()


def guide_loss(language: JambaModel, probes: GuideProbes, sights: BatchSights) -> tuple[Tensor, dict[str, float]]:
    """Sum of all of them for the pass that `language` has just made while it watched -> loss, each part's mean."""
    seen = language.seen()
    parts: dict[str, Tensor] = {}
    for heads, kind, wanted in ((LOOKUP_HEADS, "lookup", sights.lookups), (POINTER_HEADS, "pointer", sights.pointers)):
        for layer, head in heads if len(wanted.queries) > 0 else ():
            parts[f"{kind} {layer}"] = attention_loss(seen[layer], head, wanted)
    parts |= probes(seen, sights)
    if not parts:
        return torch.zeros(()), {}
    return torch.stack(list(parts.values())).sum(), {name: loss.item() for name, loss in parts.items()}
