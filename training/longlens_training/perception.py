"""What the vision tower is taught: dense targets of drawn frames, cell by cell.

A CLIP tower comes to LongLLaVA trained on millions of captions. Ours learns from the generator instead, which knows
what every cell of a frame covers. Two kinds of targets are read out of the 25 pooled cells:

- heads (linear, thrown away after training): item, colour, size, the four patches' items, characters, caption words;
- names: the projected cell must name, with the language model's own word embeddings, what it covers. The projector
  and the word embeddings learnt here are where the language model starts (TRAINING-NOTES, points 2 and 3).

Shapes: n pictures, C = 25 cells, w tower width, h language width, V vocabulary.
"""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn
from torch.nn import functional

# Columns of `cells` in the draw stream.
ITEM, COLOR, SIZE = 0, 1, 2
CHARACTERS = slice(7, 11)
CHARACTER_SLOTS = CHARACTERS.stop - CHARACTERS.start
WORD_CENTER, WORD_COVER = 11, 12
N_COLUMNS = 13
# Columns of `globals`.
BACKGROUND, BRIGHTNESS, N_ITEMS, KNOWN = 0, 1, 2, 3

MAX_ITEMS = 8
N_SIZES = 4
N_BRIGHTNESS = 3


@dataclasses.dataclass(frozen=True)
class TargetCounts:
    """Numbers of classes, each with 0 for "none" counted in."""

    items: int
    colors: int
    characters: int
    words: int


class PerceptionHeads(nn.Module):
    """Linear read-outs of the pooled cells, one group of logits for each column of the targets."""

    def __init__(self, width: int, counts: TargetCounts) -> None:
        super().__init__()
        items, colors, characters, words = counts.items, counts.colors, counts.characters, counts.words
        self.groups = [items, colors, N_SIZES, *[items] * 4, *[characters] * 4, words, words]
        self.weights = [1.0, 0.5, 0.3, *[0.5] * 4]
        # Whole words can be told only once letters can: their losses are noise before.
        self.text_weights = [*[0.6] * 4, 0.5, 0.5]
        self.cells = nn.Linear(width, sum(self.groups))
        # Letters once more, before the patches are pooled to cells: one read-out for every place, two slots wide.
        self.letters = nn.Linear(width, 2 * characters)
        # The characters of a cell in order, without the gaps that slots leave: so the language model has to read them.
        self.order = nn.Linear(width, CHARACTER_SLOTS * characters)
        self.picture_groups = [colors, N_BRIGHTNESS, MAX_ITEMS, 2]
        self.picture = nn.Linear(width, sum(self.picture_groups))

    def forward(
        self, patches: Tensor, cells: Tensor, pictures: Tensor, text: float = 1.0
    ) -> tuple[Tensor, dict[str, float]]:
        """patches: [n, 4C, w] float32 row by row; cells: [n, C, 13], pictures: [n, 4] int64 -> loss, accuracies.

        text: 0...1, factor on the losses of characters and words.
        """
        features = pool(patches)
        weights = self.weights + [text * weight for weight in self.text_weights]
        loss, letters_right = self._letters(patches, cells)
        correct = []
        for column, logits in enumerate(self.cells(features).split(self.groups, dim=-1)):
            target = cells[..., column]
            loss = loss + weights[column] * balanced_cross_entropy(logits.flatten(0, 1), target.flatten())
            correct.append(logits.detach().argmax(-1) == target)
        order_loss, order_right = self._order(features, cells[..., CHARACTERS])
        loss = loss + text * order_loss
        picture_logits = self.picture(features.mean(1)).split(self.picture_groups, dim=-1)
        for column, logits in enumerate(picture_logits):
            target = pictures[:, column].clamp(max=self.picture_groups[column] - 1)
            loss = loss + 0.1 * functional.cross_entropy(logits, target)
        measures = accuracies(correct, picture_logits, cells, pictures)
        return loss, measures | {"letter": letters_right, "order": order_right}

    def _order(self, features: Tensor, slots: Tensor) -> tuple[Tensor, float]:
        """slots: [n, C, 4] -> loss, share of characters that are right at their place in the cell's order."""
        logits = self.order(features).view(*slots.shape, -1)
        targets = slots.gather(-1, (slots == 0).long().argsort(stable=True, dim=-1))
        loss = balanced_cross_entropy(logits.flatten(0, 2), targets.flatten())
        held = targets > 0
        right = ((logits.detach().argmax(-1) == targets) & held).sum().item() / max(1, int(held.sum()))
        return 2.0 * loss, right

    def _letters(self, patches: Tensor, cells: Tensor) -> tuple[Tensor, float]:
        """The left and right patches of a cell name the letters in their two slots; which row they stand in is free."""
        n, count, width = patches.shape
        across = int(count**0.5) // 2
        halves = patches.view(n, across, 2, 2 * across, width).mean(2)  # [n, row of cells, column of patches, w]
        logits = self.letters(halves).view(n, across, 2 * across, 2, -1)
        targets = cells[..., CHARACTERS].reshape(n, across, 2 * across, 2)
        loss = balanced_cross_entropy(logits.flatten(0, 3), targets.flatten())
        held = targets > 0
        right = ((logits.detach().argmax(-1) == targets) & held).sum().item() / max(1, int(held.sum()))
        return 2.0 * loss, right


