"""Cuts square crops out of Debian's wallpapers, one JPEG atlas per split."""

from __future__ import annotations

import io
import pathlib
import random
import subprocess

from PIL import Image

import catalogue

CELL = 192
COLUMNS = 10
QUALITY = 80
#: Crops smaller than this part of the picture's shorter side show texture only.
SMALLEST_CROP = 0.45
ROOT = pathlib.Path("/usr/share")


def opened(path: pathlib.Path) -> Image.Image:
    if path.suffix == ".svg":
        png = subprocess.run(["rsvg-convert", "-w", "1600", str(path)], capture_output=True, check=True).stdout
        return Image.open(io.BytesIO(png)).convert("RGB")
    image = Image.open(path)
    image.draft("RGB", (1600, 1600))
    return image.convert("RGB")


def crops(path: pathlib.Path, first: int, count: int) -> list[Image.Image]:
    """`count` crops from number `first` on. 0 is the middle, the rest squares of random size and place; always the same."""
    image = opened(path)
    choice = random.Random(path.name)
    shorter = min(image.size)
    cut = []
    for number in range(first + count):
        side = shorter if number == 0 else round(shorter * choice.uniform(SMALLEST_CROP, 0.9))
        left = (image.width - side) // 2 if number == 0 else choice.randint(0, image.width - side)
        top = (image.height - side) // 2 if number == 0 else choice.randint(0, image.height - side)
        square = image.crop((left, top, left + side, top + side))
        if number >= first:
            cut.append(square.resize((CELL, CELL), Image.LANCZOS))
    return cut


def further(path: str) -> int:
    """How many times as many crops stand behind all others."""
    return catalogue.FURTHER_CROPS[pathlib.PurePath(path).suffix]


def make_photos(out: pathlib.Path) -> dict[str, int]:
    counts = {}
    for split, listed in [("train", catalogue.TRAIN_PHOTOS), ("test", catalogue.TEST_PHOTOS)]:
        cut = [crop for path, count in listed for crop in crops(ROOT / path, 0, count)]
        if split == "train":
            cut += [crop for path, count in listed for crop in crops(ROOT / path, count, further(path) * count)]
        atlas = Image.new("RGB", (COLUMNS * CELL, -(-len(cut) // COLUMNS) * CELL))
        for index, crop in enumerate(cut):
            atlas.paste(crop, (index % COLUMNS * CELL, index // COLUMNS * CELL))
        atlas.save(out / f"photos-{split}.jpg", quality=QUALITY, optimize=True)
        counts[split] = len(cut)
    return counts
