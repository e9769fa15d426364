"""More losses of the language model that teach it to look things up, and vanish with training.

Next-token prediction alone finds out very late that the answer to "where is the dog?" lies in the one cell that shows
the dog (LOG.md). All of them use what the generator knows of each batch (sights.py):

- some heads of the attention layers are told where to look: minus the logarithm of the attention that falls on the
  wanted positions;
- a cell should know the address of its picture (time, tile, number), which stands in tokens before it; whether what it
  shows is new ("when does it appear?" asks for the first of many pictures, and attention alone cannot tell it from the
  others) and how often it has come; and if it holds text, which part of the line and which digits in which order;
- the last cell of a frame should know what came and went since the frame before, and which shot it is;
- a word that cells show should come to know what else they show (size, colour), where in the picture that is, and the
  first and the last address of such a picture; a mentioned address, what its picture shows.

All but the first are read out by linear probes, which are thrown away; the model that is exported computes what it
always computed.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from longlens_training.frame_changes import MOST_SHOTS, Kinds
from longlens_training.jamba import JambaModel, Seen
from longlens_training.picture_addresses import ADDRESS_CLASSES, NO_PART
from longlens_training.picture_cells import APPEARANCE_CLASSES, CAPTION_CLASSES, CELLS_ACROSS, MOST_DIGITS, Finds
from longlens_training.sights import BatchSights, Sights

#: Rate of the probes; constant, for what they read changes to the end.
PROBES_RATE = 1.5e-3

#: Factors on losses, 1 for those that are not named. Digits are few among all that is known of cells with text.
WEIGHTS = {"caption": 4.0, "came": 0.5, "went": 0.5, "contents": 0.5}

#: Layers out of whose input cells' addresses are read, the one for what else they know, and the one for what words have
#: found.
ADDRESS_LAYERS = (1, 4)
CELL_LAYER = 4
FOUND_LAYER = 7


def guided_heads(sights: BatchSights) -> dict[str, tuple[int, int, Sights]]:
    """Name -> layer, head, where it is to look.

    Lookups look from a word to what shows it, pointers to what comes next, repeats from a cell to earlier ones like it.
    """
    return {
        "lookup 1": (1, 0, sights.everywhere),
        "first 4": (4, 0, sights.first),
        "last 4": (4, 2, sights.last),
        "pointer 4": (4, 1, sights.pointers),
        "pointer 7": (7, 1, sights.pointers),
        "repeat 1": (1, 2, sights.repeats),
        "departure 4": (4, 3, sights.departures),
    }


class GuideProbes(nn.Module):
    """Linear read-outs of addresses, places, names and changes. width: of the language model; vocabulary: its tokens.

    kinds: things that may be absent (frame_changes.py).
    """

    def __init__(self, width: int, vocabulary: int, kinds: int) -> None:
        super().__init__()
        self.cells = nn.ModuleList(nn.Linear(width, 3 * ADDRESS_CLASSES) for _ in ADDRESS_LAYERS)
        self.appearances = nn.Linear(width, 3 * APPEARANCE_CLASSES)
        self.captions = nn.Linear(width, (1 + MOST_DIGITS) * CAPTION_CLASSES)
        self.addresses = nn.Linear(width, 3 * ADDRESS_CLASSES)
        self.last_addresses = nn.Linear(width, 3 * ADDRESS_CLASSES)
        self.places = nn.Linear(width, 2 * CELLS_ACROSS)
        self.last_places = nn.Linear(width, 2 * CELLS_ACROSS)
        self.names = nn.Linear(width, vocabulary)
        self.came, self.went, self.contents = (rarely(nn.Linear(width, kinds)) for _ in range(3))
        self.shots = nn.Linear(width, 2 * (1 + MOST_SHOTS))

    def forward(self, seen: dict[int, Seen], sights: BatchSights) -> dict[str, Tensor]:
        """Mean losses of what there is to be read out, by name."""
        found = seen[FOUND_LAYER].x
        losses: dict[str, Tensor | None] = {
            "appearance": parts_loss(self.appearances, seen[CELL_LAYER].x, sights.appearances),
            "caption": parts_loss(self.captions, seen[CELL_LAYER].x, sights.captions),
            "found address": parts_loss(self.addresses, found, sights.first_addresses),
            "found last": parts_loss(self.last_addresses, found, sights.last_addresses),
            "found place": parts_loss(self.places, found, sights.places),
            "found last place": parts_loss(self.last_places, found, sights.last_places),
            "shot": parts_loss(self.shots, found, sights.shots),
            "came": kinds_loss(self.came, found, sights.came),
            "went": kinds_loss(self.went, found, sights.went),
            "contents": kinds_loss(self.contents, found, sights.contents),
        }
        for layer, probe in zip(ADDRESS_LAYERS, self.cells):
            losses[f"address {layer}"] = parts_loss(probe, seen[layer].x, sights.cells)
        present = sights.names >= 0
        if bool(present.any()):
            logits = self.names(found[sights.places.positions].float())
            taken = functional.log_softmax(logits, -1).gather(-1, sights.names.clamp(min=0)) * present
            losses["found names"] = -taken.sum() / present.sum()
        return {name: loss for name, loss in losses.items() if loss is not None}


def parts_loss(probe: nn.Linear, x: Tensor, finds: Finds) -> Tensor | None:
    """Mean cross-entropy of the parts that there are; None without any. x: [T, h]; the probe gives all parts' classes."""
    if not bool((finds.parts != NO_PART).any()):
        return None
    classes = probe.out_features // finds.parts.shape[1]
    logits = probe(x[finds.positions].float()).view(-1, classes)
    return functional.cross_entropy(logits, finds.parts.flatten(), ignore_index=NO_PART)


def rarely(probe: nn.Linear) -> nn.Linear:
    """Begins with what is nearly always true: that a kind is not there."""
    nn.init.constant_(probe.bias, -4.0)
    return probe


def kinds_loss(probe: nn.Linear, x: Tensor, kinds: Kinds) -> Tensor | None:
    """Cross-entropy of whether each kind is there, summed over kinds, mean over places; None without any. x: [T, h]."""
    if len(kinds.positions) == 0:
        return None
    logits = probe(x[kinds.positions].float())
    return functional.binary_cross_entropy_with_logits(logits, kinds.there.float(), reduction="sum") / len(kinds.positions)


def attention_loss(seen: Seen, head: int, sights: Sights) -> Tensor:
    """Mean over all places of -log(share of the attention that falls on the targets)."""
    q, k = seen.q[sights.queries, head], seen.k[:, head]
    scores = (q @ k.t()).float() * q.shape[-1] ** -0.5  # [m, T]
    everything = scores.masked_fill(~sights.visible, float("-inf")).logsumexp(-1)
    wanted = scores.masked_fill(~sights.targets, float("-inf")).logsumexp(-1)
    return (everything - wanted).mean()


def guide_loss(language: JambaModel, probes: GuideProbes, sights: BatchSights) -> tuple[Tensor, dict[str, float]]:
    """Weighted sum of all of them for the pass that `language` has just made while it watched -> loss, each part's mean."""
    seen = language.seen()
    parts: dict[str, Tensor] = {}
    for name, (layer, head, wanted) in guided_heads(sights).items():
        if len(wanted.queries) > 0:
            parts[name] = attention_loss(seen[layer], head, wanted)
    parts |= probes(seen, sights)
    if not parts:
        return torch.zeros(()), {}
    weighted = [WEIGHTS.get(name, 1.0) * loss for name, loss in parts.items()]
    return torch.stack(weighted).sum(), {name: loss.item() for name, loss in parts.items()}
