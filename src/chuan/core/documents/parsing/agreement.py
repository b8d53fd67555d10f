"""Whether the signed PDF that came back is the one that was laid before the signer."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

from chuan.core.documents.enums import Agreement
from chuan.lib.pdfium import UnreadablePdf, page_texts

_WORD = re.compile(r"\w+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
# Twice the longest report with all its annexes; others wait while a file is read.
_MOST_PAGES = 300
# How many words of a difference are kept: enough to see what happened.
_MOST_WORDS = 40
# A signature, a seal and a received stamp, each with names and times, stay below this; a page does not.
_MOST_ADDED = 150


@dataclass(frozen=True, slots=True)
class Comparison:
    """`missing` and `added` are words of the draft not found in the signed file, and the reverse."""

    agreement: Agreement
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def compare_signed(draft: bytes, signed: bytes) -> Comparison:
    """Compare two PDF files.

    A signature that only adds to a file leaves its first bytes as they were (ISO 32000-1, 7.5.6).
    Where the file was written anew, every word of the draft must still stand in it; a number, a date
    and what a signature shows may have come on top. Words that only changed places are not noticed.
    """
    if signed.startswith(draft):
        return Comparison(Agreement.SAME_FILE)
    before, after = Counter(_words(draft)), Counter(_words(signed))
    if not after:
        return Comparison(Agreement.UNREADABLE)
    missing, added = before - after, after - before
    keeps_all = not missing and added.total() <= _MOST_ADDED
    return Comparison(
        Agreement.SAME_WORDS if keeps_all else Agreement.DIFFERENT,
        _some(missing),
        _some(added),
    )


def _words(data: bytes) -> Iterator[str]:
    return chain.from_iterable(map(_WORD.findall, _pages(data)))


def _pages(data: bytes) -> list[str]:
    """Text of each page; none at all of a file that cannot be opened, or is a book."""
    try:
        return [_plain(text) for text in page_texts(data, most_pages=_MOST_PAGES)]
    except UnreadablePdf:
        return []


def _plain(text: str) -> str:
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def _some(words: Counter[str]) -> tuple[str, ...]:
    return tuple(word[:200] for word in list(words.elements())[:_MOST_WORDS])
