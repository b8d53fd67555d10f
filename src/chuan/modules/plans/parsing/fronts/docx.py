"""DOCX in: an own walk over the XML, so that merged cells, lists and tracked changes come out right.

Only the main text, its styles and its lists are read; nothing is fetched, no macro, no object.
"""

from __future__ import annotations

import re
import unicodedata
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from chuan.lib.vietnamese import clean, to_roman
from chuan.modules.plans.parsing.fronts.text import is_legacy
from chuan.modules.plans.parsing.limits import (
    MAX_LETTERS,
    MAX_PAGES,
    MAX_TABLE_ROWS,
    MAX_UNPACKED_BYTES,
)
from chuan.modules.plans.parsing.plan import Source, SourceLine
from chuan.modules.plans.parsing.refusals import UnreadableFile
from chuan.modules.plans.parsing.sheet import Cell, Line, Row, Sheet, Table

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_VAL = f"{_W}val"
_DOCTYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_PASSED_THROUGH = frozenset(
    f"{_W}{name}"
    for name in ("ins", "moveTo", "smartTag", "hyperlink", "fldSimple", "customXml", "bdo", "dir")
)
_LEFT_OUT = frozenset(
    f"{_W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "instrText", "delText")
)
_BULLET = "-"
_MAX_SPAN = 64


@dataclass(slots=True)
class _Paragraph:
    """Text with line breaks; `breaks`: pages that begin in it, `leading`: before its first letter."""

    text: str
    breaks: int = 0
    leading: int = 0
    boxes: list[_Paragraph] = field(default_factory=list)


@dataclass(slots=True)
class _CellDraft:
    start: int
    end: int
    paragraphs: list[_Paragraph]
    continues: bool
    inner: list[ET.Element]


def read_docx(data: bytes, name: str) -> Sheet:
    """A Word document as lines and tables in reading order.

    :raises UnreadableFile: password, damage, a bomb, or a document far too long for a plan.
    """
    package = _Package(data, name)
    document = package.part(package.main_part())
    if document is None:
        raise UnreadableFile("broken_docx", name=name)
    folder = package.main_part().rpartition("/")[0]
    styles = package.part(f"{folder}/styles.xml")
    numbering = package.part(f"{folder}/numbering.xml")
    body = document.find(f"{_W}body")
    if body is None:
        raise UnreadableFile("broken_docx", name=name)
    walker = _Walker(_Lists(numbering), _Styles(styles), pages_known=_has_pages(body))
    try:
        sheet = walker.sheet(body)
    except RecursionError:
        raise UnreadableFile("broken_docx", name=name) from None
    pages = max(walker.page, 1 + _count_page_breaks(body))
    if pages > MAX_PAGES:
        raise UnreadableFile("too_many_pages", name=name, pages=pages, limit=MAX_PAGES)
    letters = sum(len(line.text) for line in sheet.lines)
    if letters > MAX_LETTERS:
        raise UnreadableFile("too_long", name=name, letters=letters, limit=MAX_LETTERS)
    if not letters:
        raise UnreadableFile("no_text", name=name)
    if is_legacy("\n".join(line.text for line in sheet.lines)):
        raise UnreadableFile("legacy_encoding", name=name)
    return sheet


