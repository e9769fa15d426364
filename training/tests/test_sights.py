"""What there is to look at in a batch of conversations written by hand."""

import unittest

import torch

from longlens_training.picture_addresses import NO_PART
from longlens_training.sights import SightFinder, Sights, TaskNumbers
from longlens_training.streams import Episodes, TextTokens

# Ids: 0-9 digits, 10-69 seconds, then words.
ROW, COLUMN, PICTURE, BEGIN, NEWLINE, IMG, IMG_END, SPACE = range(70, 78)
DOG, DOGS, RED, IS, WHERE, COMMA, WORD, CAT = range(80, 88)
TOKENS = TextTokens(
    vocabulary=90,
    name_forms=[(DOG, DOG, 1), (DOGS, DOG, 1), (RED, RED, 0), (CAT, CAT, 1)],
    digits=list(range(10)),
    seconds=list(range(10, 70)),
    row=[ROW],
    column=[COLUMN],
    picture=[PICTURE],
    caption_words=[WORD],
    begin=BEGIN,
    newline=NEWLINE,
    picture_begin=IMG,
    picture_end=IMG_END,
)
CELLS = [-1] * 25
READ, ENDS = 7, 8
#: Pictures of the bank that are phases of clips, four each.
CLIP_FRAMES = 40


def frame(minutes: int, seconds: int) -> list[int]:
    return [minutes // 10, minutes % 10, 10 + seconds, IMG, *CELLS, IMG_END]


def names(pictures: int, shown: dict[tuple[int, int], list[int]]) -> torch.Tensor:
    """[p, 25, 8]: names by picture and cell."""
    values = torch.full((pictures, 25, 8), -1, dtype=torch.int16)
    for (picture, cell), words in shown.items():
        values[picture, cell, : len(words)] = torch.tensor(words, dtype=torch.int16)
    return values


def find(sequences: list[list[int]], replies: list[tuple[int, int, int]], shown: dict[tuple[int, int], list[int]],
         numbers: list[int] | None = None):
    """replies: task, start, end in the whole batch. numbers: pictures of the bank; 0, 1, 2 … when left out."""
    tokens = torch.tensor([token for sequence in sequences for token in sequence])
    wanted = torch.cat([torch.arange(start, end) for _, start, end in replies] or [torch.zeros(0, dtype=torch.int64)])
    pictures = int((tokens == -1).sum()) // 25
    of_bank = torch.arange(pictures) if numbers is None else torch.tensor(numbers)
    batch = Episodes(tokens, [len(s) for s in sequences], wanted, of_bank, replies)
    return SightFinder(TOKENS, TaskNumbers({READ}, {ENDS}), CLIP_FRAMES).find(batch, names(pictures, shown))


def by_query(sights: Sights) -> dict[int, list[int]]:
    return {int(query): row.nonzero()[:, 0].tolist() for query, row in zip(sights.queries, sights.targets)}


class SightsTest(unittest.TestCase):
    def test_a_word_looks_at_the_cells_of_its_own_conversation_that_show_it(self):
        one = [BEGIN, IMG, *CELLS, IMG_END, WHERE, DOGS]
        found = find([one, one], [], {(0, 3): [DOG], (0, 9): [DOG, RED], (1, 20): [DOG]})
        first = len(one)
        expected = {first - 1: [2 + 3, 2 + 9], 2 * first - 1: [first + 2 + 20]}
        self.assertEqual(by_query(found.everywhere), expected)

    def test_a_thing_that_is_not_there_looks_at_the_beginnings_and_a_color_nowhere(self):
        sequence = [BEGIN, IMG, *CELLS, IMG_END, RED, DOG, IS, BEGIN, DOG]
        found = find([sequence], [], {})
        end = len(sequence)
        self.assertEqual(by_query(found.everywhere), {end - 4: [0], end - 1: [0, end - 2]})

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
        self.assertEqual(by_query(found.everywhere), {end - 5: whole, end - 1: whole})
        self.assertEqual(by_query(found.pointers), {end - 4: whole, end - 3: whole, end - 2: whole})
        self.assertEqual(sorted(set(map(tuple, found.cells.parts.tolist()))), [(0, 0, 0), (0, 1, 20)])

    def test_tiles_are_counted_row_by_row_and_the_whole_is_none(self):
        tile = [IMG, *CELLS, IMG_END]
        sequence = [BEGIN, IMG, *CELLS, NEWLINE, *tile, *tile, NEWLINE, *tile, *tile, IMG_END]
        sequence += [ROW, SPACE, 2, COMMA, COLUMN, SPACE, 1]
        found = find([sequence], [], {})
        start = 1 + 27 + 54 + 1 + 1
        self.assertEqual(by_query(found.everywhere), {len(sequence) - 1: list(range(start, start + 25))})
        parts = sorted(set(map(tuple, found.cells.parts.tolist())))
        self.assertEqual(parts, [(row, column, NO_PART) for row in (1, 2) for column in (1, 2)])

    def test_pictures_of_a_set_are_numbered_and_a_lone_one_is_not(self):
        picture = [IMG, *CELLS, IMG_END]
        sequence = [BEGIN, *picture, *picture, PICTURE, SPACE, 2]
        self.assertEqual(by_query(find([sequence], [], {}).everywhere), {len(sequence) - 1: list(range(29, 54))})
        self.assertEqual(by_query(find([[BEGIN, *picture, PICTURE, SPACE, 1]], [], {}).everywhere), {})

    def test_words_find_the_first_and_the_last_address(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20), *frame(2, 40)]
        sequence = [*video, WHERE, DOG, RED]
        end = len(sequence)
        found = find([sequence], [], {(1, 4): [DOG, RED], (2, 4): [DOG], (0, 2): [RED]})
        self.assertEqual(found.first_addresses.positions.tolist(), [end - 2, end - 1])
        self.assertEqual(found.first_addresses.parts.tolist(), [[0, 1, 20], [0, 0, 0]])
        self.assertEqual(found.last_addresses.parts.tolist(), [[0, 2, 40], [0, 1, 20]])
        one, two, three = (1 + 4 + picture * 30 for picture in range(3))
        self.assertEqual(by_query(found.everywhere), {end - 2: [two + 4, three + 4], end - 1: [one + 2, two + 4]})
        self.assertEqual(by_query(found.first), {end - 2: [two + 4], end - 1: [one + 2]})
        self.assertEqual(by_query(found.last), {end - 2: [three + 4], end - 1: [two + 4]})

    def test_words_find_place_and_names_of_the_one_cell_that_shows_them_first(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20)]
        sequence = [*video, WHERE, DOG, RED]
        found = find([sequence], [], {(0, 2): [RED], (0, 3): [RED], (1, 7): [DOG, RED], (1, 24): [IS]})
        self.assertEqual(found.places.positions.tolist(), [len(sequence) - 2])
        self.assertEqual(found.places.parts.tolist(), [[1, 2]])
        self.assertEqual([[n for n in row if n >= 0] for row in found.names.tolist()], [[DOG, RED]])

    def test_a_tile_goes_before_the_whole_view(self):
        tile = [IMG, *CELLS, IMG_END]
        sequence = [BEGIN, IMG, *CELLS, NEWLINE, *tile, *tile, IMG_END, WHERE, DOG]
        found = find([sequence], [], {(0, 3): [DOG], (2, 4): [DOG]})
        self.assertEqual(found.first_addresses.parts.tolist(), [[1, 2, NO_PART]])
        self.assertEqual(by_query(found.first), {len(sequence) - 1: [2 + 25 + 1 + 27 + 1 + 4]})

    def test_what_a_reply_names_is_looked_for_in_the_picture_that_is_talked_about(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20)]
        first, second = 1 + 4 + 6, 1 + 4 + 30 + 6
        shown = {(0, 6): [DOG], (1, 6): [DOG, RED]}
        asked = [*video, WHERE, 0, 1, 30, IS, DOG, BEGIN, WHERE, IS, DOG]
        end = len(asked)
        found = find([asked], [(0, end - 5, end - 4), (0, end - 1, end)], shown)
        self.assertEqual(by_query(found.pointers), {end - 6: [second], end - 2: [first]})
        elsewhere = [*video, WHERE, 0, 0, 10, IS, RED]
        end = len(elsewhere)
        found = find([elsewhere], [(0, end - 1, end)], shown)
        self.assertEqual(by_query(found.pointers), {end - 2: [second]})

    def test_cells_know_whether_what_they_show_is_new_and_how_often_it_came(self):
        video = [BEGIN, *frame(0, 0), *frame(0, 1), *frame(0, 2), *frame(0, 3)]
        shown = {(0, 0): [DOG], (0, 1): [DOG], (1, 0): [DOG], (3, 5): [DOG], (3, 6): [RED], (2, 7): [IS]}
        found = find([video, video], [], shown)
        self.assertEqual(found.appearances.parts.tolist(), [[1, 1, 1], [1, 1, 1], [0, 0, 1], [0, 1, 2], [1, 1, 1]])
        self.assertEqual(found.appearances.positions[:2].tolist(), [5, 6])
        one, two, four = (1 + 4 + 30 * picture for picture in (0, 1, 3))
        self.assertEqual(by_query(found.repeats), {two: [one, one + 1], four + 5: [one, one + 1, two]})

    def test_last_cells_of_frames_know_what_came_and_went_and_look_at_what_went(self):
        video = [BEGIN, *frame(0, 0), *frame(0, 1), *frame(0, 2)]
        lone = [BEGIN, IMG, *CELLS, IMG_END]
        found = find([lone, video], [], {(0, 2): [CAT], (1, 3): [DOG, RED], (2, 4): [CAT], (2, 5): [DOG], (3, 6): [CAT]})
        start = len(lone)
        one, two, three = (start + 1 + 4 + 30 * picture for picture in range(3))
        self.assertEqual(found.came.positions.tolist(), [two + 24, three + 24])
        self.assertEqual(found.came.there.tolist(), [[False, True], [False, False]])
        self.assertEqual(found.went.there.tolist(), [[False, False], [True, False]])
        self.assertEqual(by_query(found.departures), {three + 24: [two + 5]})

    def test_last_cells_of_frames_know_the_shot_by_its_clip(self):
        video = [BEGIN, *(token for seconds in range(5) for token in frame(0, seconds))]
        found = find([video, video], [], {}, numbers=[0, 1, 4, 4, 1, *[8] * 4, CLIP_FRAMES])
        counted = [[1, 1], [0, 1], [1, 2], [0, 2], [1, 3]] + [[1, 1], [0, 1], [0, 1], [0, 1], [1, 2]]
        self.assertEqual(found.shots.parts.tolist(), counted)
        self.assertEqual(found.shots.positions[1].item(), 1 + 30 + 4 + 24)

    def test_a_mentioned_address_knows_what_its_picture_shows(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20)]
        sequence = [*video, WHERE, 0, 1, 30, IS, 0, 5, 30]
        found = find([sequence], [], {(0, 1): [DOG], (1, 3): [CAT]})
        self.assertEqual(found.contents.positions.tolist(), [len(sequence) - 5])
        self.assertEqual(found.contents.there.tolist(), [[False, True]])

    def test_replies_about_the_ends_look_at_the_one_that_shows_what_they_name(self):
        video = [BEGIN, *frame(0, 0), *frame(1, 20), *frame(2, 40)]
        sequence = [*video, WHERE, DOG]
        end = len(sequence)
        one, three = 1 + 4 + 3, 1 + 4 + 60 + 3
        for shown, expected in (({(2, 3): [DOG], (1, 3): [DOG]}, three), ({(0, 3): [DOG], (2, 3): [DOG]}, one)):
            found = find([sequence], [(ENDS, end - 1, end)], shown)
            self.assertEqual(by_query(found.pointers), {end - 2: [expected]})

    def test_words_find_the_place_in_the_last_picture_too(self):
        sequence = [BEGIN, *frame(0, 0), *frame(1, 20), WHERE, DOG]
        found = find([sequence], [], {(0, 3): [DOG], (1, 7): [DOG]})
        self.assertEqual((found.places.parts.tolist(), found.last_places.parts.tolist()), ([[0, 3]], [[1, 2]]))

    def test_cells_with_text_know_their_part_of_the_line_and_their_digits(self):
        sequence = [BEGIN, *frame(0, 0), *frame(0, 1)]
        shown = {(0, 15): [WORD], (0, 17): [DOG, 4, 4, 2], (0, 18): [0], (1, 3): [7, 7, 7, 7, 7], (1, 4): [RED]}
        found = find([sequence], [], shown).captions
        none = NO_PART
        expected = [[0, 10, none, none, none], [1, 4, 4, 2, 10], [2, 0, 10, none, none], [0, 7, 7, 7, 7]]
        self.assertEqual(found.parts.tolist(), expected)
        self.assertEqual(found.positions[0].item(), 1 + 4 + 15)

    def test_nothing_looks_ahead_or_into_another_conversation(self):
        sequence = [BEGIN, DOG, IMG, *CELLS, IMG_END, DOG]
        found = find([sequence, sequence], [], {(0, 0): [DOG], (1, 0): [DOG]})
        for sights in (found.everywhere, found.first, found.last):
            for query, row in zip(sights.queries.tolist(), sights.visible):
                first = 0 if query < len(sequence) else len(sequence)
                self.assertEqual(row.nonzero()[:, 0].tolist(), list(range(first, query + 1)))
            self.assertTrue((sights.visible | ~sights.targets).all())


if __name__ == "__main__":
    unittest.main()
