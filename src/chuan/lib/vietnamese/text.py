"""Vietnamese text: one form on write, keys to search and to sort, spellings that mean the same."""

from __future__ import annotations

import re
import unicodedata

TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
"""Rank of each tone mark as dictionaries order them: (none) huyền hỏi ngã sắc nặng."""

_MARKS = re.compile("[\u0300-\u036f]")
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_D = str.maketrans({"đ": "d", "Đ": "d"})
# Zero-width and direction marks, soft hyphen, byte order mark: pasted from Word and PDF, never meant.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_SPACES = re.compile(r"[^\S\n]+")
_BETWEEN_WORDS = re.compile("[^\\w\u0300-\u036f]|_")
_SHAPES = {"\u0306": "1", "\u0302": "2", "\u031b": "3"}
_OPEN_I = re.compile(r"^([hklmstv]|qu)y$")


def nfc(text: str) -> str:
    """The one way this system stores a letter: ế is one character, not e + two marks."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """Text as a person meant it: NFC, no invisible characters, no doubled or trailing spaces.

    Line breaks stay; every kind of space becomes the ordinary one.
    """
    text = (
        text.replace("\r\n", "\n")
        .replace("\r", "\n")
        .replace("\u2028", "\n")
        .replace("\u2029", "\n")
    )
    text = _CONTROL.sub("", _INVISIBLE.sub("", nfc(text)))
    return "\n".join(line.strip() for line in _SPACES.sub(" ", text).split("\n")).strip()


def fold(text: str) -> str:
    """The tone-free key that search compares: "Đống Đa" and "dong da" give the same.

    Equal, character for character, to the SQL function `chuan_fold` (see `sql.py`): marks are
    dropped after decomposition, đ becomes d, and A–Z (only these, whatever the locale) become small.
    i and y stay apart: "quy" must find "quyết định".
    """
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return bare.translate(_D).translate(_ASCII_LOWER)


# A syllable without its tones: what begins it, its vowels, what ends it.
_SYLLABLE = re.compile(
    r"(?:b|c|ch|d|g|gh|gi|h|k|kh|l|m|n|ng|ngh|nh|p|ph|q|r|s|t|th|tr|v|x)?[aeiouy]{1,4}"
    r"(?:c|ch|m|n|ng|nh|p|t)?"
)


def looks_abbreviated(word: str) -> bool:
    """Whether a folded word is letters that make no Vietnamese syllable: “ubnd”, “khcn”, “tp”."""
    return len(word) > 1 and word.isalpha() and not _SYLLABLE.fullmatch(word)


def sort_key(text: str) -> str:
    """A string whose plain order is Vietnamese alphabetical order: a ă â b c d đ e ê g … y.

    Letters decide first, then tones (none huyền hỏi ngã sắc nặng), wherever in the syllable they are
    written; runs of digits count as numbers ("Phường 2" before "Phường 10"). Store it in a column
    with the collation "C".
    """
    letters: list[str] = []
    tones: list[str] = []
    for word in _BETWEEN_WORDS.split(unicodedata.normalize("NFD", clean(text)).lower()):
        if not word:
            continue
        if letters:
            letters.append(" ")
        letters.append(_letters_of(word))
        tones.append(str(_tone_of(word)))
    return "".join(letters) + "\t" + "".join(tones)


def person_sort_key(full_name: str) -> str:
    """As `sort_key`, by given name (the last word) and then by the whole name."""
    words = clean(full_name).split()
    if not words:
        return sort_key("")
    return sort_key(words[-1]) + "\t" + sort_key(" ".join(words))


def spelling_key(text: str) -> str:
    """One key for the accepted ways to spell a text: hoà = hòa, thuỷ = thủy, kĩ = kỹ, quí = quý.

    Tones and letters still count: "hóa" and "hòa" differ. For comparing names, not for searching.
    """
    return " ".join(_spelling_of(word) for word in clean(text).lower().split())


def same_spelling(one: str, other: str) -> bool:
    """Whether two texts are the same words, up to tone placement, i/y and capitals."""
    return spelling_key(one) == spelling_key(other)


def _letters_of(word: str) -> str:
    keys: list[str] = []
    for match in re.finditer("\\d+|[^\u0300-\u036f][\u0300-\u036f]*", word):
        piece = match.group()
        if piece.isdecimal():
            number = str(int(piece))
            keys.append(f"{len(number):02d}{number}")
        elif piece[0] == "đ":
            keys.append("d1")
        elif "a" <= piece[0] <= "z":
            shape = next((_SHAPES[mark] for mark in piece[1:] if mark in _SHAPES), "0")
            keys.append(piece[0] + shape)
        else:
            keys.append("~" + piece[0])
    return "".join(keys)


def _tone_of(word: str) -> int:
    return next((TONES[mark] for mark in word if mark in TONES), 0)


def _spelling_of(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word)
    letters = unicodedata.normalize("NFC", "".join(c for c in decomposed if c not in TONES))
    return _OPEN_I.sub(r"\1i", letters) + str(_tone_of(decomposed))
