"""Comparing Vietnamese text letter by letter: every key here is as long as the text it is made of.

That lets a match in the key be cut out of the original. The keys of `lib.vietnamese` are for
storing and searching; they change the length.
"""

from __future__ import annotations

import re
import unicodedata

from chuan.lib.vietnamese import clean

_OLD_PLACES = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ"
_NEW_PLACES = "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy"
_TONE_PLACES = dict(zip(_OLD_PLACES.split(), _NEW_PLACES.split(), strict=True))
# Only open syllables have two spellings (hoá, thuỷ), and "quý" is always "quý".
_OLD_TONE = re.compile("(?<!q)(?:" + "|".join(_TONE_PLACES) + r")(?!\w)")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_DASH = re.compile("[‐‑‒–—―−]")
_QUOTES = {ord(c): '"' for c in "“”„«»"} | {ord(c): "'" for c in "‘’"}
_SPACES = re.compile(r"\s+")

# "08-\nNQ/TW", "QĐ-\nUBND": a notation broken at its hyphen
_BROKEN_NOTATION = re.compile(r"(?<=[\dA-ZĐ])-\s+(?=[A-ZĐ]{2,}[\w/-]*(?:\W|$))")


def _bare_letters() -> dict[int, str]:
    table: dict[int, str] = {ord("đ"): "d", ord("Đ"): "d"}
    for block in (range(0xC0, 0x250), range(0x1E00, 0x1F00)):
        for code in block:
            base = unicodedata.normalize("NFD", chr(code))[0].lower()
            if base.isascii():
                table.setdefault(code, base)
    return table


_BARE = _bare_letters()
_SMALL = {
    code: chr(code).lower()
    for block in (range(0x41, 0x5B), range(0xC0, 0x250), range(0x1E00, 0x1F00))
    for code in block
    if len(chr(code).lower()) == 1
}


def small(text: str) -> str:
    """Lower case, as long as the text."""
    lowered = text.lower()  # a few foreign letters grow when made small
    return lowered if len(lowered) == len(text) else text.translate(_SMALL)


def fold(text: str) -> str:
    """Lower case, one place for every tone mark (hoá = hóa), plain dashes; as long as the text."""
    lowered = small(text)
    if _DASH.search(lowered):
        lowered = lowered.translate(_DASHES)
    return _OLD_TONE.sub(lambda found: _TONE_PLACES[found.group()], lowered)


def bare(text: str) -> str:
    """Lower case without any mark (thanh = thành); as long as the text."""
    return small(text).translate(_DASHES).translate(_BARE)


def squeeze(text: str) -> str:
    """One line: every run of spaces and breaks one space, notations broken at a hyphen joined."""
    joined = _BROKEN_NOTATION.sub("-", text)
    return _SPACES.sub(" ", joined).strip()


def plain_line(text: str) -> str:
    """A line as meant: NFC, no invisible characters, single spaces."""
    return clean(text).replace("\n", " ")


def words(text: str) -> list[str]:
    """The words of a text in folded form, without punctuation."""
    return re.findall(r"\w+", fold(text))


def plain_marks(text: str) -> str:
    """The same text with ordinary dashes and quotation marks."""
    return text.translate(_DASHES).translate(_QUOTES)


def sentence_start(text: str) -> str:
    """The text with its first letter a capital."""
    return text[:1].upper() + text[1:]
