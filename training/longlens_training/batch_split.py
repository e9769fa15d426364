"""A batch in two parts that two processes learn from in about the same time; sequences stay whole."""

from __future__ import annotations

import torch

from longlens_training.streams import Episodes

#: Length of a sequence whose attention costs as much as everything else: an estimate, on which only the balance depends.
ATTENTION_LENGTH = 16_000
#: Where one part would be more than so much of the work, one process with two threads is faster: each of two processes
#: learns 1,148 tokens/s, one alone 1,675 (LOG.md).
MOST_SHARE = 0.66


def cost(length: int) -> float:
    """Work of a sequence, in tokens of short ones."""
    return length * (1 + length / ATTENTION_LENGTH)


def split_batch(batch: Episodes) -> list[Episodes]:
    """Two parts of about the same cost that hold all sequences, or the batch alone where there are none."""
    costs = [cost(length) for length in batch.lengths]
    members: tuple[list[int], list[int]] = ([], [])
    sums = [0.0, 0.0]
    for sequence in sorted(range(len(costs)), key=lambda index: -costs[index]):
        lighter = int(sums[1] < sums[0])
        members[lighter].append(sequence)
        sums[lighter] += costs[sequence]
    if max(sums) > MOST_SHARE * sum(sums):
        return [batch]
    parts = [part_of(batch, sorted(sequences)) for sequences in members]
    return parts if all(len(part.wanted) > 0 for part in parts) else [batch]


def part_of(batch: Episodes, sequences: list[int]) -> Episodes:
    """These sequences of a batch, as a batch."""
    lengths = torch.tensor(batch.lengths)
    ends = lengths.cumsum(0)
    chosen = torch.zeros(len(lengths), dtype=torch.bool)
    chosen[sequences] = True
    # How far a sequence moves forward: by the tokens before it that are left out.
    shifts = (lengths * ~chosen).cumsum(0)

    def sequence_of(positions: torch.Tensor) -> torch.Tensor:
        return torch.searchsorted(ends, positions, right=True)

    of_tokens = torch.repeat_interleave(torch.arange(len(lengths)), lengths)
    cells = (batch.tokens == -1).nonzero()[:, 0]
    per_picture = len(cells) // max(1, len(batch.pictures))
    first_cells = cells[::per_picture].contiguous() if per_picture > 0 else cells
    of_wanted = sequence_of(batch.wanted)
    wanted = (batch.wanted - shifts[of_wanted])[chosen[of_wanted]]
    spans = []
    for task, start, end in batch.spans:
        sequence = int(sequence_of(torch.tensor(start)))
        if chosen[sequence]:
            shift = int(shifts[sequence])
            spans.append((task, start - shift, end - shift))
    return Episodes(
        tokens=batch.tokens[chosen[of_tokens]],
        lengths=lengths[chosen].tolist(),
        wanted=wanted,
        pictures=batch.pictures[chosen[sequence_of(first_cells)]],
        spans=spans,
    )
