"""The bank: clips, sheets and stills of the training world, encoded once by the finished tower.

The language model then trains without the tower (TRAINING-NOTES): a picture of an episode is a row of the bank.

    python3 -m longlens_training.encode_bank --run training/runs/tiny --clips 36000 --sheets 3000 --stills 120000

Files in `<run>/bank/`, or in the folder of another bank of the recipe: frames in the order of the streams, raw
little-endian, KIND is clips, sheets or stills:
  settings.json     which part of the world it shows, and how many images its tower had learnt from
  KIND.features     bfloat16 [n, 25, w]
  KIND.names        int16 [n, 25, k], -1 padding
  KIND.done         units (clips, sheets or stills) and frames that are whole; what the others hold beyond is not
An interrupted run goes on after the last whole batch.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path

import torch

from longlens_training import checkpoint
from longlens_training.clip_tower import ClipTower
from longlens_training.process_settings import restart_with_settings
from longlens_training.run_log import RunLog
from longlens_training.shared_memory import room_for
from longlens_training.sizes import ModelSizes
from longlens_training.streams import DrawStream, StreamEnded
from longlens_training.threads import set_threads
from longlens_training.trained_tower import load_tower

N_NAMES = 8
#: Kinds of DrawStream that a bank has, in the order of its frames.
KINDS = ("clips", "sheets", "stills")
SETTINGS_FILE = "settings.json"


@dataclasses.dataclass(frozen=True)
class BankSettings:
    """Which part of the endless world is encoded. split: train, or test for the art that training never sees.

    A model that meets a text too often learns the picture instead of reading (LOG.md): stills show one each.
    """

    clips: int = 36_000
    sheets: int = 3_000
    stills: int = 120_000
    seed: int = 2
    split: str = "train"

    def stream_arguments(self) -> dict[str, int | str]:
        """Arguments of EpisodeStream that say what its episodes are about."""
        counts = {kind: getattr(self, kind) for kind in KINDS}
        return counts | {"bank_seed": self.seed, "world": self.split}


@dataclasses.dataclass(frozen=True)
class Bank:
    """features: [n, C, w] bfloat16; names: [n, C, k] int16. In the order of KINDS; settings: what is whole of it."""

    features: torch.Tensor
    names: torch.Tensor
    settings: BankSettings

    @staticmethod
    def load(folder: Path, sizes: ModelSizes) -> Bank:
        """Reads what is whole of a bank, into shared memory where there is room. Raises StreamEnded for files too short."""
        cells, width = sizes.tower.tokens_per_image, sizes.tower.hidden_size
        done = {kind: Done.read(folder, kind) for kind in KINDS}
        frames = {kind: part.frames for kind, part in done.items()}
        settings = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf8"))
        del settings["images"]
        units = {kind: part.units for kind, part in done.items()}
        features = read(folder, "features", frames, (cells, width)).view(torch.bfloat16)
        return Bank(features, read(folder, "names", frames, (cells, N_NAMES)), BankSettings(**settings | units))


def read(folder: Path, what: str, frames: dict[str, int], row: tuple[int, int]) -> torch.Tensor:
    """int16 [n, *row]: the first frames of each kind's raw file, one kind behind the other."""
    values = torch.empty(sum(frames.values()), *row, dtype=torch.int16)
    if room_for(values.numel() * values.element_size()):
        # Before it is filled: another process can then have it, and there is never a second copy.
        values.share_memory_()
    for kind, part in zip(frames, values.split(list(frames.values()))):
        with (folder / f"{kind}.{what}").open("rb") as file:
            expected = part.numel() * part.element_size()
            got = file.readinto(memoryview(part.numpy()).cast("B")) if expected > 0 else 0
            if got != expected:
                raise StreamEnded(f"{file.name}: expected {expected} bytes, got {got}")
    return values


@dataclasses.dataclass(frozen=True)
class Done:
    """How much of one of KINDS is whole."""

    units: int = 0
    frames: int = 0

    @staticmethod
    def read(folder: Path, kind: str) -> Done:
        """Nothing where nothing was written."""
        file = folder / f"{kind}.done"
        return Done(*map(int, file.read_text().split())) if file.exists() else Done()

    def write(self, folder: Path, kind: str) -> None:
        """Both numbers or none: one without the other would give every later frame another's place."""
        partial = folder / f"{kind}.done.partial"
        partial.write_text(f"{self.units} {self.frames}\n")
        partial.replace(folder / f"{kind}.done")


