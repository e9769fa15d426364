"""What there is to look at in a batch of conversations written by hand."""

import unittest

import torch

from longlens_training.sights import NO_PART, SightFinder, Sights
from longlens_training.streams import Episodes, TextTokens

# Ids: 0-9 digits, 10-69 seconds, then words.
ROW, COLUMN, PICTURE, BEGIN, NEWLINE, IMG, IMG_END, SPACE = range(70, 78)
DOG, DOGS, RED, IS, WHERE, COMMA = range(80, 86)
TOKENS = TextTokens(
    vocabulary=90,
    name_forms=[(DOG, DOG, 1), (DOGS, DOG, 1), (RED, RED, 0)],
    digits=list(range(10)),
    seconds=list(range(10, 70)),
    row=[ROW],
    column=[COLUMN],
    picture=[PICTURE],
    begin=BEGIN,
    newline=NEWLINE,
    picture_begin=IMG,
    picture_end=IMG_END,
)
CELLS = [-1] * 25
READ = 7


def frame(minutes: int, seconds: int) -> list[int]:
    return [minutes // 10, minutes % 10, 10 + seconds, IMG, *CELLS, IMG_END]


def names(pictures: int, shown: dict[tuple[int, int], list[int]]) -> torch.Tensor:
    """[p, 25, 8]: names by picture and cell."""
    values = torch.full((pictures, 25, 8), -1, dtype=torch.int16)
    for (picture, cell), words in shown.items():
        values[picture, cell, : len(words)] = torch.tensor(words, dtype=torch.int16)
    return values


def find(sequences: list[list[int]], replies: list[tuple[int, int, int]], shown: dict[tuple[int, int], list[int]]):
    """replies: task, start, end in the whole batch."""
    tokens = torch.tensor([token for sequence in sequences for token in sequence])
    wanted = torch.cat([torch.arange(start, end) for _, start, end in replies] or [torch.zeros(0, dtype=torch.int64)])
    pictures = int((tokens == -1).sum()) // 25
    batch = Episodes(tokens, [len(s) for s in sequences], wanted, torch.arange(pictures), replies)
    return SightFinder(TOKENS, {READ}).find(batch, names(pictures, shown))


def by_query(sights: Sights) -> dict[int, list[int]]:
    return {int(query): row.nonzero()[:, 0].tolist() for query, row in zip(sights.queries, sights.targets)}


class SightsTest(unittest.TestCase):
    def test_a_word_looks_at_the_cells_of_its_own_conversation_that_show_it(self):
        one = [BEGIN, IMG, *CELLS, IMG_END, WHERE, DOGS]
        found = find([one, one], [], {(0, 3): [DOG], (0, 9): [DOG, RED], (1, 20): [DOG]})
        first = len(one)
        expected = {first - 1: [2 + 3, 2 + 9], 2 * first - 1: [first + 2 + 20]}
        self.assertEqual(by_query(found.lookups), expected)

    def test_a_thing_that_is_not_there_looks_at_the_beginnings_and_a_color_nowhere(self):
        sequence = [BEGIN, IMG, *CELLS, IMG_END, RED, DOG, IS, BEGIN, DOG]
        found = find([sequence], [], {})
        end = len(sequence)
        self.assertEqual(by_query(found.lookups), {end - 4: [0], end - 1: [0, end - 2]})

    def test_what_a_reply_names_is_looked_at_from_the_token_before(self):
        sequence = [BEGIN, IMG, *CELLS, IMG_END, IS, RED, DOG]
        end = len(sequence)
        found = find([sequence], [(0, end - 2, end)], {(0, 4): [DOG, RED]})
        self.assertEqual(by_query(found.pointers), {end - 3: [6], end - 2: [6]})

    def test_digits_are_read_out_only_where_the_task_says_so(self):
        sequence = [BEGIN, IMG, *CELLS, IMG_END, IS, 4]
        end = len(sequence)
        for task, expected in ((READ, {end - 2: [2]}), (READ + 1, {})):
            found = find([sequence], [(task, end - 1, end)], {(0, 0): [4]})
            self.assertEqual(by_query(found.pointers), expected)

    def test_times_belong_to_frames(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20)]
        sequence = [*video, WHERE, 0, 1, 30, IS, 0, 1, 30]
        end = len(sequence)
        found = find([sequence], [(0, end - 3, end)], {})
        label, cells_end = 1 + 30, len(video) - 1
        whole = list(range(label, cells_end))
        self.assertEqual(by_query(found.lookups), {end - 5: whole, end - 1: whole})
        self.assertEqual(by_query(found.pointers), {end - 4: whole, end - 3: whole, end - 2: whole})
        self.assertEqual(sorted(set(map(tuple, found.cells.parts.tolist()))), [(0, 0, 0), (0, 1, 20)])

    def test_tiles_are_counted_row_by_row_and_the_whole_is_none(self):
        tile = [IMG, *CELLS, IMG_END]
        sequence = [BEGIN, IMG, *CELLS, NEWLINE, *tile, *tile, NEWLINE, *tile, *tile, IMG_END]
        sequence += [ROW, SPACE, 2, COMMA, COLUMN, SPACE, 1]
        found = find([sequence], [], {})
        start = 1 + 27 + 54 + 1 + 1
        self.assertEqual(by_query(found.lookups), {len(sequence) - 1: list(range(start, start + 25))})
        parts = sorted(set(map(tuple, found.cells.parts.tolist())))
        self.assertEqual(parts, [(row, column, NO_PART) for row in (1, 2) for column in (1, 2)])

    def test_pictures_of_a_set_are_numbered_and_a_lone_one_is_not(self):
        picture = [IMG, *CELLS, IMG_END]
        sequence = [BEGIN, *picture, *picture, PICTURE, SPACE, 2]
        self.assertEqual(by_query(find([sequence], [], {}).lookups), {len(sequence) - 1: list(range(29, 54))})
        self.assertEqual(by_query(find([[BEGIN, *picture, PICTURE, SPACE, 1]], [], {}).lookups), {})

    def test_words_find_the_other_names_of_their_cell_and_the_first_address(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20)]
        sequence = [*video, WHERE, DOG, RED]
        end = len(sequence)
        found = find([sequence], [], {(1, 4): [DOG, RED], (0, 2): [RED]})
        self.assertEqual(found.words.positions.tolist(), [end - 2, end - 1])
        self.assertEqual(found.words.parts.tolist(), [[0, 1, 20], [0, 0, 0]])
        self.assertEqual([[n for n in row if n >= 0] for row in found.word_names.tolist()], [[DOG, RED], []])

    def test_nothing_looks_ahead_or_into_another_conversation(self):
        sequence = [BEGIN, DOG, IMG, *CELLS, IMG_END, DOG]
        found = find([sequence, sequence], [], {(0, 0): [DOG], (1, 0): [DOG]})
        for query, row in zip(found.lookups.queries.tolist(), found.lookups.visible):
            first = 0 if query < len(sequence) else len(sequence)
            self.assertEqual(row.nonzero()[:, 0].tolist(), list(range(first, query + 1)))
        self.assertTrue((found.lookups.visible | ~found.lookups.targets).all())


if __name__ == "__main__":
    unittest.main()
