"""The hidden part of a workbook: which form it is, whose, and what stood in its cells.

Of each cell only a digest is kept: enough to tell whether the person changed it. Signed, so that a file
put together by hand is not taken for ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.signing import BadSignature, Signer

from chuan.core.workbooks.book import Book

MARK = "#chuan:seal"
# Characters in one cell of the hidden sheet.
PIECE = 8000
_SALT = "chuan.workbooks"
_DIGEST = 16


class BrokenSeal(ValueError):
    """The hidden part is missing or was changed."""


@dataclass(frozen=True, slots=True)
class Seal:
    kind: str
    number: int
    subject: str
    subject_name: str
    # table → row → column → digest of what stood there when the file was made
    stood: Mapping[str, Mapping[str, Mapping[str, str]]]

    def digest_of(self, table: str, row: str, column: str) -> str | None:
        return self.stood.get(table, {}).get(row, {}).get(column)


def digest(canonical: str) -> str:
    return hashlib.sha256(canonical.encode()).hexdigest()[:_DIGEST]


def lines_of(book: Book) -> list[str]:
    """The cells of the hidden sheet, from the top."""
    stood = {
        table.key: {
            row.id: {
                column.key: digest(column.kind.canonical(row.values.get(column.key)))
                for column in table.columns
                if table.is_open(row, column)
            }
            for row in table.rows
        }
        for table in book.tables
    }
    told = {
        "kind": book.kind,
        "number": book.number,
        "subject": book.subject,
        "name": book.subject_name,
        "stood": stood,
    }
    text = json.dumps(told, separators=(",", ":"), sort_keys=True)
    pieces = [text[at : at + PIECE] for at in range(0, len(text), PIECE)]
    return [MARK, _signer().sign(_whole(text)), *pieces]


def read_lines(lines: list[Any]) -> Seal:
    """:raises BrokenSeal: not as `lines_of` made them."""
    if len(lines) < 3 or lines[0] != MARK or not all(isinstance(line, str) for line in lines):
        raise BrokenSeal
    text = "".join(lines[2:])
    try:
        if _signer().unsign(lines[1]) != _whole(text):
            raise BrokenSeal
    except BadSignature:
        raise BrokenSeal from None
    told = json.loads(text)
    return Seal(told["kind"], told["number"], told["subject"], told["name"], told["stood"])


def _whole(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _signer() -> Signer:
    return Signer(salt=_SALT)