@torch.no_grad()
def encode(run: Path, settings: BankSettings, sizes: ModelSizes, vocabulary: Path, folder: Path | None = None) -> None:
    """Writes a bank with the tower of a run, its own unless another folder is named; what is already there is kept.

    Raises ValueError where there is a bank of another part of the world.
    """
    tower = load_tower(run, sizes).tower
    folder = folder or run / "bank"
    folder.mkdir(parents=True, exist_ok=True)
    note_settings(folder / SETTINGS_FILE, settings, checkpoint.read_counters(run / "tower")["images"])
    log = RunLog(folder.parent, folder.name)
    for kind in KINDS:
        encode_kind(kind, getattr(settings, kind), tower, folder, settings, vocabulary, log)


def note_settings(file: Path, settings: BankSettings, images: int) -> None:
    """Says what a bank shows and what its tower had learnt from, once: it may grow, but not become another one."""
    if not file.exists() and any(file.parent.glob("*.done")):
        raise ValueError(f"{file}: expected it beside the bank that is there; move its folder away to encode anew")
    if file.exists():
        noted = json.loads(file.read_text(encoding="utf8"))
        got = f"seed {noted['seed']}, split {noted['split']}, tower of {noted['images']} images"
        expected = f"seed {settings.seed}, split {settings.split}, tower of {images} images"
        if got != expected:
            raise ValueError(f"{file}: expected a bank of {expected}, got {got}; move its folder away to encode anew")
    file.write_text(json.dumps(dataclasses.asdict(settings) | {"images": images}) + "\n", encoding="utf8")


def encode_kind(
    kind: str, count: int, tower: ClipTower, folder: Path, settings: BankSettings, vocabulary: Path, log: RunLog
) -> None:
    """Appends the frames of one of KINDS that are not in the files yet. One record of the stream is one unit."""
    whole = Done.read(folder, kind)
    done, frames = whole.units, whole.frames
    stream = DrawStream(kind=kind, split=settings.split, seed=settings.seed, batch=16, vocabulary=vocabulary)
    frame_bytes = tower.sizes.tokens_per_image * tower.sizes.hidden_size * 2
    names_bytes = tower.sizes.tokens_per_image * N_NAMES * 2
    with (folder / f"{kind}.features").open("ab") as features_file, (folder / f"{kind}.names").open("ab") as names_file:
        # A batch that was only half written when the process died is cut off.
        features_file.truncate(frames * frame_bytes)
        names_file.truncate(frames * names_bytes)
        started, first = time.monotonic(), frames
        for batch in stream.batches(start=done, count=count - done):
            features = tower(batch.pixels).to(torch.bfloat16).view(torch.int16)
            features_file.write(features.numpy().tobytes())
            names_file.write(batch.names.to(torch.int16).numpy().tobytes())
            features_file.flush()
            names_file.flush()
            frames += len(batch.pixels)
            done = min(count, done + stream.batch)
            Done(done, frames).write(folder, kind)
            if (done // stream.batch) % 100 == 0:
                log.write(kind=kind, units=done, frames=frames, frames_per_second=(frames - first) / (time.monotonic() - started))
    # Also of a kind that the bank has none of.
    Done(done, frames).write(folder, kind)
    log.write(kind=kind, units=done, frames=frames, finished=True)


def main() -> None:
    """Command line."""
    restart_with_settings()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=BankSettings.clips)
    parser.add_argument("--sheets", type=int, default=BankSettings.sheets)
    parser.add_argument("--stills", type=int, default=BankSettings.stills)
    parser.add_argument("--vocabulary", type=Path, default=Path("training/tokenizer/tokenizer.model"))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    encode(arguments.run, BankSettings(arguments.clips, arguments.sheets, arguments.stills), ModelSizes(), arguments.vocabulary)


if __name__ == "__main__":
    main()
