"""How many replies are right, by task.

A reply counts as right when every one of its tokens is the model's first choice, which is what greedy generation would
have produced.
"""

from __future__ import annotations

from collections import defaultdict

import torch
from torch import Tensor

from longlens_training.encode_bank import Bank
from longlens_training.longlens_model import LongLens
from longlens_training.streams import Episodes, EpisodeStream


class TaskCounts:
    """Replies right and asked, by task."""

    def __init__(self, names: list[str]) -> None:
        self._names = names
        self.right: dict[str, int] = defaultdict(int)
        self.asked: dict[str, int] = defaultdict(int)

    def add(self, batch: Episodes, correct: Tensor) -> None:
        """correct: [m] for the predicted tokens in order."""
        full = torch.ones(len(batch.tokens), dtype=torch.bool)
        full[batch.wanted] = correct
        for task, start, end in batch.spans:
            name = self._names[task]
            self.asked[name] += 1
            self.right[name] += int(full[start:end].all())

    def shares(self) -> dict[str, float]:
        """Share of right replies of each task that was asked."""
        return {name: self.right[name] / count for name, count in sorted(self.asked.items())}


@torch.no_grad()
def ask(models: dict[str, LongLens], stream: EpisodeStream, bank: Bank, questions: int) -> dict[str, TaskCounts]:
    """Asks all models the same, whole batches until there are so many questions. Closes the stream."""
    counts = {name: TaskCounts(stream.task_names) for name in models}
    for batch in stream.batches():
        wanted = batch.tokens[batch.wanted]
        for name, model in models.items():
            counts[name].add(batch, model(batch, bank).argmax(-1) == wanted)
        if all(sum(count.asked.values()) >= questions for count in counts.values()):
            break
    stream.close()
    return counts
