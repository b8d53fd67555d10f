"""From content to paper: numbering, fixed wording, case, closing marks, lengths of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from chuan.core.documents.layout.content import (
    Align,
    Annex,
    Block,
    Column,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    ListMark,
    Orientation,
    Paragraph,
    Points,
    Row,
    RowKind,
    Run,
    Table,
)
from chuan.core.documents.layout.metrics import (
    LINE_HEIGHT,
    balanced_lines,
    line_count,
    printable,
    text_width,
)
from chuan.core.documents.layout.profile import LayoutProfile, layout_on, size_sets_on
from chuan.core.documents.layout.sheets import (
    CellSheet,
    Closing,
    Composition,
    Line,
    Masthead,
    RowSheet,
    Rule,
    Section,
    TableSheet,
)
from chuan.core.documents.layout.words import (
    GAP,
    PLAIN,
    as_cell,
    as_head_cell,
    date_line,
    date_words,
    number_line,
    tidy,
    tidy_line,
    with_closing,
    with_text,
)
from chuan.lib.vietnamese import (
    clean,
    document_date,
    list_letter,
    pad_number,
    to_roman,
)

CELL_PADDING = 4.0

RULE_DROP = 5.0

_COLUMN_GAP = 6.0

_BELOW_ADDRESSEES = 6.0

_SHORTEST_ANNEX_RULE = 72.0

# Shares of a page: higher rows may split, shorter tables stay whole, longer lists of recipients go on.
_HIGH_ROW = 0.45

_SHORT_TABLE = 0.4

_MOST_RECIPIENTS = 0.5

_FEW_ROWS = 15

# A text of so many letters, such as a date or a state, is kept on one line where there is room.
_SHORT_TEXT = 14

# The part of their room that wide columns give up for narrow ones.
_ROOM_TO_SPARE = 0.6

_CLOSING_LEFT_SHARE = 0.45

_RANKS = (HeadingLevel.PART, HeadingLevel.SECTION, HeadingLevel.CLAUSE, HeadingLevel.POINT)


def layout_for(document: Document) -> LayoutProfile:
    """The layout in force on the document's date.

    Without a size set of its own, a document takes the largest in which every line of the issuer's
    name stays whole beside the national name; if there is none, the largest.

    :raises LookupError: no layout was in force yet, or it has no such size set.
    """
    day = document.dated.latest()
    if document.size_set:
        return layout_on(day, size_set=document.size_set)
    profiles = [layout_on(day, size_set=name) for name in size_sets_on(day)]
    return next((one for one in profiles if _issuer_fits(document, one)), profiles[0])


def compose(document: Document, profile: LayoutProfile) -> Composition:
    """Lay the document out. It must be complete: see `check_document`."""
    composer = _Composer(profile)
    return composer.document(document)


def _issuer_fits(document: Document, profile: LayoutProfile) -> bool:
    left, _ = _masthead_widths(profile)
    return all(
        text_width(
            line.upper(),
            profile.components[component].size,
            bold=profile.components[component].bold,
        )
        <= left
        for component, name in (
            ("issuer_parent", document.issuer_parent),
            ("issuer", document.issuer),
        )
        for line in printable(clean(name)).split("\n")
    )


def _text_area(profile: LayoutProfile, *, is_landscape: bool = False) -> tuple[float, float]:
    page = profile.page
    width, height = (page.height, page.width) if is_landscape else (page.width, page.height)
    return width - page.left - page.right, height - page.top - page.bottom


def _masthead_widths(profile: LayoutProfile) -> tuple[float, float]:
    width, _ = _text_area(profile)
    nation = profile.components["national_name"]
    right = text_width(profile.wording["national_name"].upper(), nation.size, bold=nation.bold)
    right += _COLUMN_GAP
    return width - right, right


class _Composer:
    def __init__(self, profile: LayoutProfile) -> None:
        self.profile = profile
        self.words = profile.wording
        self.width, self.height = _text_area(profile)

    def document(self, document: Document) -> Composition:
        kind = self.profile.kinds[document.kind]
        subject = tidy_line(document.subject)
        flow: list[Line | Rule | TableSheet] = []
        if not kind.is_letter:
            flow += self.title(kind.name, document.subject)
        if document.addressees:
            *others, last_addressee = self.addressees(document.addressees)
            flow += [*others, replace(last_addressee, space_below=_BELOW_ADDRESSEES)]
        flow += self.legal_bases(document.legal_bases)
        flow += self.flow(document.body, self.width, self.height, outline_from=1)
        last = flow[-1]
        if isinstance(last, Line):
            closed = with_closing(last.runs, self.words["closing"])
            flow[-1] = replace(last, runs=closed, keep_with_next=True)
        main = Section(
            name=kind.name,
            is_landscape=False,
            masthead=self.masthead(document, is_letter=kind.is_letter),
            flow=tuple(flow),
            closing=self.closing(document),
        )
        attached = self.attached(
            document, f"{self.words['draft']} {kind.name}" if document.is_draft else kind.name
        )
        annexes = tuple(
            self.annex(annex, place, len(document.annexes), attached=attached)
            for place, annex in enumerate(document.annexes, start=1)
        )
        separator = f" {self.words['letter_subject']} " if kind.is_letter else " "
        return Composition(
            title=(f"{self.words['draft']} – " if document.is_draft else "")
            + kind.name
            + separator
            + subject,
            author=tidy_line(document.issuer),
            dated=document.dated.earliest(),
            sections=(main, *annexes),
            profile=self.profile,
        )

    def line(self, component: str, text: str, *, keep_with_next: bool = False) -> Line:
        looks = self.profile.components[component]
        return Line(
            component,
            (Run(text.upper() if looks.upper else text),),
            keep_with_next=keep_with_next,
        )

    def centred(self, component: str, text: str, width: float, **options: bool) -> Line:
        """A centred text broken into even lines."""
        looks = self.profile.components[component]
        text = printable(clean(text))
        lines = balanced_lines(
            text.upper() if looks.upper else text,
            width,
            looks.size,
            bold=looks.bold,
            italic=looks.italic,
        )
        return self.line(component, "\n".join(lines), **options)

    def widest(self, line: Line) -> float:
        looks = self.profile.components[line.component]
        return max(
            text_width(part, looks.size, bold=looks.bold, italic=looks.italic)
            for part in line.text.split("\n")
        )

    def short_rule(self, line: Line) -> Rule:
        return Rule(self.widest(line) * self.profile.rule_share)

    def masthead(self, document: Document, *, is_letter: bool) -> Masthead:
        left, right = _masthead_widths(self.profile)
        issuer = self.centred("issuer", document.issuer, left)
        parent = (
            [self.centred("issuer_parent", document.issuer_parent, left)]
            if document.issuer_parent
            else []
        )
        motto = self.line("motto", self.words["motto"])
        number = [
            self.line("number", number_line(self.profile, document.number, document.notation))
        ]
        if document.is_draft:
            number.append(Line("number", (Run(self.words["draft"].upper(), bold=True),)))
        if is_letter:
            subject = f"{self.words['letter_subject']} {tidy_line(document.subject)}"
            number.append(self.centred("letter_subject", subject, left - 2 * _COLUMN_GAP))
        return Masthead(
            left_width=left,
            right_width=right,
            issuer=(*parent, issuer, self.short_rule(issuer)),
            nation=(
                self.line("national_name", self.words["national_name"]),
                motto,
                Rule(self.widest(motto)),
            ),
            number=tuple(number),
            place_date=(
                self.centred_words(
                    "place_date", date_line(self.profile, document.place, document.dated), right
                ),
            ),
        )

    def centred_words(self, component: str, text: str, width: float) -> Line:
        """As `centred`, for a text whose blanks must stay as wide as they are."""
        looks = self.profile.components[component]
        if text_width(text, looks.size, bold=looks.bold, italic=looks.italic) <= width:
            return self.line(component, text)
        place, _, rest = text.rpartition(", ")
        return self.line(component, f"{place},\n{rest}")

    def title(self, kind: str, subject: str) -> Iterator[Line | Rule]:
        yield self.line("title", kind, keep_with_next=True)
        abstract = self.centred("subject", subject, self.width * 0.86, keep_with_next=True)
        yield abstract
        yield self.short_rule(abstract)

    def addressees(self, names: Sequence[str]) -> Iterator[Line]:
        label = self.words["addressees"]
        if len(names) == 1:
            yield self.centred("addressees", f"{label} {tidy_line(names[0])}", self.width * 0.9)
            return
        looks = self.profile.components["addressee"]
        items = [f"- {tidy_line(name).rstrip(' ;.,')};" for name in names]
        items[-1] = items[-1][:-1] + "."
        under_colon = text_width(label[:-1], looks.size)
        longest = max(text_width(item, looks.size) for item in items)
        start = max((self.width - under_colon - longest) / 2, self.profile.first_line_indent)
        yield Line("addressees", (Run(label),), keep_with_next=True, indent=start)
        hanging = text_width("- ", looks.size)
        for item in items:
            yield Line("addressee", (Run(item),), indent=start + under_colon, hanging=hanging)

    def legal_bases(self, bases: Sequence[str]) -> Iterator[Line]:
        for place, basis in enumerate(bases, start=1):
            mark = "." if place == len(bases) else ";"
            yield Line("legal_basis", with_closing(tidy(basis), mark))

    def flow(
        self, blocks: Iterable[Block], width: float, height: float, *, outline_from: int
    ) -> Iterator[Line | TableSheet]:
        counts = dict.fromkeys(_RANKS, 0)
        above: list[HeadingLevel] = []
        for block in blocks:
            if isinstance(block, Heading):
                rank = _RANKS.index(block.level)
                counts[block.level] += 1
                for lower in _RANKS[rank + 1 :]:
                    counts[lower] = 0
                while above and _RANKS.index(above[-1]) >= rank:
                    above.pop()
                outline = outline_from + len(above)
                above.append(block.level)
                yield self.heading(block, counts[block.level], outline)
            elif isinstance(block, Paragraph):
                yield Line("body", tidy(block.text))
            elif isinstance(block, Points):
                for place, item in enumerate(block.items):
                    first, *others = tidy(item)
                    mark = self.mark(block.mark, place)
                    yield Line("body", (with_text(first, f"{mark} {first.text}"), *others))
            else:
                yield from self.table(block, width, height)

    def heading(self, heading: Heading, count: int, outline: int) -> Line:
        text = tidy_line(heading.text)
        if heading.level is HeadingLevel.PART:
            number = f"{self.words['part']} {to_roman(count)}"
            line = self.centred("part", text.upper(), self.width * 0.86)
            text = f"{number}\n{line.text}"
        elif heading.level is HeadingLevel.SECTION:
            text = f"{to_roman(count)}. {text}"
        elif heading.level is HeadingLevel.CLAUSE:
            text = f"{count}. {text}"
        else:
            text = f"{list_letter(count - 1)}) {text}"
        line = self.line(heading.level.value, text, keep_with_next=True)
        return replace(line, outline=outline)

    def mark(self, mark: ListMark, place: int) -> str:
        if mark is ListMark.LETTER:
            return f"{list_letter(place)})"
        if mark is ListMark.DIGIT:
            return f"{place + 1}."
        return "+" if mark is ListMark.PLUS else "-"

    def closing(self, document: Document) -> Closing:
        left = self.width * _CLOSING_LEFT_SHARE
        right = self.width - left
        recipients = self.recipients(document)
        looks = self.profile.components["recipient"]
        # The list may be longer than a page; what would take the signature's page from it follows below.
        room, beside = self.height * _MOST_RECIPIENTS, 0
        for line in recipients[1:]:
            room -= line_count(line.text, left - line.hanging, looks.size) * (
                looks.size * LINE_HEIGHT
            )
            if room < 0:
                break
            beside += 1
        return Closing(
            left_width=left,
            right_width=right,
            recipients=recipients[: 1 + beside],
            signature=tuple(self.signature(document, right)),
            more_recipients=recipients[1 + beside :],
        )

    def recipients(self, document: Document) -> tuple[Line, ...]:
        names = [self.words["as_above"]] if document.addressees else []
        names += [tidy_line(name).lstrip("- ").rstrip(" ;.,") for name in document.recipients]
        archive = tidy_line(document.archive).rstrip(" .")
        texts = [f"- {name};" for name in names] + [f"- {self.words['archive']} {archive}."]
        hanging = text_width("- ", self.profile.components["recipient"].size)
        return (
            self.line("recipients", self.words["recipients"]),
            *(Line("recipient", (Run(text),), hanging=hanging) for text in texts),
        )

    def signature(self, document: Document, width: float) -> Iterator[Line]:
        first, *others = document.signature.positions
        for position in (f"{document.signature.authority} {first}".strip(), *others):
            yield self.centred("signer_position", position, width, keep_with_next=True)
        if document.signature.name:
            yield self.centred("signer_name", document.signature.name, width)

    def attached(self, document: Document, kind_name: str) -> str:
        is_shown = document.on_paper
        number = pad_number(document.number) if is_shown and document.number else GAP
        if is_shown and document.dated.is_complete:
            day = document_date(document.dated.earliest())
        else:
            day = date_words(self.profile, IssueDate(document.dated.year))
        return self.words["attached"].format(
            kind=kind_name,
            number=f"{number}/{tidy_line(document.notation)}",
            date=day,
            issuer=tidy_line(document.issuer),
        )

    def annex(self, annex: Annex, place: int, of: int, *, attached: str) -> Section:
        is_landscape = annex.orientation is Orientation.LANDSCAPE
        width, height = _text_area(self.profile, is_landscape=is_landscape)
        name = self.words["annex"] + (f" {to_roman(place)}" if of > 1 else "")
        title = self.centred("annex_title", annex.title.upper(), width * 0.86)
        flow: list[Line | Rule | TableSheet] = [
            Line(
                "annex_title",
                (Run(f"{name}\n{title.text}"),),
                keep_with_next=True,
                outline=1,
            )
        ]
        if attached:
            flow.append(self.line("annex_reference", self.broken_reference(attached, width)))
        length = self.widest(title) * self.profile.rule_share
        flow.append(Rule(min(max(length, _SHORTEST_ANNEX_RULE), width / 3)))
        flow += self.flow(annex.blocks, width, height, outline_from=2)
        return Section(name=name, is_landscape=is_landscape, flow=tuple(flow))

    def broken_reference(self, text: str, width: float) -> str:
        """The line under an annex's title, whose blanks must stay as wide as they are."""
        looks = self.profile.components["annex_reference"]
        if text_width(text, looks.size, italic=True) <= width:
            return text
        before, of, issuer = text.rpartition(" của ")
        return f"{before}\n{of.strip()} {issuer}"

    def table(self, table: Table, width: float, height: float) -> Iterator[Line | TableSheet]:
        if table.caption:
            yield self.centred("table_caption", table.caption, width, keep_with_next=True)
        if table.unit_note:
            yield self.line("table_unit", tidy_line(table.unit_note), keep_with_next=True)
        rows = [self.row(row, table.columns) for row in table.rows]
        if not rows:
            note = Run(tidy_line(table.empty_note) or self.words["nothing"], italic=True)
            cell = CellSheet((note,), Align.CENTER, value=note.text, columns=len(table.columns))
            rows = [RowSheet((cell,))]
        head = tuple(self.head(table))
        widths = self.column_widths(table.columns, head, rows, width)
        rows = [
            replace(row, may_split=True) if self.is_too_high(row.cells, widths, height) else row
            for row in rows
        ]
        yield TableSheet(
            summary=tidy_line(table.caption),
            widths=widths,
            head=head,
            rows=tuple(rows),
            stays_whole=len(rows) <= _FEW_ROWS
            and sum(self.lines(row.cells, widths) + 0.5 for row in (*head, *rows))
            < self.lines_of_page(height) * _SHORT_TABLE,
        )

    def head(self, table: Table) -> Iterator[RowSheet]:
        columns = table.columns
        titles = [printable(clean(column.title)) for column in columns]
        if any(column.group for column in columns):
            top: list[CellSheet] = []
            below: list[CellSheet] = []
            for place, column in enumerate(columns):
                if not column.group:
                    top.append(as_head_cell(titles[place], place, rows=2))
                    continue
                below.append(as_head_cell(titles[place], place))
                if place and columns[place - 1].group == column.group:
                    top[-1] = replace(top[-1], columns=top[-1].columns + 1)
                else:
                    top.append(as_head_cell(printable(clean(column.group)), place))
            yield RowSheet(tuple(top))
            yield RowSheet(tuple(below))
        else:
            yield RowSheet(tuple(as_head_cell(title, place) for place, title in enumerate(titles)))
        if table.count_columns:
            counts = [f"({place})" for place in range(1, len(columns) + 1)]
            yield RowSheet(
                tuple(
                    CellSheet((Run(count, italic=True),), Align.CENTER, value=count, column=place)
                    for place, count in enumerate(counts)
                )
            )

    def column_widths(
        self,
        columns: tuple[Column, ...],
        head: Sequence[RowSheet],
        rows: Sequence[RowSheet],
        width: float,
    ) -> tuple[float, ...]:
        """The shares asked for, unless a column could not hold its longest word or short text.

        What such a column lacks is taken from those that have room to spare.
        """
        shares = sum(column.width for column in columns)
        asked = [width * column.width / shares for column in columns]
        unbroken = self.widest_texts(head, rows, len(columns), lambda text: text.split())
        in_a_line = self.widest_texts(
            (), rows, len(columns), lambda text: [text] if len(text) <= _SHORT_TEXT else []
        )
        for needed in ([max(pair) for pair in zip(unbroken, in_a_line, strict=True)], unbroken):
            lacking = sum(max(need - share, 0) for need, share in zip(needed, asked, strict=True))
            room = [max(share - need, 0) for need, share in zip(needed, asked, strict=True)]
            if lacking <= sum(room) * _ROOM_TO_SPARE:
                taken = lacking / sum(room) if lacking else 0
                return tuple(
                    max(share, need) - spare * taken
                    for share, need, spare in zip(asked, needed, room, strict=True)
                )
        return tuple(asked)

    def widest_texts(
        self,
        head: Iterable[RowSheet],
        rows: Iterable[RowSheet],
        columns: int,
        parts: Callable[[str], list[str]],
    ) -> list[float]:
        """For each column, the width of a cell that holds the widest of these parts of its texts."""
        found: list[set[tuple[str, bool]]] = [set() for _place in range(columns)]
        for row in (*head, *rows):
            for cell in row.cells:
                if cell.columns == 1:
                    bold = any(run.bold for run in cell.runs)
                    found[cell.column].update((part, bold) for part in parts(cell.text))
        size = self.profile.components["table_cell"].size
        padding = 2 * CELL_PADDING + 1
        return [
            padding + max((text_width(text, size, bold=bold) for text, bold in texts), default=0)
            for texts in found
        ]

    def row(self, row: Row, columns: tuple[Column, ...]) -> RowSheet:
        everywhere = len(columns)
        if row.kind is RowKind.GROUP:
            *code, title = row.cells
            cells = [as_cell(text, PLAIN, 0, bold=True, align=Align.CENTER) for text in code]
            cells.append(
                as_cell(title, PLAIN, len(code), bold=True, columns=everywhere - len(code))
            )
        elif row.kind is RowKind.TOTAL:
            label, *others = row.cells
            reach = 1 + next(
                (place for place, cell in enumerate(others) if cell is not None), len(others)
            )
            cells = [as_cell(label, PLAIN, 0, bold=True, align=Align.CENTER, columns=reach)]
            cells += [
                as_cell(row.cells[place], columns[place], place, bold=True)
                for place in range(reach, everywhere)
            ]
        else:
            cells = [as_cell(cell, columns[place], place) for place, cell in enumerate(row.cells)]
        return RowSheet(tuple(cells), row.kind)

    def is_too_high(
        self, cells: Sequence[CellSheet], widths: tuple[float, ...], height: float
    ) -> bool:
        most = self.lines_of_page(height) * _HIGH_ROW
        # No letter is wider than its size, so most rows are settled without measuring.
        size = self.profile.components["table_cell"].size
        narrowest = max(min(widths) - 2 * CELL_PADDING, size)
        longest = max(len(cell.text) + narrowest * cell.text.count("\n") for cell in cells)
        return longest * size / narrowest > most and self.lines(cells, widths) > most

    def lines_of_page(self, height: float) -> float:
        return height / (self.profile.components["table_cell"].size * LINE_HEIGHT)

    def lines(self, cells: Sequence[CellSheet], widths: tuple[float, ...]) -> int:
        """Lines of the highest cell of a row, one that runs over two rows aside."""
        size = self.profile.components["table_cell"].size
        most = 1
        for cell in cells:
            width = sum(widths[cell.column : cell.column + cell.columns]) - 2 * CELL_PADDING
            if cell.rows == 1:
                most = max(most, line_count(cell.text, max(width, size), size))
        return most
