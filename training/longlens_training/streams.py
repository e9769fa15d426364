"""Reads the training data that the generator streams (training/data/*.ts): drawn frames and episodes.

The generator is a child process on Node; a thread reads ahead, so that data are ready when the trainer wants them. The
child ends with its trainer however that ends: its next write finds the pipe closed.

Shapes: n pictures, C cells of a picture, b sequences of a batch, t their length.
"""

from __future__ import annotations

import dataclasses
import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Callable, Generic, TypeVar

import numpy
import torch
from torch import Tensor

from longlens_training.perception import TargetCounts

REPOSITORY = Path(__file__).resolve().parents[2]
PREFETCHED = 2

Batch = TypeVar("Batch")


class StreamEnded(Exception):
    """The generator stopped in the middle of a record."""


def node_program() -> str:
    """Node for the generator: LONGLENS_NODE, else the one npm installed beside the sources, else that of the PATH."""
    installed = REPOSITORY / "node_modules" / ".bin" / "node"
    return os.environ.get("LONGLENS_NODE") or (str(installed) if installed.exists() else "node")


def read_exactly(source: BinaryIO, size: int) -> bytearray:
    """`size` bytes. Raises EOFError at the end of the stream, StreamEnded in the middle."""
    data = bytearray(size)
    view = memoryview(data)
    filled = 0
    while filled < size:
        count = source.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            raise StreamEnded(f"expected {size} bytes, got {filled}") if filled else EOFError
        filled += count
    return data


class Generator(Generic[Batch]):
    """A running generator: its header, and its batches read ahead by a thread. Close it, or use it as a context."""

    def __init__(self, script: Path, arguments: list[str], read: Callable[[BinaryIO, dict], Batch]) -> None:
        if not script.exists():
            raise FileNotFoundError(f"{script}: expected the bundled generator, run node scripts/bundle-training.mjs")
        command = [node_program(), str(script), *arguments]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=REPOSITORY)
        assert self._process.stdout is not None
        self._output = self._process.stdout
        line = self._output.readline()
        if not line:
            self._output.close()
            raise StreamEnded(f"{script.name}: ended with exit code {self._process.wait()} before its header")
        self.header: dict = json.loads(line)
        self._read = read
        self._batches: queue.Queue[Batch | BaseException] = queue.Queue(PREFETCHED)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read_ahead, name=script.stem, daemon=True)
        self._thread.start()

    def _read_ahead(self) -> None:
        try:
            while not self._closed.is_set():
                self._put(self._read(self._output, self.header))
        except BaseException as error:  # handed to whoever waits for the next batch
            self._put(error)

    def _put(self, item: Batch | BaseException) -> None:
        while not self._closed.is_set():
            try:
                self._batches.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def __iter__(self) -> Iterator[Batch]:
        while not self._closed.is_set():
            item = self._batches.get()
            if isinstance(item, EOFError):
                code = self._process.wait()
                if code != 0:
                    raise StreamEnded(f"the generator ended with exit code {code}")
                return
            if isinstance(item, BaseException):
                raise item
            yield item

    def close(self) -> None:
        """Ends the child and the thread. May be called twice."""
        self._closed.set()
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._thread.join()
        self._output.close()

    def __enter__(self) -> Generator[Batch]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclasses.dataclass(frozen=True)
class Frames:
    """Drawn pictures with their dense targets; the columns are those of perception.py."""

    #: [n, 160, 160, 3] uint8
    pixels: Tensor
    #: [n, C, 13] int64
    cells: Tensor
    #: [n, 4] int64
    pictures: Tensor
    #: [n, C, 8] int64 token ids, -1 padding
    names: Tensor


