"""Makes models/longlens-tiny/world/ from Debian's fonts and wallpapers and npm's emoji sets (see README.md).

usage: python3 training/art/make_art_pack.py PACKAGES OUT
PACKAGES holds the unpacked @iconify-json packages, one folder per style (noto, twemoji, ...).
"""

from __future__ import annotations

import json
import pathlib
import sys

from PIL import Image

import catalogue
import glyphs
import photos
import sprites

# Some wallpapers are larger than what Pillow takes for an attack.
Image.MAX_IMAGE_PIXELS = None


def main(packages: pathlib.Path, out: pathlib.Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    drawn = sprites.make_sprites(packages, out)
    fonts = glyphs.make_glyphs(out)
    counts = photos.make_photos(out)
    index = {
        "version": 1,
        "sprites": {
            "cell": sprites.CELL,
            "columns": sprites.COLUMNS,
            "file": "sprites.webp",
            "drawings": [
                {"name": s.name, "style": s.style, "emoji": s.emoji, **({"split": split} if split else {})}
                for s, split in drawn
            ],
        },
        "glyphs": {
            "capital": glyphs.CAPITAL,
            "baseline": glyphs.BASELINE,
            "row": glyphs.ROW,
            "characters": catalogue.CHARACTERS,
            **{split: {"file": f"glyphs-{split}.png", "fonts": fonts[split]} for split in fonts},
        },
        "photos": {
            "cell": photos.CELL,
            "columns": photos.COLUMNS,
            **{split: {"file": f"photos-{split}.jpg", "count": counts[split]} for split in counts},
        },
    }
    (out / "art.json").write_text(json.dumps(index, separators=(",", ":")) + "\n")
    print({name: sum(s.name == name for s, _ in drawn) for name in [*catalogue.OBJECTS, "unknown"]})
    for split in ("train", "test"):
        print(split, f"{len(fonts[split])} fonts", f"{counts[split]} photographs")
    print(sum(file.stat().st_size for file in out.iterdir()), "bytes")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
