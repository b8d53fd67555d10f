"""The document as an editable DOCX, with real styles, repeated table headings and page fields.

The body is written as XML and parsed once: python-docx takes seconds for a table of a thousand rows.
Numbers of headings and points are text: Word has no list numbering that knows the letter đ.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import qn

from chuan.core.documents.layout.composing import CELL_PADDING, RULE_DROP
from chuan.core.documents.layout.content import Align, RowKind, Run
from chuan.core.documents.layout.packaging import reproducible
from chuan.core.documents.layout.profile import Component, LayoutProfile
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
from chuan.core.documents.layout.words import DOCUMENT_NUMBER

_NAMESPACES = {
    "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
    "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
_DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
_EMU_PER_POINT = 12700
_KEPT_STYLES = {"Normal", "DefaultParagraphFont", "TableNormal", "NoList", "TableGrid"}
_WORDS_OWN = {"Title", "heading 1", "heading 2", "heading 3"}
_OUTLINE = {"heading 1": 0, "heading 2": 1, "heading 3": 2}
_JUSTIFICATION = {
    Align.LEFT: "left",
    Align.CENTER: "center",
    Align.RIGHT: "right",
    Align.JUSTIFY: "both",
}
_ROW_GAP = 9.0
_CLOSING_GAP = 14.0
_TABLE_GAP = 6.0


def draw_docx(composition: Composition) -> bytes:
    """The file's bytes; its dates are the document's, so that the same document gives the same file."""
    file = docx.Document()
    _strip(file)
    _describe(file, composition)
    _set_styles(file, composition.profile)
    _set_settings(file)
    headers = _set_headers(file)
    writer = _Writer(composition.profile, headers)
    body = _parse("w:body", writer.body(composition.sections))
    file.element.replace(file.element.body, body)
    made = io.BytesIO()
    file.save(made)
    return reproducible(made.getvalue(), dated=composition.dated)


def _parse(tag: str, content: str) -> Any:
    return parse_xml(f"<{tag} {_DECLARED}>{content}</{tag}>")


def _twips(points: float) -> int:
    return round(points * 20)


def _emu(points: float) -> int:
    return round(points * _EMU_PER_POINT)


def _strip(file: Any) -> None:
    """Take out what the library's own template brings along: a thumbnail, its maker, its styles."""
    for holder in (file.part.package.rels, file.part.rels):
        for key in list(holder):
            kind = holder[key].reltype.rpartition("/")[2]
            if kind in ("thumbnail", "extended-properties", "customXml"):
                del holder[key]
    styles = file.styles.element
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) not in _KEPT_STYLES:
            styles.remove(style)


def _describe(file: Any, composition: Composition) -> None:
    made_at = datetime.combine(composition.dated, time(), tzinfo=UTC).replace(tzinfo=None)
    core = file.core_properties
    core.title = composition.title[:255]
    core.author = core.last_modified_by = composition.author[:255]
    core.created = core.modified = made_at
    core.language = "vi-VN"
    core.comments = ""
    core.keywords = ""
    core.revision = 1


def _style_id(component: str) -> str:
    return "".join(word.capitalize() for word in component.split("_"))


def _set_styles(file: Any, profile: LayoutProfile) -> None:
    styles = file.styles.element
    font = quoteattr(profile.named_font)
    size = round(profile.components["body"].size * 2)
    fonts = f"<w:rFonts w:ascii={font} w:hAnsi={font} w:eastAsia={font} w:cs={font}/>"
    defaults = _parse(
        "w:docDefaults",
        f"<w:rPrDefault><w:rPr>{fonts}"
        f'<w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        '<w:lang w:val="vi-VN" w:eastAsia="vi-VN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:spacing w:before="0" w:after="0" w:line="240" '
        'w:lineRule="auto"/></w:pPr></w:pPrDefault>',
    )
    styles.replace(styles.find(qn("w:docDefaults")), defaults)
    for style in styles.findall(qn("w:style")):
        if style.get(qn("w:styleId")) == "Normal":
            for tag in ("w:pPr", "w:rPr"):
                for old in style.findall(qn(tag)):
                    style.remove(old)
            style.append(_parse("w:rPr", f"{fonts}"))
    for key, looks in profile.components.items():
        styles.append(_style(key, looks, profile))


