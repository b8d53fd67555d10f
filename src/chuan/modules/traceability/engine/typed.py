"""Identifiers as people type, scan or paste them."""

from __future__ import annotations

import re
from typing import Final

from chuan.modules.traceability.engine.digits import has_right_check_digit
from chuan.modules.traceability.engine.keys import ROOT, Key, read
from chuan.modules.traceability.engine.patterns import BadPattern, read_pattern
from chuan.modules.traceability.engine.schemes import QUALIFIERS

_ELEMENT: Final = re.compile(r"\((\d{2,4})\)\s*([^()]+)")
# By how many digits stand alone: a GTIN, or the number of a pallet.
_GTINS: Final = frozenset({8, 12, 13, 14})
_SSCC: Final = 18


class NotAnIdentifier(ValueError):
    """Nothing an event could be found by."""


def read_typed(text: str) -> str:
    """The canonical link of what was typed, or the pattern it is.

    Taken: a Digital Link or EPC URN, a pattern of EPCs, `(01)08934567123457 (10)L1` as it stands on
    a label, the digits of a bar code (GTIN or SSCC), any other URI.

    :raises NotAnIdentifier: none of these, or its check digit is wrong.
    """
    text = text.strip()
    elements = _ELEMENT.findall(text)
    if elements:
        link = _of_elements(elements)
    elif re.fullmatch(r"[0-9 ]+", text):
        link = _of_digits(text.replace(" ", ""))
    elif re.match(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z", text):
        link = text
    else:
        raise NotAnIdentifier(text)
    if link.startswith("urn:epc:idpat:") or link.endswith("/*"):
        try:
            read_pattern(link)
        except BadPattern:
            raise NotAnIdentifier(text) from None
        return link
    key = read(link)
    if key is None:
        if link.startswith(("urn:epc:", ROOT)):
            raise NotAnIdentifier(text)
        return link
    if not key.has_right_check_digit:
        raise NotAnIdentifier(text)
    return key.link


def everything_of(link: str) -> str:
    """A kind of goods stands for all its lots and items; everything else for itself."""
    key = read(link)
    if key is not None and key.ai == "01" and not key.qualifier_ai and not link.endswith("/*"):
        return f"{key.link}/*"
    return link


def _of_elements(elements: list[tuple[str, str]]) -> str:
    first, *rest = [(ai, value.strip()) for ai, value in elements]
    steps = [(ai, value) for ai, value in rest if ai in QUALIFIERS]
    if first[0] == "01":
        first = ("01", first[1].zfill(14))
    return ROOT + "/".join(f"{ai}/{value}" for ai, value in [first, *steps])


def _of_digits(digits: str) -> str:
    if len(digits) in _GTINS and has_right_check_digit(digits):
        return Key("01", digits.zfill(14)).link
    if len(digits) == _SSCC and has_right_check_digit(digits):
        return Key("00", digits).link
    raise NotAnIdentifier(digits)