def pool(patches: Tensor) -> Tensor:
    """2x2 means, as ClipTower.forward. [n, 4C, w] row by row -> [n, C, w]."""
    n, count, width = patches.shape
    across = int(count**0.5) // 2
    return patches.view(n, across, 2, across, 2, width).mean(dim=(2, 4)).flatten(1, 2)


def balanced_cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Cells that hold something and cells that hold nothing weigh as 2 to 1, however many there are of each.

    Nine of ten cells hold nothing; a plain mean would spend the first half of the training on saying so.
    logits: [n, classes]; targets: [n], 0 for nothing.
    """
    losses = functional.cross_entropy(logits, targets, reduction="none")
    holds = (targets > 0).float()
    n_held = holds.sum()
    weights = holds + (1 - holds) * (0.5 * n_held / (1 - holds).sum().clamp(min=1)).clamp(0.01, 1.0)
    return (losses * weights).sum() / weights.sum()


def accuracies(correct: list[Tensor], picture_logits: tuple[Tensor, ...], cells: Tensor, pictures: Tensor) -> dict[str, float]:
    """Shares in 0...1: of cells that hold something where stated, of whole pictures otherwise."""

    def share(hit: Tensor, where: Tensor) -> float:
        return (hit & where).sum().item() / max(1, int(where.sum()))

    has_word = cells[..., WORD_CENTER] > 0
    character_columns = range(CHARACTERS.start, CHARACTERS.stop)
    return {
        "item": share(correct[ITEM], cells[..., ITEM] > 0),
        "item_pictures": torch.stack(correct[:1]).all(0).all(-1).float().mean().item(),
        "color": share(correct[COLOR], cells[..., COLOR] > 0),
        "character": sum(share(correct[c], cells[..., c] > 0) for c in character_columns) / 4,
        "word": share(correct[WORD_CENTER], has_word),
        "background": (picture_logits[BACKGROUND].detach().argmax(-1) == pictures[:, BACKGROUND]).float().mean().item(),
        "known": (picture_logits[KNOWN].detach().argmax(-1) == pictures[:, KNOWN]).float().mean().item(),
    }


def naming_loss(projected: Tensor, embeddings: Tensor, names: Tensor) -> Tensor:
    """Cross-entropy of the names of each cell among the whole vocabulary.

    projected: [n, C, h] float32; embeddings: [V, h]; names: [n, C, k] int64, -1 padding. A cell with m names wants
    probability 1/m for each. Cells without names do not count; cells with more than place and background (three
    names) count four times.
    """
    log_probabilities = functional.log_softmax(projected @ embeddings.t(), dim=-1)  # [n, C, V]
    present = (names >= 0).float()
    taken = log_probabilities.gather(-1, names.clamp(min=0)) * present
    per_cell = -taken.sum(-1) / present.sum(-1).clamp(min=1)
    n_names = present.sum(-1)
    weights = (n_names > 0).float() + 3 * (n_names > 3).float()
    return (per_cell * weights).sum() / weights.sum().clamp(min=1)