def _style(key: str, looks: Component, profile: LayoutProfile) -> Any:
    line = round(240 * (profile.line_spacing if looks.spaced else 1))
    indent = f'<w:ind w:firstLine="{_twips(profile.first_line_indent)}"/>' if looks.indented else ""
    faces = ("<w:b/>" if looks.bold else "") + ("<w:i/>" if looks.italic else "")
    size = round(looks.size * 2)
    own, following, outline = ' w:customStyle="1"', "", ""
    if looks.style in _WORDS_OWN:
        own, following = "", f'<w:next w:val="{_style_id("body")}"/>'
    if looks.style in _OUTLINE:
        outline = f'<w:outlineLvl w:val="{_OUTLINE[looks.style]}"/>'
    return parse_xml(
        f'<w:style {_DECLARED} w:type="paragraph"{own} w:styleId="{_style_id(key)}">'
        f'<w:name w:val={quoteattr(looks.style)}/><w:basedOn w:val="Normal"/>'
        f"{following}<w:qFormat/>"
        f'<w:pPr><w:spacing w:before="{_twips(looks.space_before)}" w:after="0" w:line="{line}" '
        f'w:lineRule="auto"/>{indent}<w:jc w:val="{_JUSTIFICATION[looks.align]}"/>'
        f"{outline}</w:pPr>"
        f'<w:rPr>{faces}<w:color w:val="000000"/><w:sz w:val="{size}"/><w:szCs w:val="{size}"/>'
        "</w:rPr></w:style>"
    )


def _set_settings(file: Any) -> None:
    settings = file.settings.element
    for child in list(settings):
        settings.remove(child)
    office = "http://schemas.microsoft.com/office/word"
    # doNotExpandShiftReturn: a line break in a justified paragraph must not stretch its line.
    content = _parse(
        "w:settings",
        '<w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/>'
        '<w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:doNotExpandShiftReturn/>'
        f'<w:compatSetting w:name="compatibilityMode" w:uri="{office}" w:val="15"/></w:compat>'
        '<w:themeFontLang w:val="vi-VN"/><w:decimalSymbol w:val=","/>'
        '<w:listSeparator w:val=";"/>',
    )
    settings.extend(list(content))


