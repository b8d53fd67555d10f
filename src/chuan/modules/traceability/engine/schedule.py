"""When a question is asked again: the schedule of EPCIS 2.0, section 8.2.5.3.

Like cron, with seconds: each field holds numbers and ranges, `5`, `1,3,[10-20]`; a field that is not
there allows every value, except that below the first field told the lowest value is meant. GS1's own
example `0/30` (every 30 from 0) and plain ranges `10-20` are understood as well.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

# From the smallest to the largest.
FIELDS: Final[Mapping[str, tuple[int, int]]] = {
    "second": (0, 59),
    "minute": (0, 59),
    "hour": (0, 23),
    "dayOfMonth": (1, 31),
    "month": (1, 12),
    "dayOfWeek": (1, 7),
}
_PIECE = re.compile(r"\[?([0-9]{1,2})(?:-([0-9]{1,2}))?\]?(?:/([0-9]{1,2}))?|\*(?:/([0-9]{1,2}))?")
# Every 29 February that is a given day of the week comes within this many years.
_HORIZON: Final = timedelta(days=366 * 41)


class BadSchedule(ValueError):
    """Fields nobody knows, or values they cannot have."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """For each field the values it may have, from second to day of week."""

    allowed: tuple[frozenset[int], ...]

    def next_after(self, moment: datetime) -> datetime | None:
        """The first second after a moment, on its clock, that fits; None when no day ever does."""
        seconds, minutes, hours = (sorted(field) for field in self.allowed[:3])
        at = (moment + timedelta(seconds=1)).replace(microsecond=0)
        day = at.date()
        until = day + _HORIZON
        earliest = (at.hour, at.minute, at.second)
        while day <= until:
            if self._fits(day.day, day.month, day.isoweekday()):
                found = _first(hours, minutes, seconds, earliest)
                if found is not None:
                    hour, minute, second = found
                    return at.replace(
                        year=day.year,
                        month=day.month,
                        day=day.day,
                        hour=hour,
                        minute=minute,
                        second=second,
                    )
            day, earliest = day + timedelta(days=1), (0, 0, 0)
        return None

    def _fits(self, day: int, month: int, weekday: int) -> bool:
        days, months, weekdays = self.allowed[3:]
        return day in days and month in months and weekday in weekdays


def read_schedule(fields: Mapping[str, object]) -> Schedule:
    """:raises BadSchedule: naming the field."""
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown or not fields:
        raise BadSchedule(f"schedule: some of {', '.join(FIELDS)} expected")
    allowed, is_finer = [], True
    for name, (low, high) in FIELDS.items():
        if name in fields:
            allowed.append(_values(name, fields[name], low, high))
            is_finer = False
        elif is_finer and name in ("second", "minute", "hour"):
            allowed.append(frozenset({low}))
        else:
            allowed.append(frozenset(range(low, high + 1)))
    return Schedule(tuple(allowed))


def _values(name: str, told: object, low: int, high: int) -> frozenset[int]:
    text = str(told).strip()
    found: set[int] = set()
    for piece in text.split(","):
        match = _PIECE.fullmatch(piece.strip())
        if match is None or piece.count("[") != piece.count("]"):
            raise BadSchedule(f"schedule.{name}: numbers and ranges like 1,[3-5] expected")
        first, last, step, of_all = match.groups()
        begin = int(first) if first else low
        end = int(last) if last else (high if step or not first else begin)
        every = int(step or of_all or 1)
        if not (low <= begin <= end <= high and every):
            raise BadSchedule(f"schedule.{name}: {low} to {high} expected")
        found.update(range(begin, end + 1, every))
    return frozenset(found)


def _first(
    hours: list[int], minutes: list[int], seconds: list[int], earliest: tuple[int, int, int]
) -> tuple[int, int, int] | None:
    """The first time of a day that is not before another."""
    for hour in hours:
        for minute in minutes:
            if (hour, minute, seconds[-1]) >= earliest:
                for second in seconds:
                    if (hour, minute, second) >= earliest:
                        return hour, minute, second
    return None
