"""Numbers in front of sections and tasks: I, A, 1, 1.1, 01), a), -."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from chuan.lib.vietnamese import from_roman
from chuan.modules.plans.parsing.spelling import small

_LETTERS = "abcdđefghijklmnopqrstuvwxyz"


class LabelKind(enum.StrEnum):
    ROMAN = "roman"
    CAPITAL = "capital"  # A, B, C
    NUMBER = "number"  # 1
    DOTTED = "dotted"  # 1.1, II.4
    LETTER = "letter"  # a)
    BULLET = "bullet"


@dataclass(frozen=True, slots=True)
class Label:
    """`code` is the label as it goes into a code: "II", "4", "1.2", "a"; "" for a bullet."""

    kind: LabelKind
    code: str
    value: int = 0


_ALONE = re.compile(
    r"""[(\[]?\s*(?:
        (?P<dotted>(?:[IVXLC]+|[A-ZĐ]|\d{1,3})(?:(?:\.\s?\d{1,3})+(?:\.?[a-zđ])?|\.[a-zđ]))
      | (?P<number>\d{1,4})
      | (?P<roman>[IVXL]+)
      | (?P<capital>[A-HĐ])
      | (?P<letter>[a-zđ])
      | (?P<bullet>[-–—+*•·▪‐o])
    )\s*[.)\]:/]*\s*""",
    re.VERBOSE,
)
_LEADING = re.compile(
    r"""\s*(?:
        (?P<dotted>(?:[IVXLC]+|[A-ZĐ]|\d{1,3})(?:\.\d{1,3})+)[.)\]:]*\s+
      | (?P<number>\d{1,3})\s*[.)\]:/]+\s*
      | (?P<roman>[IVXL]+)\s*(?:[.)\]:/]+\s*|[-–—]\s+)
      | (?P<capital>[A-HĐ])\s*(?:[.)\]:/]+\s*|[-–—]\s+)
      | (?P<letter>[a-zđ])\s*[.)\]]+\s*
      | (?P<bullet>[-–—+*•·▪‐])\s*
    )(?=\S)""",
    re.VERBOSE,
)
_NAMED = re.compile(
    r"\s*(?:mục|phần|nhóm|mục tiêu|chương|nhóm nhiệm vụ|lĩnh vực)\s+"
    r"(?P<code>[IVXL]+|[A-HĐ]|\d{1,2})\s*[.:)–-]?\s*(?=\S|$)",
    re.IGNORECASE,
)


def read_label(text: str) -> Label | None:
    """The label that is the whole of a cell: "II", "1.", "01", "(2)", "a)", "-"."""
    found = _ALONE.fullmatch(text.strip())
    return _label(found) if found else None


def take_label(text: str) -> tuple[Label | None, str]:
    """A label at the start of a text, marked as one by a full stop, a bracket or a dash."""
    found = _LEADING.match(text)
    if found:
        label = _label(found)
        if label:
            return label, text[found.end() :]
    found = _NAMED.match(text)
    if found:
        label = read_label(found["code"].upper())
        if label:
            return label, text[found.end() :]
    return None, text


def letter_position(letter: str) -> int:
    """0 for a, 4 for đ: the order of points in Vietnamese documents; -1 for no such letter.

    Automatic lists of Word know no đ but f, j, w and z: these stand where English has them.
    """
    return _LETTERS.find(small(letter))


def _label(found: re.Match[str]) -> Label | None:
    if dotted := found["dotted"]:
        code = re.sub(r"\s", "", dotted)
        return Label(LabelKind.DOTTED, code, int(re.sub(r"\D", "", code.split(".")[-1]) or 0))
    if number := found["number"]:
        return Label(LabelKind.NUMBER, str(int(number)), int(number))
    if roman := found["roman"]:
        try:
            return Label(LabelKind.ROMAN, roman, from_roman(roman))
        except ValueError:
            return None
    if capital := found["capital"]:
        return Label(LabelKind.CAPITAL, capital, letter_position(capital) + 1)
    if letter := found["letter"]:
        return Label(LabelKind.LETTER, letter, letter_position(letter) + 1)
    return Label(LabelKind.BULLET, "")
