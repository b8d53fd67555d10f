"""From a cell to its bodies: "Các Sở: Xây dựng, Y tế; Công an tỉnh" names three."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chuan.modules.plans.parsing.gazetteer import Family, Found, Text, gazetteer
from chuan.modules.plans.parsing.plan import BodyKind, ReadBody
from chuan.modules.plans.parsing.spelling import fold, sentence_start, squeeze

LONGEST_NAME = 200
"""Letters; what is longer is no name of a body but running text."""

_BULLET = re.compile(r"\s*(?:[-–—+*•·▪]\s*|\(?\d{1,2}[.)]\s+|[a-zđ]\)\s+)(?=\S)")
_SEPARATOR = re.compile(
    r"\s*;\s*|\s*,\s*(?:và\s+)?|\s+(?:và|cùng với|cùng|với|hoặc)\s+|\s*\.\s+|\s*[/&+]\s*|\s+-\s+"
)
_SKIP = re.compile(r"[\s,;.:+*•–—/-]+")
_CONJUNCTION = re.compile(r"(?:và|cùng với|cùng|hoặc)\s+")
_EDGES = " ,;.:-–\n\t"


def read_bodies(cell: str, *, document: str = "") -> tuple[ReadBody, ...]:
    """The bodies of a cell, in order, each once; `document` is the folded text of the whole file.

    Abbreviations are kept, unless the document itself has the full name somewhere.
    """
    bodies: list[ReadBody] = []
    for paragraph, breaks in _paragraphs(cell):
        for item in ListReader(Text.of(paragraph, breaks)).items():
            if body := _read(paragraph, item, document):
                bodies.append(body)
    return tuple(_each_once(bodies))


def holds_bodies(cell: str) -> float:
    """How much of a text is known bodies, from 0 to 1: to tell columns apart."""
    letters = known = 0
    for paragraph, breaks in _paragraphs(cell):
        letters += len(paragraph)
        items = ListReader(Text.of(paragraph, breaks)).items()
        known += sum(item.end - item.begin + 2 for item in items if item.known)
    return min(1.0, known / letters) if letters else 0.0


def letters_of_names(cell: str) -> int:
    """Letters of a text that are names of known bodies, words after them left out."""
    return sum(
        item.found.end - item.begin
        for paragraph, breaks in _paragraphs(cell)
        for item in ListReader(Text.of(paragraph, breaks)).items()
        if item.found is not None and item.known
    )


def _paragraphs(cell: str) -> Iterator[tuple[str, frozenset[int]]]:
    """Lines joined into paragraphs, a bullet beginning a new one; with the places of the joints."""
    joined, breaks = "", set[int]()
    for line in cell.split("\n"):
        line = squeeze(line)
        bullet = _BULLET.match(line)
        text = line[bullet.end() :] if bullet else line
        if not text:
            continue
        if joined and bullet:
            yield joined, frozenset(breaks)
            joined, breaks = "", set()
        if joined:
            breaks.add(len(joined))
            joined += " "
        joined += text
    if joined:
        yield joined, frozenset(breaks)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list at letters [begin, end); `name_at` is where its name begins."""

    begin: int
    end: int
    name_at: int
    found: Found | None
    family: Family | None

    @property
    def known(self) -> bool:
        return self.found is not None and self.found.known


