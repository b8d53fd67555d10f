"""Writing calendars that other programs read: the part of RFC 5545 that all-day deadlines need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

# RFC 5545, 3.1: no line is longer than this, in octets, its end not counted.
_LONGEST = 75
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


@dataclass(frozen=True, slots=True)
class Deadline:
    """One day that fills the calendar; `uid` is the same for as long as it is about the same thing."""

    uid: str
    day: date
    summary: str
    description: str
    url: str


def calendar(name: str, deadlines: Iterable[Deadline], *, at: datetime) -> bytes:
    """A calendar of all-day entries that keep nobody busy.

    :param at: when it was drawn up, as RFC 5545 wants it of every entry.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Chuan//Deadlines//VI",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(name)}",
        "X-WR-TIMEZONE:Asia/Ho_Chi_Minh",
        "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
        "X-PUBLISHED-TTL:PT6H",
    ]
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    for one in deadlines:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(one.uid)}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.summary)}",
            f"DESCRIPTION:{_text(one.description)}",
            f"URL:{one.url}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) + b"\r\n" for line in lines)


def _text(value: str) -> str:
    """RFC 5545, 3.3.11; other control characters have no place in it."""
    readable = "".join(sign for sign in value if sign >= " " or sign in "\n\t")
    return readable.translate(_ESCAPED)


def _folded(line: str) -> bytes:
    """A long line on several, each after the first led by a space; no letter is cut in two."""
    pieces, piece, room = [], b"", _LONGEST
    for sign in line:
        octets = sign.encode()
        if len(piece) + len(octets) > room:
            pieces.append(piece)
            piece, room = b"", _LONGEST - 1
        piece += octets
    return b"\r\n ".join([*pieces, piece])
