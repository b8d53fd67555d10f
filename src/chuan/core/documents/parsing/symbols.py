"""Numbers and symbols of administrative documents, as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chuan.lib.vietnamese import clean

# The number column holds at most this many digits; longer ones are no document numbers.
_NUMBERED = re.compile(r"^(\d{1,6})/(\S.*)$")
_AROUND = re.compile(r"\s*([/\-–])\s*")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol taken apart: number and notation, or, where it has another form, as printed."""

    number: int | None
    notation: str
    printed: str = ""


def parse_symbol(text: str) -> Symbol:
    """“1703/QĐ-TTg” is 1703 and QĐ-TTg; “38-CT/TW” of the party and “15a/QĐ-UBND” stay whole.

    "Số:" before it, and spaces around strokes, are left out.
    """
    text = re.sub(r"^số\s*:?\s*", "", clean(text), flags=re.IGNORECASE)
    text = _AROUND.sub(lambda stroke: stroke.group(1).replace("–", "-"), text)
    match = _NUMBERED.match(text)
    if match is None:
        return Symbol(None, "", text)
    number, notation = int(match.group(1)), match.group(2)
    if number and f"{number:02d}/{notation}" == text:
        return Symbol(number, notation)
    return Symbol(None, "", text)
