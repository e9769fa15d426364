"""Draws the characters of the fonts of the catalogue into one gray sheet per split."""

from __future__ import annotations

import pathlib
import subprocess

from PIL import Image, ImageDraw, ImageFont

import catalogue

#: Height of the capital H in every font.
CAPITAL = 32
BASELINE = 44
ROW = 60
GAP = 2


def font_files() -> dict[str, str]:
    listed = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, check=True, text=True).stdout
    return {pathlib.Path(path).stem: path for path in sorted(listed.split("\n"), reverse=True) if path}


def sized(path: str) -> ImageFont.FreeTypeFont:
    """The size at which a capital H comes nearest to 32 pixels."""

    def height(size: int) -> int:
        _, top, _, bottom = ImageFont.truetype(path, size).getbbox("H", anchor="ls")
        return bottom - top

    size = min(range(24, 80), key=lambda size: abs(height(size) - CAPITAL))
    return ImageFont.truetype(path, size)


def draw_font(path: str) -> tuple[Image.Image, list[list[float]]]:
    """One row with all characters, and for each: x, width, left (from the pen to the first column), advance; pixels."""
    font = sized(path)
    places: list[list[float]] = []
    row = Image.new("L", (4096, ROW))
    x = GAP
    for character in catalogue.CHARACTERS:
        left, _, right, _ = font.getbbox(character, anchor="ls")
        left, width = left - 1, right - left + 2
        glyph = Image.new("L", (width, ROW))
        ImageDraw.Draw(glyph).text((-left, BASELINE), character, fill=255, font=font, anchor="ls")
        row.paste(glyph, (x, 0))
        places.append([x, width, left, round(font.getlength(character), 2)])
        x += width + GAP
    if x > row.width:
        raise ValueError(f"{path}: a row of {x} pixels")
    return row.crop((0, 0, x, ROW)), places


def make_glyphs(out: pathlib.Path) -> dict[str, list[dict]]:
    files = font_files()
    result = {}
    for split, names in [("train", catalogue.TRAIN_FONTS), ("test", catalogue.TEST_FONTS)]:
        drawn = [(name, *draw_font(files[name])) for name in names]
        sheet = Image.new("L", (max(row.width for _, row, _ in drawn), ROW * len(drawn)))
        for index, (_, row, _) in enumerate(drawn):
            sheet.paste(row, (0, index * ROW))
        # 16 levels are as good as 256 after scaling, at half the size.
        sheet = sheet.point(lambda level: round(level / 17) * 17)
        sheet.save(out / f"glyphs-{split}.png", optimize=True)
        result[split] = [{"name": name, "places": places} for name, _, places in drawn]
    return result
