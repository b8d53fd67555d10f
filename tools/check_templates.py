"""Compile every template of the project: a misspelt tag is found before a person opens the page."""

from __future__ import annotations

import sys
from pathlib import Path

import django
from django.template import TemplateSyntaxError, engines

SOURCE = Path(__file__).resolve().parents[1] / "src"


def main() -> int:
    django.setup()
    engine = engines["django"]
    faults = 0
    for path in sorted(SOURCE.glob("**/templates/**/*")):
        if path.suffix not in {".html", ".txt", ".svg", ".xml"}:
            continue
        try:
            engine.from_string(path.read_text())
        except TemplateSyntaxError as error:
            faults += 1
            print(f"{path.relative_to(SOURCE)}: {error}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