class ListReader:
    """Reads a list of bodies from left to right.

    At a line break a new item may begin without a separator; `stops` are places no item runs over.
    """

    def __init__(self, text: Text, stops: frozenset[int] = frozenset()) -> None:
        self._text = text
        self._breaks = text.breaks
        self._stops = stops
        self._gazetteer = gazetteer()
        self._family: Family | None = None

    def items(self, at: int = 0) -> Iterator[Item]:
        """The items from a place on, each as far as the next one or the end."""
        text, end_of_text = self._text, len(self._text.plain)
        self._family = None
        while (at := self._skip(at)) < end_of_text:
            begin = at
            if plural := self._gazetteer.plural_at(text, at):
                self._family, at = plural
            found = self._item_at(at)
            if found:
                self._family = found.family
            end = self._boundary(found.end if found else at + 1, found)
            yield Item(begin, end, at, found, self._family)
            at = max(end, at + 1)

    def _skip(self, at: int) -> int:
        """Past separators, "và" and words such as "Chủ trì:" or "Thủ trưởng"."""
        text = self._text
        while True:
            moved = at
            for pattern, where in (
                (_SKIP, text.plain),
                (_CONJUNCTION, text.fold),
                (self._gazetteer.lead_ins, text.fold),
            ):
                found = pattern.match(where, moved)
                if found and found.end() < len(text.plain):
                    moved = found.end()
                elif found and pattern is _SKIP:
                    return len(text.plain)
            if moved == at:
                return at
            at = moved

    def _item_at(self, at: int) -> Found | None:
        stop = min((s - 1 for s in self._stops if s > at), default=len(self._text.plain))
        found = self._gazetteer.match(self._text, at, stop=stop)
        if self._family and (found is None or not found.known or found.goes_on):
            field = self._gazetteer.field_at(self._text, at, self._family, stop)
            if field and (found is None or field.end >= found.end):
                return field
        return found

    def _begins_item(self, at: int, *, capital_is_enough: bool) -> bool:
        text = self._text
        if at >= len(text.plain):
            return True
        if self._gazetteer.plural_at(text, at) or self._item_at(at):
            return True
        return capital_is_enough and text.plain[at].isupper()

    def _boundary(self, at: int, found: Found | None) -> int:
        """Where the item that is read up to `at` ends."""
        text = self._text.plain
        depth = 0
        whole_name = found is not None and (not found.goes_on or found.kind is not BodyKind.NAMED)
        if whole_name and text[at : at + 1] == " ":
            next_line = at in self._breaks and text[at + 1 : at + 2].isupper()
            if next_line or self._parts_at_break(at + 1):
                return at
        while at < len(text):
            if at + 1 in self._stops or at in self._stops:
                return at
            if text[at] == "(":
                depth += 1
            elif text[at] == ")":
                depth = max(0, depth - 1)
            elif depth == 0:
                separator = _SEPARATOR.match(text, at)
                if separator and self._parts(separator):
                    return at
                if at in self._breaks and self._parts_at_break(at + 1):
                    return at
                plural = found is not None and found.kind is not BodyKind.NAMED
                if plural and at in self._breaks and text[at + 1 : at + 2].isupper():
                    return at
            at += 1
        return len(text)

    def _parts(self, separator: re.Match[str]) -> bool:
        mark = separator.group().strip()
        after = separator.end()
        if mark.startswith(";"):
            return True
        if mark.startswith(","):
            return self._begins_item(after, capital_is_enough=True)
        if mark == ".":
            return self._text.plain[after : after + 1].isupper()
        in_list = self._family is not None and not self._family.closed
        return self._begins_item(after, capital_is_enough=in_list and mark in {"và", "hoặc"})

    def _parts_at_break(self, at: int) -> bool:
        if not self._text.plain[at : at + 1].isupper():
            return False
        found = self._gazetteer.match(self._text, at)
        return found is not None and (found.known or found.family is not None)


def _read(text: str, item: Item, document: str) -> ReadBody | None:
    written = text[item.begin : item.end].strip(_EDGES)
    found = item.found
    if not any(letter.isalnum() for letter in written):
        return None
    if found is None:
        name = sentence_start(text[item.name_at : item.end].strip(_EDGES))
        if item.family and not item.family.closed and text[item.name_at].isupper():
            name = item.family.named(name)
        return ReadBody(BodyKind.NAMED, name, written, name, known=False)
    name, full = found.name, found.full_name
    if name != full and found.full_base and fold(found.full_base) in document:
        name = full
    if found.goes_on:
        tail = text[found.end : item.end].rstrip(_EDGES)
        name, full = name + tail, full + tail
    return ReadBody(
        found.kind,
        sentence_start(name.strip(_EDGES)),
        written,
        sentence_start(full.strip(_EDGES)),
        known=found.known and len(name) <= LONGEST_NAME,
        mended=found.mended,
    )


def _each_once(bodies: list[ReadBody]) -> Iterator[ReadBody]:
    seen = set[str]()
    for body in bodies:
        key = fold(body.name)
        if key not in seen:
            seen.add(key)
            yield body