def read_frames(source: BinaryIO, header: dict) -> Frames:
    """One record of the draw stream."""
    (n,) = numpy.frombuffer(read_exactly(source, 4), "<u4")
    side, cells = header["side"], header["cells"]
    pixels = read_exactly(source, n * side * side * 3)

    def int16(*shape: int) -> Tensor:
        data = read_exactly(source, 2 * int(numpy.prod(shape)))
        return torch.from_numpy(numpy.frombuffer(data, "<i2").reshape(shape).astype(numpy.int64))

    return Frames(
        pixels=torch.from_numpy(numpy.frombuffer(pixels, "u1").reshape(n, side, side, 3)),
        cells=int16(n, cells, header["cell_columns"]),
        pictures=int16(n, header["global_columns"]),
        names=int16(n, cells, header["name_columns"]),
    )


@dataclasses.dataclass(frozen=True)
class TextTokens:
    """Ids of tokens with a meaning, from the header of the episodes stream."""

    vocabulary: int
    #: (form, name, 1 for things): `form` in a text is what cells call `name`
    name_forms: list[tuple[int, int, int]]
    #: "0" to "9", ":00" to ":59"
    digits: list[int]
    seconds: list[int]
    row: list[int]
    column: list[int]
    picture: list[int]
    #: as cells call them
    caption_words: list[int]
    begin: int
    newline: int
    picture_begin: int
    picture_end: int


@dataclasses.dataclass(frozen=True)
class Episodes:
    """Sequences for the language model, one behind the other without padding, as jamba.py takes them."""

    #: [T] int64; -1 at each position of a picture
    tokens: Tensor
    #: tokens of each sequence
    lengths: list[int]
    #: [m] int64: positions in `tokens` that are to be predicted from those before them
    wanted: Tensor
    #: [p] int64: bank frame of each picture, in the order of the positions (25 each)
    pictures: Tensor
    #: task number, start, end: tokens [start, end) are a reply with its end token
    spans: list[tuple[int, int, int]]


def read_episodes(source: BinaryIO, _header: dict) -> Episodes:
    """One record of the episodes stream."""
    (count,) = numpy.frombuffer(read_exactly(source, 4), "<u4")
    sequences = [read_sequence(source) for _ in range(count)]
    lengths = [len(tokens) for tokens, _, _, _ in sequences]
    spans: list[tuple[int, int, int]] = []
    first = 0
    for length, (_, _, _, sequence_spans) in zip(lengths, sequences):
        spans += [(int(task), first + int(start), first + int(end)) for task, start, end in sequence_spans]
        first += length
    tokens, mask, pictures = (numpy.concatenate([sequence[part] for sequence in sequences]) for part in range(3))
    return Episodes(
        tokens=torch.from_numpy(tokens.astype(numpy.int64)),
        lengths=lengths,
        wanted=torch.from_numpy(mask.nonzero()[0]),
        pictures=torch.from_numpy(pictures.astype(numpy.int64)),
        spans=spans,
    )


SPAN = numpy.dtype([("task", "<u2"), ("start", "<u4"), ("end", "<u4")])


def read_sequence(source: BinaryIO) -> tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray, numpy.ndarray]:
    """tokens [n] int16, mask [n] uint8, bank frames int32, spans of dtype SPAN."""

    def values(dtype: str | numpy.dtype, count: int) -> numpy.ndarray:
        size = numpy.dtype(dtype).itemsize * count
        return numpy.frombuffer(read_exactly(source, size), dtype) if size else numpy.empty(0, dtype)

    n_tokens = int(values("<u4", 1)[0])
    tokens, mask = values("<i2", n_tokens), values("u1", n_tokens)
    pictures = values("<i4", int(values("<u4", 1)[0]))
    return tokens, mask, pictures, values(SPAN, int(values("<u2", 1)[0]))


