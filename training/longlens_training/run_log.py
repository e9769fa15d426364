"""The log of a run: one JSON object a line, for people and for plots, also printed."""

from __future__ import annotations

import json
import time
from pathlib import Path


class RunLog:
    """Appends to `<folder>/<stage>.jsonl`; a resumed run goes on in the same file."""

    def __init__(self, folder: Path, stage: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{stage}.jsonl"
        self._started = time.monotonic()

    def write(self, **values: object) -> None:
        """Adds a line with the seconds since this process began and the given values."""
        line = {"seconds": round(time.monotonic() - self._started, 1), **rounded(values)}
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        print(json.dumps(line), flush=True)


def rounded(value: object) -> object:
    """Floats to four digits, also inside dictionaries."""
    if isinstance(value, float):
        return round(value, 4)
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return value
