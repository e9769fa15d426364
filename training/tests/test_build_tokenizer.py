"""The committed tokenizer is what its word list gives, and SentencePiece reads it."""

import os
import unittest

import sentencepiece

from longlens_training import build_tokenizer

FOLDER = os.path.join(os.path.dirname(__file__), "..", "tokenizer")
MODEL = os.path.join(FOLDER, "tokenizer.model")


class BuildTokenizer(unittest.TestCase):
    def test_the_committed_model_is_made_from_the_committed_words(self):
        words = build_tokenizer.read_words(os.path.join(FOLDER, "words.txt"))
        with open(MODEL, "rb") as file:
            self.assertEqual(build_tokenizer.serialize(build_tokenizer.make_pieces(words)), file.read())

    def test_sentencepiece_reads_it(self):
        processor = sentencepiece.SentencePieceProcessor(model_file=MODEL)
        text = "<|startoftext|><|User|>\n<vid>00:07<img></img></vid> Is there a dog?\n"
        pieces = ["<|startoftext|>", "<|User|>", "\n", "<vid>", "0", "0", ":07", "<img>", "</img>", "</vid>"]
        pieces += ["\u2581Is", "\u2581there", "\u2581a", "\u2581dog", "?", "\n"]
        self.assertEqual(processor.encode(text, out_type=str), pieces)
        self.assertEqual(processor.decode(processor.encode(text)), text)
        self.assertEqual((processor.unk_id(), processor.pad_id()), (0, 3))

    def test_a_word_twice_or_too_many_words_are_refused(self):
        with self.assertRaisesRegex(ValueError, "no piece twice"):
            build_tokenizer.make_pieces(["dog", "dog"])
        with self.assertRaisesRegex(ValueError, "at most 2048 pieces"):
            build_tokenizer.make_pieces([str(i) + "x" for i in range(2000)])


if __name__ == "__main__":
    unittest.main()