def _set_headers(file: Any) -> str:
    """Make the two headers every section uses; return the references to them."""
    section = file.sections[0]
    numbered, empty = section.header, section.first_page_header
    style = _style_id("page_number")
    for header, field in (
        (numbered, '<w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple>'),
        (empty, ""),
    ):
        header.is_linked_to_previous = False
        root = header._element
        for child in list(root):
            root.remove(child)
        root.append(_parse("w:p", f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>{field}'))
    return "".join(
        f'<w:headerReference w:type="{kind}" r:id="{reference.get(qn("r:id"))}"/>'
        for reference in section._sectPr.findall(qn("w:headerReference"))
        for kind in (reference.get(qn("w:type")),)
    )


class _Writer:
    def __init__(self, profile: LayoutProfile, headers: str) -> None:
        self.profile = profile
        self.headers = headers
        self.shapes = itertools.count(1)

    def body(self, sections: tuple[Section, ...]) -> str:
        parts: list[str] = []
        for section in sections[:-1]:
            parts += [*self.section(section), _end(self.properties(section))]
        parts += [*self.section(sections[-1]), _end(""), self.properties(sections[-1])]
        return "".join(parts)

    def properties(self, section: Section) -> str:
        page = self.profile.page
        width, height, orientation = page.width, page.height, ""
        if section.is_landscape:
            width, height, orientation = height, width, ' w:orient="landscape"'
        return (
            f'<w:sectPr>{self.headers}<w:type w:val="nextPage"/>'
            f'<w:pgSz w:w="{_twips(width)}" w:h="{_twips(height)}"{orientation}/>'
            f'<w:pgMar w:top="{_twips(page.top)}" w:right="{_twips(page.right)}" '
            f'w:bottom="{_twips(page.bottom)}" w:left="{_twips(page.left)}" '
            f'w:header="{_twips(page.page_number_top)}" w:footer="{_twips(page.page_number_top)}" '
            'w:gutter="0"/><w:pgNumType w:start="1"/><w:titlePg/></w:sectPr>'
        )

    def section(self, section: Section) -> Iterator[str]:
        if section.masthead:
            yield self.masthead(section.masthead)
        items = section.flow
        for item, after in zip(items, (*items[1:], None), strict=True):
            if isinstance(item, TableSheet):
                yield self.table(item)
                if isinstance(after, TableSheet):
                    yield _spacer(_TABLE_GAP)
            elif isinstance(item, Rule):
                yield self.rule(item, below=6)
            else:
                yield self.line(item, after=_TABLE_GAP if isinstance(after, TableSheet) else 0)
        if section.closing:
            yield self.closing(section.closing)

    def line(self, line: Line, *, before: float | None = None, after: float = 0) -> str:
        looks = self.profile.components[line.component]
        spacing = ""
        after += line.space_below
        if before is not None or after:
            above = looks.space_before if before is None else before
            spacing = f'<w:spacing w:before="{_twips(above)}" w:after="{_twips(after)}"/>'
        indent = ""
        if line.indent or line.hanging:
            left = _twips(line.indent + line.hanging)
            hanging = f' w:hanging="{_twips(line.hanging)}"' if line.hanging else ""
            indent = f'<w:ind w:left="{left}"{hanging}/>'
        justify = '<w:jc w:val="left"/>' if line.indent else ""
        keep = "<w:keepNext/>" if line.keep_with_next else ""
        outline = f'<w:outlineLvl w:val="{line.outline - 1}"/>' if line.outline else ""
        return (
            f'<w:p><w:pPr><w:pStyle w:val="{_style_id(line.component)}"/>{keep}{spacing}{indent}'
            f"{justify}{outline}</w:pPr>{_runs(line.runs)}</w:p>"
        )

    def rule(self, rule: Rule, *, below: float = 0) -> str:
        """A drawn line in a paragraph of its own, so that edits above it cannot leave it behind."""
        shape = next(self.shapes)
        length = _emu(rule.length)
        height = _twips(RULE_DROP + 1 + below)
        return (
            f'<w:p><w:pPr><w:keepNext/><w:spacing w:line="{height}" w:lineRule="exact"/>'
            '<w:jc w:val="center"/></w:pPr><w:r><mc:AlternateContent><mc:Choice Requires="wps">'
            '<w:drawing><wp:anchor distT="0" distB="0" distL="0" distR="0" simplePos="0" '
            f'relativeHeight="{shape}" behindDoc="0" locked="0" layoutInCell="1" allowOverlap="1">'
            '<wp:simplePos x="0" y="0"/><wp:positionH relativeFrom="column"><wp:align>center'
            '</wp:align></wp:positionH><wp:positionV relativeFrom="paragraph"><wp:posOffset>'
            f'{_emu(RULE_DROP)}</wp:posOffset></wp:positionV><wp:extent cx="{length}" cy="0"/>'
            '<wp:effectExtent l="0" t="0" r="0" b="0"/><wp:wrapNone/>'
            f'<wp:docPr id="{shape}" name="Đường kẻ {shape}"/><wp:cNvGraphicFramePr/>'
            f'<a:graphic><a:graphicData uri="{_NAMESPACES["wps"]}"><wps:wsp><wps:cNvCnPr/>'
            f'<wps:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{length}" cy="0"/></a:xfrm>'
            '<a:prstGeom prst="line"><a:avLst/></a:prstGeom>'
            f'<a:ln w="{_emu(self.profile.rule_thickness)}"><a:solidFill><a:srgbClr val="000000"/>'
            "</a:solidFill></a:ln></wps:spPr><wps:bodyPr/></wps:wsp></a:graphicData></a:graphic>"
            "</wp:anchor></w:drawing></mc:Choice><mc:Fallback/></mc:AlternateContent></w:r></w:p>"
        )

    def stacked(self, items: Iterable[Line | Rule], *, gap: float = 0) -> str:
        """The items of a cell; the first keeps its distance, if any, from what is above."""
        parts: list[str] = []
        for place, item in enumerate(items):
            if isinstance(item, Rule):
                parts.append(self.rule(item))
            else:
                parts.append(self.line(item, before=gap if gap and place == 0 else None))
        return "".join(parts)

    def masthead(self, masthead: Masthead) -> str:
        widths = (masthead.left_width, masthead.right_width)
        rows = (
            (self.stacked(masthead.issuer), self.stacked(masthead.nation)),
            (
                self.stacked(masthead.number, gap=_ROW_GAP),
                self.stacked(masthead.place_date, gap=_ROW_GAP),
            ),
        )
        return _frame(widths, rows)

    def closing(self, closing: Closing) -> str:
        widths = (closing.left_width, closing.right_width)
        signature = [
            self.line(
                line,
                before=_CLOSING_GAP
                if place == 0
                else self.profile.signature_space
                if line.component == "signer_name"
                else None,
            )
            for place, line in enumerate(closing.signature)
        ]
        if closing.signature[-1].component != "signer_name":
            nameless = Line("signer_name", ())
            signature.append(self.line(nameless, before=self.profile.signature_space))
        rows = [(self.stacked(closing.recipients, gap=_CLOSING_GAP), "".join(signature))]
        splits = [False]
        if closing.more_recipients:
            rows.append((self.stacked(closing.more_recipients), "<w:p/>"))
            splits.append(True)
        return _frame(widths, rows, splits)

    def table(self, sheet: TableSheet) -> str:
        grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in sheet.widths)
        sides = "".join(
            f'<w:{side} w:w="{_twips(room)}" w:type="dxa"/>'
            for side, room in (
                ("top", 2.5),
                ("left", CELL_PADDING),
                ("bottom", 2.5),
                ("right", CELL_PADDING),
            )
        )
        caption = f"<w:tblCaption w:val={quoteattr(sheet.summary)}/>" if sheet.summary else ""
        parts = [
            '<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/>'
            f'<w:tblW w:w="{_twips(sum(sheet.widths))}" w:type="dxa"/>'
            f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar>'
            f'<w:tblLook w:val="0020" w:firstRow="1"/>{caption}</w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>"
        ]
        parts += [self.row(row, sheet.widths, is_head=True) for row in sheet.head]
        for row, after in zip(sheet.rows, (*sheet.rows[1:], None), strict=True):
            keep = after is not None and (
                sheet.stays_whole
                or row.kind is RowKind.GROUP
                or (after.kind is RowKind.TOTAL and not row.may_split)
            )
            parts.append(self.row(row, sheet.widths, keep_with_next=keep))
        parts.append("</w:tbl>")
        return "".join(parts)

    def row(
        self,
        row: RowSheet,
        widths: tuple[float, ...],
        *,
        is_head: bool = False,
        keep_with_next: bool = False,
    ) -> str:
        whole = "" if row.may_split else "<w:cantSplit/>"
        head = "<w:tblHeader/>" if is_head else ""
        style = _style_id("table_head" if is_head else "table_cell")
        keep = "<w:keepNext/>" if keep_with_next or is_head else ""
        parts = [f"<w:tr><w:trPr>{whole}{head}</w:trPr>"]
        place = 0
        for cell in row.cells:
            parts += [_continued(width, style) for width in widths[place : cell.column]]
            place = cell.column + cell.columns
            parts.append(_cell(cell, sum(widths[cell.column : place]), style, keep, is_head))
        parts += [_continued(width, style) for width in widths[place:]]
        parts.append("</w:tr>")
        return "".join(parts)


def _cell(cell: CellSheet, width: float, style: str, keep: str, is_head: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.columns}"/>' if cell.columns > 1 else ""
    merge = '<w:vMerge w:val="restart"/>' if cell.rows > 1 else ""
    middle = '<w:vAlign w:val="center"/>' if is_head else ""
    justify = "" if cell.align is Align.LEFT else f'<w:jc w:val="{_JUSTIFICATION[cell.align]}"/>'
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/>{span}{merge}{middle}</w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keep}{justify}</w:pPr>'
        f"{_runs(cell.runs, says_upright=is_head)}</w:p></w:tc>"
    )


