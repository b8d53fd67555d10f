"""Draws the icon sprite anew from the package @tabler/icons: `npm ci && npm run vendor:icons`.

The names are those of Tabler. The built sprite is committed, so that nobody who runs Chuẩn needs Node.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "node_modules" / "@tabler" / "icons"
IMG = ROOT / "src" / "chuan" / "core" / "ui" / "static" / "ui" / "img"

NAMES = """
adjustments alert-circle alert-octagon alert-triangle archive arrow-down arrow-left arrow-right arrow-up arrows-sort award
ban bell book-2 building building-community building-factory-2 calendar calendar-due certificate chart-bar check checks
chevron-down chevron-left chevron-right circle circle-check circle-dashed circle-half-2 clipboard-check clipboard-list clock
clock-exclamation coin copy corner-up-left database device-desktop device-floppy dots download external-link eye file-diff
file-search file-spreadsheet file-text file-type-docx file-type-pdf file-zip filter flag folder gavel git-merge hash
help-circle hierarchy history home hourglass inbox info-circle key language layout-dashboard leaf link list-check
lock lock-open logout login mail map-pin menu-2 message message-question message-reply minus moon package paperclip pencil phone
photo plus printer qrcode refresh replace restore ruler-2 scale school search send server settings shield-check shield-lock
sitemap sort-ascending sort-descending stack-2 star sun table target trash truck upload user user-plus users versions world x
""".split()

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
