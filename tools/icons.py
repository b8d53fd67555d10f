"""Draws the icon sprite anew from the package @tabler/icons: `npm ci && npm run vendor:icons`.

The names in icons.txt are those of Tabler. The built sprite is committed, so that nobody who runs Chuẩn needs Node.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "@tabler" / "icons"
IMG = ROOT / "src" / "chuan" / "core" / "ui" / "static" / "ui" / "img"

NAMES = Path(__file__).with_name("icons.txt").read_text(encoding="utf-8").split()

HEAD = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" '
    'stroke-linecap="round" stroke-linejoin="round">'
)


def symbol(name: str) -> str:
    """One drawing of the package as a symbol of the sprite."""
    svg = (PACKAGE / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    paths = re.findall(r"<(?:path|circle|rect|line)[^>]*/>", svg)
    drawn = [path for path in paths if 'd="M0 0h24v24H0z"' not in path]
    return HEAD.format(name=name) + "".join(drawn) + "</symbol>"


def main() -> None:
    symbols = "\n".join(symbol(name) for name in sorted(NAMES))
    sprite = f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'
    (IMG / "icons.svg").write_text(sprite, encoding="utf-8")
    shutil.copy(PACKAGE / "LICENSE", IMG / "LICENSE-MIT-tabler-icons.txt")
    print(f"{len(NAMES)} icons")


if __name__ == "__main__":
    main()
