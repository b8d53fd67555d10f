"""How much one key may ask and tell, as dated data (`data/quotas.toml`)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

STANDARD, UNLIMITED = "standard", "unlimited"
_FILE = Path(__file__).resolve().parent.parent / "data" / "quotas.toml"


@dataclass(frozen=True, slots=True)
class Quota:
    """Limits by minute and by day (of the server's clock, UTC); None: none."""

    requests_per_minute: int | None = None
    requests_per_day: int | None = None
    events_per_minute: int | None = None
    events_per_day: int | None = None


@cache
def _rows() -> list[tuple[str, date, Quota]]:
    told = tomllib.loads(_FILE.read_text(encoding="utf-8"))["quota"]
    rows = [(row.pop("class"), row.pop("since"), Quota(**row)) for row in told]
    return sorted(rows, key=lambda row: row[1])


def classes() -> frozenset[str]:
    return frozenset(name for name, _since, _quota in _rows())


def quota_of(name: str, *, on: date) -> Quota:
    """What holds for a class of keys on a day; before its first row, the first."""
    own = [(since, quota) for row, since, quota in _rows() if row == name]
    held = [quota for since, quota in own if since <= on]
    return held[-1] if held else own[0][1]