def _continued(width: float, style: str) -> str:
    """The part of a cell over two rows that lies in the second."""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/><w:vMerge/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr></w:p></w:tc>'
    )


def _runs(runs: Iterable[Run], *, says_upright: bool = False) -> str:
    parts: list[str] = []
    for run in runs:
        bold = "<w:b/>" if run.bold else '<w:b w:val="0"/>' if says_upright else ""
        italic = "<w:i/>" if run.italic else ""
        faces = f"<w:rPr>{bold}{italic}</w:rPr>" if bold or italic else ""
        text = "<w:br/>".join(
            f'<w:t xml:space="preserve">{_unbroken(escape(piece))}</w:t>' if piece else ""
            for piece in run.text.split("\n")
        )
        parts.append(f"<w:r>{faces}{text}</w:r>")
    return "".join(parts)


def _unbroken(text: str) -> str:
    return DOCUMENT_NUMBER.sub(
        lambda number: number[0].replace("-", '</w:t><w:noBreakHyphen/><w:t xml:space="preserve">'),
        text,
    )


def _frame(
    widths: tuple[float, float],
    rows: Iterable[tuple[str, str]],
    splits: Iterable[bool] = itertools.repeat(False),
) -> str:
    """Two columns without lines, for the head and the foot of the document."""
    grid = "".join(f'<w:gridCol w:w="{_twips(width)}"/>' for width in widths)
    sides = "".join(f'<w:{side} w:w="0" w:type="dxa"/>' for side in ("left", "right"))
    body = "".join(
        f"<w:tr><w:trPr>{'' if split else '<w:cantSplit/>'}</w:trPr>"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{_twips(width)}" w:type="dxa"/></w:tcPr>{cell}</w:tc>'
            for width, cell in zip(widths, cells, strict=True)
        )
        + "</w:tr>"
        for cells, split in zip(rows, splits, strict=False)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="TableNormal"/><w:tblW w:w="{_twips(sum(widths))}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{sides}</w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{body}</w:tbl>"
    )


def _spacer(height: float) -> str:
    return (
        f'<w:p><w:pPr><w:spacing w:line="{_twips(height)}" w:lineRule="exact"/>'
        '<w:rPr><w:sz w:val="2"/></w:rPr></w:pPr></w:p>'
    )


def _end(properties: str) -> str:
    """The paragraph a section must end in, too small to reach a page of its own."""
    return (
        '<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
        f'<w:rPr><w:sz w:val="2"/></w:rPr>{properties}</w:pPr></w:p>'
    )
