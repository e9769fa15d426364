"""Makes tokenizer.model from a word list: a SentencePiece unigram model whose pieces are all known beforehand.

SentencePiece's trainer has nothing to learn here (in the pilot it did not even join frequent words), so the file is
written directly: the same words give the same bytes with every version of everything.

    python3 -m longlens_training.build_tokenizer training/tokenizer/words.txt training/tokenizer/tokenizer.model

Ids: 0 unknown, 1 and 2 unused begin and end, 3 padding, 4-13 the strings of the prompt, 14-23 digits, 24-83 `:00` to
`:59`, 84-339 bytes, then the space, punctuation and letters, then the words in the list's order, each with the space in
front of it, then spare ids.
"""

from __future__ import annotations

import string
import struct
import sys

VOCAB_SIZE = 2048
PROMPT_STRINGS = ["<|startoftext|>", "<|endoftext|>", "<|User|>", "<|Assistant|>", "<img>", "</img>", "<vid>", "</vid>"]
PROMPT_STRINGS += ["<image>", "\n"]
SPACE = "\u2581"
PUNCTUATION = ".,?!:;'\"-()/%&+*=#@$_[]<>"

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = 1, 2, 3, 4, 5, 6

# Score of pieces of one character; a user-defined piece costs 0.1, so words always win over spelling.
CHARACTER_SCORE = -5.0


def make_pieces(words: list[str]) -> list[tuple[str, float, int]]:
    """Text, score and type of every piece, in the order of the ids."""
    pieces = [("<unk>", 0.0, UNKNOWN), ("<s>", 0.0, CONTROL), ("</s>", 0.0, CONTROL), ("<pad>", 0.0, CONTROL)]
    pieces += [(text, 0.0, USER_DEFINED) for text in PROMPT_STRINGS]
    pieces += [(digit, 0.0, USER_DEFINED) for digit in string.digits]
    pieces += [(f":{second:02d}", 0.0, USER_DEFINED) for second in range(60)]
    pieces += [(f"<0x{byte:02X}>", 0.0, BYTE) for byte in range(256)]
    pieces += [(character, CHARACTER_SCORE, NORMAL) for character in SPACE + PUNCTUATION + string.ascii_letters]
    pieces += [(SPACE + word, 0.0, USER_DEFINED) for word in words]
    if len(pieces) > VOCAB_SIZE:
        raise ValueError(f"expected at most {VOCAB_SIZE} pieces, got {len(pieces)}")
    pieces += [(f"<|spare_{spare}|>", 0.0, UNUSED) for spare in range(VOCAB_SIZE - len(pieces))]
    if len({text for text, _, _ in pieces}) != VOCAB_SIZE:
        raise ValueError("expected no piece twice")
    return pieces


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def serialize(pieces: list[tuple[str, float, int]]) -> bytes:
    """The ModelProto of sentencepiece_model.proto; the numbers are its field numbers."""
    out = b""
    for text, score, kind in pieces:
        out += _bytes(1, _bytes(1, text.encode()) + _varint(2 << 3 | 5) + struct.pack("<f", score) + _number(3, kind))
    unigram, byte_fallback = _number(3, 1), _number(35, 1)
    special_ids = _number(40, 0) + _number(41, 1) + _number(42, 2) + _number(43, 3)
    trainer = unigram + _number(4, len(pieces)) + byte_fallback + special_ids
    # No dummy prefix, no removal of repeated spaces, spaces written as SPACE.
    normalizer = _bytes(1, b"identity") + _number(3, 0) + _number(4, 0) + _number(5, 1)
    return out + _bytes(2, trainer) + _bytes(3, normalizer)


def read_words(path: str) -> list[str]:
    """One word a line, without the space in front."""
    with open(path, encoding="utf-8") as file:
        return file.read().split()


def main() -> None:
    """Reads the word list, writes the model."""
    words_path, model_path = sys.argv[1:]
    pieces = make_pieces(read_words(words_path))
    with open(model_path, "wb") as file:
        file.write(serialize(pieces))
    spare = sum(kind == UNUSED for _, _, kind in pieces)
    print(f"{len(pieces)} pieces, {spare} of them spare: {model_path}")


if __name__ == "__main__":
    main()
