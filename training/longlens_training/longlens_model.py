"""Projector and language model, as they are trained together: pictures are rows of a bank."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor, nn

from longlens_training.encode_bank import Bank
from longlens_training.jamba import JambaModel
from longlens_training.perception import naming_loss
from longlens_training.projector import Projector
from longlens_training.sizes import ModelSizes
from longlens_training.streams import Episodes

#: A cell has at most so many names when it shows neither thing nor text: its place in the picture and the background.
NAMES_OF_NOTHING = 3


@dataclasses.dataclass(frozen=True)
class NamedCells:
    """features: [1, n, w] bfloat16; names: [1, n, k] int64, -1 padding."""

    features: Tensor
    names: Tensor


class NamedCellPicker:
    """Cells of a bank by lot, of those that show a thing or text."""

    def __init__(self, bank: Bank) -> None:
        self._features, self._names = bank.features.flatten(0, 1), bank.names.flatten(0, 1)
        self._telling = ((self._names >= 0).sum(-1) > NAMES_OF_NOTHING).nonzero()[:, 0]

    def pick(self, count: int) -> NamedCells:
        """`count` of them, some perhaps twice."""
        chosen = self._telling[torch.randint(len(self._telling), (count,))]
        return NamedCells(self._features[chosen][None], self._names[chosen][None].long())


class LongLens(nn.Module):
    """Projector and language model, as one thing to train."""

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.mm_projector = Projector(sizes.tower.hidden_size, sizes.language.hidden_size)
        self.language = JambaModel(sizes.language)

    def forward(self, batch: Episodes, bank: Bank) -> Tensor:
        """batch: T tokens of packed sequences, p pictures -> logits [m, V] of the m tokens to predict."""
        embedded = self.language.embed(batch.tokens.clamp(min=0))  # [T, h]
        projected = self.mm_projector(bank.features[batch.pictures])
        embedded = embedded.masked_scatter((batch.tokens == -1).unsqueeze(-1), projected)
        hidden = self.language.hidden(embedded, batch.lengths)
        # A token is predicted from the one before it.
        return self.language.logits(hidden[batch.wanted - 1])

    def naming_loss(self, cells: NamedCells) -> Tensor:
        """How badly projected cells tell their names. Of their direction only: their length grows with training."""
        projected = self.mm_projector(cells.features)
        directions = projected * projected.square().mean(-1, keepdim=True).add(1e-6).rsqrt()
        return naming_loss(directions, self.language.model.embed_tokens.weight, cells.names)