class _Package:
    """The parts of a DOCX that are wanted, unpacked no further than the limit."""

    def __init__(self, data: bytes, name: str) -> None:
        self._name = name
        try:
            self._archive = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
            raise UnreadableFile("broken_docx", name=name) from None

    def main_part(self) -> str:
        """Where the main text is; Word may call it something else than document.xml."""
        relations = self.part("_rels/.rels")
        for relation in relations if relations is not None else ():
            if relation.tag == f"{_RELATIONS}Relationship" and relation.get("Type", "").endswith(
                "/officeDocument"
            ):
                return relation.get("Target", "").lstrip("/") or "word/document.xml"
        return "word/document.xml"

    def part(self, path: str) -> ET.Element | None:
        """One part as XML; None where the package has none of that name."""
        data = self._bytes(path)
        if data is None:
            return None
        if any(mark in data for mark in _DOCTYPES):
            raise UnreadableFile("broken_docx", name=self._name)
        data = data.replace(_STRICT_W[1:-1].encode(), _W[1:-1].encode())
        try:
            return ET.fromstring(data)  # noqa: S314  no DOCTYPE, so no entities
        except (ET.ParseError, ValueError, LookupError):
            raise UnreadableFile("broken_docx", name=self._name) from None

    def _bytes(self, path: str) -> bytes | None:
        try:
            info = self._archive.getinfo(path)
        except KeyError:
            return None
        if info.flag_bits & 1:
            raise UnreadableFile("password_docx", name=self._name)
        try:
            with self._archive.open(info) as part:
                data = part.read(MAX_UNPACKED_BYTES + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
            raise UnreadableFile("broken_docx", name=self._name) from None
        if len(data) > MAX_UNPACKED_BYTES:
            raise UnreadableFile("zip_bomb", name=self._name)
        return data


class _Walker:
    def __init__(self, lists: _Lists, styles: _Styles, *, pages_known: bool) -> None:
        self._lists = lists
        self._styles = styles
        self._pages_known = pages_known
        self.page = 1
        self._line = 0
        self._lines: list[SourceLine] = []
        self._blocks: list[Line | Table] = []
        self._after_blank = False
        self._row_count = 0

    def sheet(self, body: ET.Element) -> Sheet:
        self._walk(body)
        return Sheet(tuple(self._blocks), tuple(self._lines))

    def _walk(self, parent: ET.Element) -> None:
        for child in _children(parent):
            if child.tag == f"{_W}p":
                self._add_paragraph(self._paragraph(child))
            elif child.tag == f"{_W}tbl":
                self._add_table(child)
            elif child.tag == f"{_W}sdt":
                self._walk(_found(child, "sdtContent"))
            elif child.tag in _PASSED_THROUGH:
                self._walk(child)

    def _add_paragraph(self, paragraph: _Paragraph) -> None:
        self._turn_pages(paragraph.leading)
        texts = [text for text in paragraph.text.split("\n") if text.strip()]
        for text in texts:
            self._blocks.append(Line(text, self._new_line(text), self._after_blank))
            self._after_blank = False
        if not texts:
            self._after_blank = True
        self._turn_pages(paragraph.breaks - paragraph.leading)
        for box in paragraph.boxes:
            self._add_paragraph(box)

    def _add_table(self, element: ET.Element) -> None:
        rows: list[Row] = []
        inner: list[ET.Element] = []
        owners: dict[int, Cell] = {}
        for tr in _rows_of(element):
            self._row_count += 1
            if self._row_count > MAX_TABLE_ROWS:
                break
            drafts = self._cells_of(tr)
            inner.extend(table for draft in drafts for table in draft.inner)
            paragraphs = [p for draft in drafts for p in draft.paragraphs]
            leads = [draft.paragraphs[0].leading for draft in drafts if draft.paragraphs]
            first = max(leads, default=0)
            self._turn_pages(first)
            cells, source = self._row_cells(drafts, owners)
            if cells:
                rows.append(Row(tuple(cells), source, opens_page=bool(first)))
            by_cell = [sum(p.breaks for p in draft.paragraphs) for draft in drafts]
            self._turn_pages(max(by_cell, default=0) - first if paragraphs else 0)
        if rows:
            columns = max(cell.end for row in rows for cell in row.cells)
            self._blocks.append(Table(tuple(rows), columns))
        self._after_blank = False
        for table in inner:
            self._add_table(table)

    def _row_cells(
        self, drafts: list[_CellDraft], owners: dict[int, Cell]
    ) -> tuple[list[Cell], Source]:
        cells: list[Cell] = []
        source: Source | None = None
        for draft in drafts:
            if draft.continues and draft.start in owners:
                owner = owners[draft.start]
                cells.append(Cell(owner.text, draft.start, draft.end, continues=True))
                continue
            texts = [
                line
                for paragraph in draft.paragraphs
                for line in paragraph.text.split("\n")
                if line.strip()
            ]
            for text in texts:
                at = self._new_line(text)
                source = source or at
            cell = Cell("\n".join(texts), draft.start, draft.end)
            for column in range(draft.start, draft.end):
                owners[column] = cell
            cells.append(cell)
        return cells, source or Source(self._page_here(), max(self._line, 1))

    def _cells_of(self, tr: ET.Element) -> list[_CellDraft]:
        drafts: list[_CellDraft] = []
        properties = tr.find(f"{_W}trPr")
        at = _number(properties, "gridBefore", 0)
        for tc in _tagged(tr, f"{_W}tc"):
            cell = tc.find(f"{_W}tcPr")
            span = max(1, min(_number(cell, "gridSpan", 1), _MAX_SPAN))
            merge = cell.find(f"{_W}vMerge") if cell is not None else None
            sideways = cell.find(f"{_W}hMerge") if cell is not None else None
            if sideways is not None and sideways.get(_VAL, "continue") != "restart" and drafts:
                drafts[-1].end = at + span
                at += span
                continue
            paragraphs, inner = self._content_of(tc)
            continues = merge is not None and merge.get(_VAL, "continue") != "restart"
            drafts.append(_CellDraft(at, at + span, paragraphs, continues, inner))
            at += span
        return drafts

    def _content_of(self, tc: ET.Element) -> tuple[list[_Paragraph], list[ET.Element]]:
        """The paragraphs of a cell, and tables inside it that are large enough to be read alone."""
        paragraphs: list[_Paragraph] = []
        inner: list[ET.Element] = []
        for child in _children(tc):
            if child.tag == f"{_W}p":
                paragraph = self._paragraph(child, in_cell=True)
                paragraphs.extend([paragraph, *paragraph.boxes])
            elif child.tag == f"{_W}tbl":
                first = next(_rows_of(child), None)
                if first is not None and len(list(_tagged(first, f"{_W}tc"))) >= 3:
                    inner.append(child)
                else:
                    for tr in _rows_of(child):
                        for cell in _tagged(tr, f"{_W}tc"):
                            paragraphs.extend(self._content_of(cell)[0])
            elif child.tag == f"{_W}sdt":
                more, tables = self._content_of(_found(child, "sdtContent"))
                paragraphs.extend(more)
                inner.extend(tables)
            elif child.tag in _PASSED_THROUGH:
                more, tables = self._content_of(child)
                paragraphs.extend(more)
                inner.extend(tables)
        return paragraphs, inner

    def _paragraph(self, element: ET.Element, *, in_cell: bool = False) -> _Paragraph:
        properties = element.find(f"{_W}pPr")
        style = _attribute(properties, "pStyle")
        pieces = _Pieces(self._styles, style)
        pieces.read(element)
        text = _cleaned("".join(pieces.texts))
        number, level = self._styles.list_of(properties, style)
        if number and (text or in_cell):
            label = self._lists.label(number, level)
            text = f"{label} {text}".strip() if label else text
        boxes = [self._paragraph(p) for box in pieces.boxes for p in box.iter(f"{_W}p")]
        return _Paragraph(text, pieces.breaks, pieces.leading, boxes)

    def _new_line(self, text: str) -> Source:
        self._line += 1
        source = Source(self._page_here(), self._line)
        self._lines.append(SourceLine(source.page, source.line, text))
        return source

    def _page_here(self) -> int | None:
        return self.page if self._pages_known else None

    def _turn_pages(self, count: int) -> None:
        if count > 0 and self._pages_known:
            self.page += count
            self._line = 0


class _Pieces:
    """Collects the text of one paragraph."""

    def __init__(self, styles: _Styles, style: str) -> None:
        self._styles = styles
        self._caps = styles.is_caps(style)
        self.texts: list[str] = []
        self.boxes: list[ET.Element] = []
        self.breaks = 0
        self.leading = 0

    def read(self, element: ET.Element, *, caps: bool | None = None) -> None:
        caps = self._caps if caps is None else caps
        for child in _children(element):
            tag = child.tag
            if tag in _LEFT_OUT:
                continue
            if tag == f"{_W}r":
                properties = child.find(f"{_W}rPr")
                if _switched(properties, "vanish"):
                    continue
                own = properties.find(f"{_W}caps") if properties is not None else None
                self.read(child, caps=caps if own is None else _switched(properties, "caps"))
            elif tag == f"{_W}t":
                text = child.text or ""
                self.texts.append(text.upper() if caps else text)
            elif tag == f"{_W}tab":
                self.texts.append("   ")
            elif tag in (f"{_W}br", f"{_W}cr"):
                self.texts.append("\n")
            elif tag == f"{_W}noBreakHyphen":
                self.texts.append("-")
            elif tag == f"{_W}lastRenderedPageBreak":
                self.breaks += 1
                if not "".join(self.texts).strip():
                    self.leading += 1
            elif tag in (f"{_W}drawing", f"{_W}pict", f"{_W}object"):
                self.boxes.extend(_boxes_in(child))
            elif tag == f"{_W}sdt":
                self.read(_found(child, "sdtContent"), caps=caps)
            elif tag in _PASSED_THROUGH:
                self.read(child, caps=caps)


class _Styles:
    """What paragraph styles say about lists and capitals, through the styles they rest on."""

    def __init__(self, root: ET.Element | None) -> None:
        self._styles: dict[str, ET.Element] = {}
        for style in root.iter(f"{_W}style") if root is not None else ():
            identity = style.get(f"{_W}styleId")
            if identity:
                self._styles[identity] = style

    def list_of(self, properties: ET.Element | None, style: str) -> tuple[str, int]:
        """The list a paragraph is in and its level; ("", 0) where it is in none."""
        if properties is not None:
            own = properties.find(f"{_W}numPr")
            if own is not None:
                return _list_number(own)
        for inherited in self._chain(style):
            paragraph = inherited.find(f"{_W}pPr")
            numbers = paragraph.find(f"{_W}numPr") if paragraph is not None else None
            if numbers is not None:
                return _list_number(numbers)
        return "", 0

    def is_caps(self, style: str) -> bool:
        for inherited in self._chain(style):
            run = inherited.find(f"{_W}rPr")
            if run is not None and run.find(f"{_W}caps") is not None:
                return _switched(run, "caps")
        return False

    def _chain(self, style: str) -> Iterator[ET.Element]:
        seen = set[str]()
        while style in self._styles and style not in seen:
            seen.add(style)
            yield self._styles[style]
            style = _attribute(self._styles[style], "basedOn")


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    pattern: str


class _Lists:
    """Automatic numbers: what Word prints in front of a paragraph without storing it there."""

    def __init__(self, root: ET.Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._list_of: dict[str, str] = {}
        self._starts: dict[str, dict[int, int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._restarted: set[tuple[str, int]] = set()
        if root is None:
            return
        for abstract in root.iter(f"{_W}abstractNum"):
            identity = abstract.get(f"{_W}abstractNumId", "")
            self._levels[identity] = dict(map(_level, abstract.iter(f"{_W}lvl")))
        for number in root.iter(f"{_W}num"):
            identity = number.get(f"{_W}numId", "")
            self._list_of[identity] = _attribute(number, "abstractNumId")
            for override in number.iter(f"{_W}lvlOverride"):
                start = _attribute(override, "startOverride")
                if start.isdigit():
                    level = _integer(override.get(f"{_W}ilvl"), 0)
                    self._starts.setdefault(identity, {})[level] = int(start)

    def label(self, number: str, level: int) -> str:
        """The next label of a list; "-" for bullets, "" where the level shows none."""
        abstract = self._list_of.get(number, "")
        levels = self._levels.get(abstract, {})
        if level not in levels:
            return ""
        counts = self._counts.setdefault(abstract, {})
        override = self._starts.get(number, {}).get(level)
        if override is not None and (number, level) not in self._restarted:
            self._restarted.add((number, level))
            counts[level] = override
        else:
            counts[level] = counts.get(level, levels[level].start - 1) + 1
        for deeper in [at for at in counts if at > level]:
            del counts[deeper]
        form = levels[level].form
        if form == "bullet":
            return _BULLET
        if form == "none":
            return ""

        def filled(found: re.Match[str]) -> str:
            at = int(found[1]) - 1
            shown = levels.get(at)
            if shown is None:
                return ""
            return _in_form(counts.get(at, shown.start), shown.form)

        return re.sub(r"%(\d)", filled, levels[level].pattern).strip()


def _level(element: ET.Element) -> tuple[int, _Level]:
    return (
        _integer(element.get(f"{_W}ilvl"), 0),
        _Level(
            _integer(_attribute(element, "start"), 1),
            _attribute(element, "numFmt") or "decimal",
            _attribute(element, "lvlText"),
        ),
    )


def _in_form(number: int, form: str) -> str:
    if form in ("upperRoman", "lowerRoman") and 1 <= number <= 3999:
        roman = to_roman(number)
        return roman if form == "upperRoman" else roman.lower()
    if form in ("upperLetter", "lowerLetter") and number >= 1:
        letter = chr(ord("a") + (number - 1) % 26)
        return letter.upper() if form == "upperLetter" else letter
    return f"{number:02d}" if form == "decimalZero" else str(number)


def _list_number(numbers: ET.Element) -> tuple[str, int]:
    number = _attribute(numbers, "numId")
    return ("" if number == "0" else number), _integer(_attribute(numbers, "ilvl"), 0)


def _cleaned(text: str) -> str:
    return clean(unicodedata.normalize("NFC", text))


def _children(element: ET.Element) -> Iterator[ET.Element]:
    """Children, with the first choice of alternatives in place of all of them."""
    for child in element:
        if child.tag == f"{_MC}AlternateContent":
            choice = child.find(f"{_MC}Choice")
            if choice is None:
                choice = child.find(f"{_MC}Fallback")
            if choice is not None:
                yield from _children(choice)
        else:
            yield child


def _tagged(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    """Children of one tag, also inside content controls and tracked insertions."""
    for child in _children(element):
        if child.tag == tag:
            yield child
        elif child.tag == f"{_W}sdt":
            yield from _tagged(_found(child, "sdtContent"), tag)
        elif child.tag in _PASSED_THROUGH:
            yield from _tagged(child, tag)


def _rows_of(table: ET.Element) -> Iterator[ET.Element]:
    """The rows of a table without those a tracked change has deleted."""
    for tr in _tagged(table, f"{_W}tr"):
        properties = tr.find(f"{_W}trPr")
        if properties is None or properties.find(f"{_W}del") is None:
            yield tr


def _boxes_in(element: ET.Element) -> Iterator[ET.Element]:
    for child in _children(element):
        if child.tag == f"{_W}txbxContent":
            yield child
        else:
            yield from _boxes_in(child)


def _found(element: ET.Element, name: str) -> ET.Element:
    found = element.find(f"{_W}{name}")
    return ET.Element(f"{_W}{name}") if found is None else found


def _attribute(element: ET.Element | None, name: str) -> str:
    found = element.find(f"{_W}{name}") if element is not None else None
    return found.get(_VAL, "") if found is not None else ""


def _number(element: ET.Element | None, name: str, default: int) -> int:
    return _integer(_attribute(element, name), default)


def _integer(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch(r"\d{1,6}", text) else default


def _switched(properties: ET.Element | None, name: str) -> bool:
    found = properties.find(f"{_W}{name}") if properties is not None else None
    return found is not None and found.get(_VAL, "1") not in ("0", "false", "off", "none")


def _count_page_breaks(body: ET.Element) -> int:
    return sum(1 for found in body.iter(f"{_W}br") if found.get(f"{_W}type") == "page")


def _has_pages(body: ET.Element) -> bool:
    return next(body.iter(f"{_W}lastRenderedPageBreak"), None) is not None
