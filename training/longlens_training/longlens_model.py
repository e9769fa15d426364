"""Projector and language model, as they are trained together: pictures are rows of a bank."""

from __future__ import annotations

from torch import Tensor, nn

from longlens_training.encode_bank import Bank
from longlens_training.jamba import JambaModel
from longlens_training.projector import Projector
from longlens_training.sizes import ModelSizes
from longlens_training.streams import Episodes


class LongLens(nn.Module):
    """Projector and language model, as one thing to train."""

    def __init__(self, sizes: ModelSizes) -> None:
        super().__init__()
        self.mm_projector = Projector(sizes.tower.hidden_size, sizes.language.hidden_size)
        self.language = JambaModel(sizes.language)

    def forward(self, batch: Episodes, bank: Bank) -> tuple[Tensor, Tensor]:
        """batch: T tokens of packed sequences, p pictures -> logits [m, V] of the m tokens to predict, projected [p, C, h]."""
        embedded = self.language.embed(batch.tokens.clamp(min=0))  # [T, h]
        projected = self.mm_projector(bank.features[batch.pictures])
        embedded = embedded.masked_scatter((batch.tokens == -1).unsqueeze(-1), projected)
        hidden = self.language.hidden(embedded, batch.lengths)
        # A token is predicted from the one before it.
        return self.language.logits(hidden[batch.wanted - 1]), projected
