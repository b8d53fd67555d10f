"""Where communes stand on the map of tiles: our own grid, read from `data/tiles.csv`."""

from __future__ import annotations

import csv
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A block of neighbours, called after what they belonged to, and the place in it."""

    block: str
    position: int


def read_places(text: str) -> dict[str, Place]:
    """Places by the commune's code; lines that begin with # are for readers."""
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return {row["code"]: Place(row["block"], int(row["position"])) for row in csv.DictReader(lines)}
