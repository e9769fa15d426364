"""The bank: clips, sheets and stills of the training world, encoded once by the finished tower.

The language model then trains without the tower (TRAINING-NOTES): a picture of an episode is a row of the bank.

    python3 -m longlens_training.encode_bank --run training/runs/tiny --clips 36000 --sheets 3000 --stills 120000

Files in `<run>/bank/`, or in the folder of another bank of the recipe: frames in the order of the streams, raw
little-endian, KIND is clips, sheets or stills:
  settings.json     which part of the world it shows
  KIND.features     bfloat16 [n, 25, w]
  KIND.names        int16 [n, 25, k], -1 padding
An interrupted run goes on after the last whole batch.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from pathlib import Path

import numpy
import torch

from longlens_training.clip_tower import ClipTower
from longlens_training.process_settings import restart_with_settings
from longlens_training.run_log import RunLog
from longlens_training.sizes import ModelSizes
from longlens_training.streams import DrawStream
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
        """Reads the files of a bank, finished or not."""
        cells, width = sizes.tower.tokens_per_image, sizes.tower.hidden_size
        features = [read(folder / f"{kind}.features", (cells, width)) for kind in KINDS]
        names = [read(folder / f"{kind}.names", (cells, N_NAMES)) for kind in KINDS]
        done = {kind: int((folder / f"{kind}.done").read_text()) for kind in KINDS}
        settings = BankSettings(**json.loads((folder / SETTINGS_FILE).read_text(encoding="utf8")) | done)
        return Bank(torch.cat(features).view(torch.bfloat16), torch.cat(names), settings)

    def share_memory(self) -> None:
        """So that another process can have it without a copy."""
        for values in (self.features, self.names):
            values.share_memory_()


def read(path: Path, row: tuple[int, int]) -> torch.Tensor:
    """int16 [n, *row] of a raw file."""
    values = numpy.fromfile(path, dtype="<i2")
    return torch.from_numpy(values.reshape(-1, *row))


@torch.no_grad()
def encode(run: Path, settings: BankSettings, sizes: ModelSizes, vocabulary: Path, folder: Path | None = None) -> None:
    """Writes a bank with the tower of a run, its own unless another folder is named; what is already there is kept.

    Raises ValueError where there is a bank of another part of the world.
    """
    tower = load_tower(run, sizes).tower
    folder = folder or run / "bank"
    folder.mkdir(parents=True, exist_ok=True)
    note_settings(folder / SETTINGS_FILE, settings)
    log = RunLog(folder.parent, folder.name)
    for kind in KINDS:
        encode_kind(kind, getattr(settings, kind), tower, folder, settings, vocabulary, log)


def note_settings(file: Path, settings: BankSettings) -> None:
    """Says what a bank shows, once: it may grow, but not become another one."""
    if not file.exists() and any(file.parent.glob("*.done")):
        raise ValueError(f"{file}: expected it beside the bank that is there; move its folder away to encode anew")
    if file.exists():
        seed, split = (json.loads(file.read_text(encoding="utf8"))[name] for name in ("seed", "split"))
        if (seed, split) != (settings.seed, settings.split):
            expected = f"seed {settings.seed}, split {settings.split}"
            raise ValueError(f"{file}: expected a bank of {expected}, got {seed}, {split}; move its folder away to encode anew")
    file.write_text(json.dumps(dataclasses.asdict(settings)) + "\n", encoding="utf8")


def encode_kind(
    kind: str, count: int, tower: ClipTower, folder: Path, settings: BankSettings, vocabulary: Path, log: RunLog
) -> None:
    """Appends the frames of one of KINDS that are not in the files yet. One record of the stream is one unit."""
    done_file = folder / f"{kind}.done"
    done = int(done_file.read_text()) if done_file.exists() else 0
    stream = DrawStream(kind=kind, split=settings.split, seed=settings.seed, batch=16, vocabulary=vocabulary)
    frame_bytes = tower.sizes.tokens_per_image * tower.sizes.hidden_size * 2
    names_bytes = tower.sizes.tokens_per_image * N_NAMES * 2
    with (folder / f"{kind}.features").open("ab") as features_file, (folder / f"{kind}.names").open("ab") as names_file:
        frames_file = folder / f"{kind}.frames"
        frames = int(frames_file.read_text()) if done > 0 else 0
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
            frames_file.write_text(str(frames))
            done_file.write_text(str(done))
            if (done // stream.batch) % 100 == 0:
                log.write(kind=kind, units=done, frames=frames, frames_per_second=(frames - first) / (time.monotonic() - started))
    # Also of a kind that the bank has none of.
    frames_file.write_text(str(frames))
    done_file.write_text(str(done))
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
    torch.set_num_threads(arguments.threads)
    encode(arguments.run, BankSettings(arguments.clips, arguments.sheets, arguments.stills), ModelSizes(), arguments.vocabulary)


if __name__ == "__main__":
    main()
