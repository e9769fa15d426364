"""Draws the emoji of the catalogue into sheets of square cells."""

from __future__ import annotations

import dataclasses
import io
import json
import pathlib
import subprocess

from fontTools.ttLib import TTFont
from PIL import Image

import catalogue

CELL = 72
COLUMNS = 32
NOTO = "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf"
#: Emoji of Debian's fonts-noto-color-emoji, by the names of the newer Iconify set, which lists their codepoints.
NOTO_STYLE = "noto"


@dataclasses.dataclass(frozen=True)
class Sprite:
    name: str
    style: str
    emoji: str
    image: Image.Image


class IconSet:
    """SVG bodies of one @iconify-json package."""

    def __init__(self, folder: pathlib.Path) -> None:
        icons = json.loads((folder / "icons.json").read_text())
        self.width, self.height = icons.get("width", 16), icons.get("height", 16)
        self.icons = icons["icons"]
        self.by_name = {name.replace("-", ""): name for name in self.icons}
        for alias, target in icons.get("aliases", {}).items():
            if set(target) == {"parent"} and target["parent"] in self.icons:
                self.by_name.setdefault(alias.replace("-", ""), target["parent"])

    def find(self, emoji: str) -> str | None:
        return self.by_name.get(emoji.replace("-", ""))

    def draw(self, name: str) -> Image.Image:
        icon = self.icons[name]
        width, height = icon.get("width", self.width), icon.get("height", self.height)
        box = f'{icon.get("left", 0)} {icon.get("top", 0)} {width} {height}'
        svg = (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
            f'width="288" height="288" viewBox="{box}">{icon["body"]}</svg>'
        )
        png = subprocess.run(["rsvg-convert"], input=svg.encode(), capture_output=True, check=True).stdout
        return Image.open(io.BytesIO(png)).convert("RGBA")


class NotoFont:
    """Debian's colour emoji font: PNG bitmaps of 136x128."""

    def __init__(self, icon_folder: pathlib.Path) -> None:
        font = TTFont(NOTO)
        self.characters = font.getBestCmap()
        self.strikes = font["CBDT"].strikeData[0]
        self.codepoints: dict[str, int] = {}
        for codes, name in json.loads((icon_folder / "chars.json").read_text()).items():
            if "-" not in codes:
                self.codepoints.setdefault(name.replace("-", ""), int(codes, 16))

    def find(self, emoji: str) -> str | None:
        code = self.codepoints.get(emoji.replace("-", ""))
        return self.characters.get(code) if code is not None else None

    def draw(self, name: str) -> Image.Image:
        return Image.open(io.BytesIO(self.strikes[name].imageData)).convert("RGBA")


def fitted(image: Image.Image) -> Image.Image:
    """The drawing alone, its longer side filling the cell but for a border of one pixel; few colours."""
    premultiplied = image.convert("RGBa")
    box = image.getchannel("A").point(lambda a: 255 if a > 24 else 0).getbbox()
    if box is None:
        raise ValueError("an empty drawing")
    drawing = premultiplied.crop(box)
    scale = (CELL - 2) / max(drawing.size)
    size = (max(1, round(drawing.width * scale)), max(1, round(drawing.height * scale)))
    small = drawing.resize(size, Image.LANCZOS).convert("RGBA")
    cell = Image.new("RGBA", (CELL, CELL))
    cell.paste(small, ((CELL - size[0]) // 2, (CELL - size[1]) // 2))
    return cell.quantize(96, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).convert("RGBA")


def find_sprites(sources: dict[str, IconSet | NotoFont], name: str, emojis: list[str]) -> list[Sprite]:
    sprites = []
    for style, source in sources.items():
        seen: set[str] = set()
        for emoji in emojis:
            found = source.find(emoji)
            if found is None or found in seen:
                continue
            seen.add(found)
            sprites.append(Sprite(name, style, emoji, fitted(source.draw(found))))
    return sprites


def unknown_sprites(sources: dict[str, IconSet | NotoFont], emojis: list[str], each: int) -> list[Sprite]:
    """At most `each` drawings of one emoji, from one style after the other so that all styles are used alike."""
    sprites = []
    styles = list(sources)
    for number, emoji in enumerate(dict.fromkeys(emojis)):
        order = {style: sources[style] for style in styles[number % len(styles) :] + styles[: number % len(styles)]}
        sprites += find_sprites(order, "unknown", [emoji])[:each]
    return sprites


def sheet_of(sprites: list[Sprite]) -> Image.Image:
    rows = -(-len(sprites) // COLUMNS)
    sheet = Image.new("RGBA", (COLUMNS * CELL, rows * CELL))
    for index, sprite in enumerate(sprites):
        sheet.paste(sprite.image, (index % COLUMNS * CELL, index // COLUMNS * CELL))
    return sheet


def make_sprites(packages: pathlib.Path, out: pathlib.Path) -> list[tuple[Sprite, str | None]]:
    """One sheet. Things with names are drawn for both splits, those without (other kinds in each) for the one named."""
    sources: dict[str, IconSet | NotoFont] = {NOTO_STYLE: NotoFont(packages / NOTO_STYLE)}
    sources |= {style: IconSet(packages / style) for style in catalogue.STYLES}
    named = [s for name, emojis in catalogue.OBJECTS.items() for s in find_sprites(sources, name, emojis)]
    drawn: list[tuple[Sprite, str | None]] = [(sprite, None) for sprite in named]
    drawn += [(sprite, "train") for sprite in unknown_sprites(sources, catalogue.UNKNOWN_TRAIN, 2)]
    drawn += [(sprite, "test") for sprite in unknown_sprites(sources, catalogue.UNKNOWN_TEST, 1)]
    sheet_of([sprite for sprite, _ in drawn]).save(out / "sprites.webp", lossless=True, quality=100, method=6)
    return drawn