class Stream(Generic[Batch]):
    """One generator with fixed arguments, started anew for each part of its batches that is asked for."""

    def __init__(self, script: str, arguments: dict[str, object], read: Callable[[BinaryIO, dict], Batch]) -> None:
        self._script = REPOSITORY / "build" / "training" / f"{script}.mjs"
        self._arguments, self._read = arguments, read
        self._running: Generator[Batch] | None = None
        self._header: dict | None = None

    @property
    def header(self) -> dict:
        """What the generator says of itself. Costs a start of it, nearly a second, where no batch was asked for yet."""
        if self._header is None:
            with self._start(0, 0) as generator:
                self._header = generator.header
        return self._header

    def _start(self, start: int, count: int | None) -> Generator[Batch]:
        values = self._arguments | {"start": start} | ({} if count is None else {"count": count})
        return Generator(self._script, [f"--{name}={value}" for name, value in values.items()], self._read)

    def batches(self, start: int = 0, count: int | None = None) -> Iterator[Batch]:
        """From unit `start` on, endlessly or `count` units; the generator starts at once. One use at a time."""
        self.close()
        self._running = self._start(start, count)
        self._header = self._running.header
        return self._iterate(self._running)

    def _iterate(self, running: Generator[Batch]) -> Iterator[Batch]:
        try:
            yield from running
        finally:
            running.close()

    def close(self) -> None:
        """Ends the child. May be called twice."""
        if self._running is not None:
            self._running.close()
            self._running = None


class DrawStream(Stream[Frames]):
    """Drawn frames. Units: frames of kind mixed, clips of four frames, sheets with their tiles, stills; `batch` units a record.

    Unlike episodes it always has an end: batches() needs a count. variety: share of drawings, fonts and photographs used.
    """

    def __init__(
        self, kind: str, split: str, seed: int, batch: int, vocabulary: Path, variety: float = 1.0
    ) -> None:
        arguments: dict[str, object] = {"kind": kind, "split": split, "seed": seed, "batch": batch}
        arguments |= {"vocabulary": vocabulary.resolve(), "variety": variety}
        super().__init__("draw-stream", arguments, read_frames)
        self.batch = batch

    @property
    def counts(self) -> TargetCounts:
        """Classes of each kind, "none" among them."""
        return TargetCounts(*(len(self.header[name]) + 1 for name in ("items", "colors", "characters", "words")))


class EpisodeStream(Stream[Episodes]):
    """Episodes about the bank of (bank_seed, clips, sheets, stills); units are batches of at most `batch_tokens` positions.

    stage: single or multi. mix: shares of batches by kind. tasks: all when empty. split: train, or val for questions
    that are never asked in training. world: train, or test for a bank of the art that training never sees. The same
    arguments give the same batches.
    """

    def __init__(
        self,
        stage: str,
        seed: int,
        batch_tokens: int,
        mix: dict[str, float] | None = None,
        max_frames: int = 8,
        tasks: tuple[str, ...] = (),
        split: str = "train",
        clips: int = 1_000,
        sheets: int = 100,
        stills: int = 0,
        bank_seed: int = 1,
        world: str = "train",
        min_frames: int = 2,
    ) -> None:
        arguments: dict[str, object] = {"stage": stage, "seed": seed, "split": split, "batch-tokens": batch_tokens}
        arguments |= {"min-frames": min_frames, "max-frames": max_frames, "tasks": ",".join(tasks)}
        arguments |= {"clips": clips, "sheets": sheets, "stills": stills, "bank-seed": bank_seed, "world": world}
        if mix is not None:
            arguments["mix"] = json.dumps(mix)
        super().__init__("episodes-stream", arguments, read_episodes)

    @property
    def task_names(self) -> list[str]:
        """A span's task is a place in this list."""
        return self.header["tasks"]

    @property
    def text_tokens(self) -> TextTokens:
        """Token ids that sights are found by."""
        return TextTokens(vocabulary=self.header["vocabulary"], **self.header["text_tokens"])

    def task_numbers(self, names: set[str]) -> set[int]:
        """Numbers of tasks by name, as spans have them."""
        return {number for number, name in enumerate(self.task_names) if name in names}
