"""What a document still lacks, said all at once, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from chuan.core.documents.layout.composing import layout_for
from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Cell,
    Column,
    ColumnKind,
    Document,
    Heading,
    HeadingLevel,
    ListMark,
    Orientation,
    Paragraph,
    Points,
    Row,
    RowKind,
    Table,
    plain,
)
from chuan.core.documents.layout.metrics import has_glyph
from chuan.core.documents.layout.profile import LayoutProfile
from chuan.lib.vietnamese import LIST_LETTERS, clean, format_date, to_roman

# A column narrower than this cannot hold a word at the sizes of a table.
_NARROWEST = 24.0


class IncompleteDocument(ValueError):
    """A document that cannot be drawn; `problems` are sentences for the person who writes it."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def check_document(document: Document) -> list[str]:
    """Everything that keeps the document from being drawn, as sentences that say what to do.

    A draft may lack its number, the day of its date and the signer's name; with a number, it must
    have all three.
    """
    try:
        profile = layout_for(document)
    except LookupError:
        return [
            _(
                "Chưa có thể thức trình bày cho văn bản ngày %(day)s với bộ cỡ chữ “%(size_set)s”. "
                "Hãy kiểm tra ngày văn bản hoặc bỏ chọn bộ cỡ chữ."
            )
            % {"day": format_date(document.dated.latest()), "size_set": document.size_set}
        ]
    return [
        *_frame_problems(document, profile),
        *_body_problems(document, profile),
        *_annex_problems(document, profile),
    ]


def unprintable_characters(document: Document) -> list[str]:
    """Characters no font of ours can show (emoji, Han letters): they will appear as □."""
    found = {
        character
        for text in _texts(document)
        for character in clean(text)
        if not has_glyph(character)
    }
    return sorted(found)


def _frame_problems(document: Document, profile: LayoutProfile) -> Iterator[str]:
    kind = profile.kinds.get(document.kind)
    if kind is None:
        yield _(
            "Chưa có thể thức cho loại văn bản “%(kind)s”. Hãy chọn một trong các loại: %(known)s."
        ) % {"kind": document.kind, "known": ", ".join(sorted(profile.kinds))}
    if not clean(document.issuer):
        yield _("Thiếu tên cơ quan, tổ chức ban hành văn bản.")
    notation = document.notation
    if not notation:
        yield _("Thiếu ký hiệu văn bản, ví dụ “BC-SKHCN”.")
    elif any(character.isspace() for character in notation):
        yield _("Ký hiệu “%(notation)s” không được có khoảng trắng.") % {"notation": notation}
    if not clean(document.place):
        yield _("Thiếu địa danh ghi trước ngày, tháng, năm.")
    if not clean(document.subject):
        yield _("Thiếu trích yếu nội dung văn bản.")
    if kind and kind.is_letter and not document.addressees:
        yield _("Công văn phải có ít nhất một nơi nhận ở phần “Kính gửi”.")
    for label, names in (
        (_("Kính gửi"), document.addressees),
        (_("Nơi nhận"), document.recipients),
        (_("Căn cứ"), document.legal_bases),
    ):
        for place, name in enumerate(names, start=1):
            if not clean(name).strip(" -;.,"):
                yield _("Dòng %(place)s của phần “%(label)s” để trống.") % {
                    "place": place,
                    "label": label,
                }
    if not clean(document.archive):
        yield _("Thiếu nơi lưu văn bản, ví dụ “VT, TĐC”.")
    signature = document.signature
    if not signature.positions or not all(clean(one) for one in signature.positions):
        yield _("Thiếu chức vụ của người ký.")
    if document.number is not None:
        if document.number < 1:
            yield _("Số văn bản phải từ 1 trở lên.")
        if not document.dated.is_complete:
            yield _("Văn bản đã có số thì phải ghi đủ ngày, tháng, năm.")
        if not clean(signature.name):
            yield _("Văn bản đã có số thì phải có họ tên người ký.")


def _body_problems(document: Document, profile: LayoutProfile) -> Iterator[str]:
    where = _("Nội dung")
    if not document.body:
        yield _("Văn bản chưa có nội dung.")
        return
    yield from _block_problems(document.body, where, _width(profile, Orientation.PORTRAIT))
    if not isinstance(document.body[-1], Paragraph | Points):
        yield _(
            "Nội dung phải kết thúc bằng một đoạn văn để ghi dấu “./.”; hãy thêm một đoạn sau bảng "
            "hoặc tiêu đề cuối cùng."
        )


def _annex_problems(document: Document, profile: LayoutProfile) -> Iterator[str]:
    for place, annex in enumerate(document.annexes, start=1):
        where = _("Phụ lục") + (f" {to_roman(place)}" if len(document.annexes) > 1 else "")
        if not clean(annex.title):
            yield _("%(where)s: thiếu tên phụ lục.") % {"where": where}
        if not annex.blocks:
            yield _("%(where)s: chưa có nội dung.") % {"where": where}
        yield from _block_problems(annex.blocks, where, _width(profile, annex.orientation))


def _width(profile: LayoutProfile, orientation: Orientation) -> float:
    page = profile.page
    whole = page.height if orientation is Orientation.LANDSCAPE else page.width
    return whole - page.left - page.right


def _block_problems(blocks: tuple[Block, ...], where: str, width: float) -> Iterator[str]:
    points = 0
    for place, block in enumerate(blocks, start=1):
        at = _("%(where)s, khối %(place)s") % {"where": where, "place": place}
        if isinstance(block, Table):
            yield from _table_problems(block, at, width)
        elif isinstance(block, Points):
            if not block.items:
                yield _("%(where)s: danh sách chưa có dòng nào.") % {"where": at}
            if not all(clean(plain(item)) for item in block.items):
                yield _("%(where)s: danh sách có dòng để trống.") % {"where": at}
            if block.mark is ListMark.LETTER and len(block.items) > len(LIST_LETTERS):
                yield _too_many_letters(at)
        elif not clean(plain(block.text)):
            yield (
                _("%(where)s: tiêu đề để trống.") % {"where": at}
                if isinstance(block, Heading)
                else _("%(where)s: đoạn văn để trống.") % {"where": at}
            )
        if isinstance(block, Heading):
            points = points + 1 if block.level is HeadingLevel.POINT else 0
            if points == len(LIST_LETTERS) + 1:
                yield _too_many_letters(at)


def _too_many_letters(where: str) -> str:
    return _("%(where)s: quá %(most)s điểm, không đủ chữ cái để đánh; hãy dùng số.") % {
        "where": where,
        "most": len(LIST_LETTERS),
    }


def _table_problems(table: Table, where: str, width: float) -> Iterator[str]:
    if not table.columns:
        yield _("%(where)s: bảng chưa có cột nào.") % {"where": where}
        return
    shares = sum(column.width for column in table.columns)
    for place, column in enumerate(table.columns, start=1):
        of: dict[str, str | int] = {"where": where, "place": place}
        if not clean(column.title):
            yield _("%(where)s: cột %(place)s chưa có tên.") % of
        if column.width <= 0:
            yield _("%(where)s: độ rộng của cột %(place)s phải lớn hơn 0.") % of
        elif shares > 0 and width * column.width / shares < _NARROWEST:
            yield (
                _(
                    "%(where)s: cột %(place)s quá hẹp; hãy bớt cột hoặc chuyển phụ lục sang khổ ngang."
                )
                % of
            )
    for place, row in enumerate(table.rows, start=1):
        of = {"where": where, "place": place}
        if row.kind is RowKind.GROUP:
            if not 1 <= len(row.cells) <= min(2, len(table.columns)):
                yield (
                    _("%(where)s: dòng nhóm %(place)s phải có tên nhóm và nhiều nhất một mã.") % of
                )
        elif len(row.cells) != len(table.columns):
            yield _("%(where)s: dòng %(place)s có %(cells)s ô, bảng có %(columns)s cột.") % {
                **of,
                "cells": len(row.cells),
                "columns": len(table.columns),
            }
        else:
            yield from _cell_problems(row, table.columns, of)


def _cell_problems(
    row: Row, columns: tuple[Column, ...], of: dict[str, str | int]
) -> Iterator[str]:
    skipped = 1 if row.kind is RowKind.TOTAL else 0
    for cell, column in list(zip(row.cells, columns, strict=True))[skipped:]:
        if not _suits(cell, column.kind):
            yield _(
                "%(where)s: dòng %(place)s, cột “%(column)s” có giá trị không đúng kiểu của cột."
            ) % {**of, "column": column.title}


def _suits(cell: Cell, kind: ColumnKind) -> bool:
    """A text stands in any column ("Không áp dụng"); a number or a date only in one of its kind."""
    if cell is None or isinstance(cell, str | tuple):
        return True
    if isinstance(cell, date):
        return kind in (ColumnKind.DATE, ColumnKind.TEXT)
    if isinstance(cell, bool) or not isinstance(cell, int | Decimal):
        return False
    return kind is not ColumnKind.DATE and (isinstance(cell, int) or cell.is_finite())


def _texts(document: Document) -> Iterator[str]:
    yield from (document.issuer_parent, document.issuer, document.notation, document.place)
    yield from (document.subject, document.archive, document.signature.name)
    yield from (*document.addressees, *document.legal_bases, *document.recipients)
    yield from document.signature.positions
    parts: tuple[Document | Annex, ...] = (document, *document.annexes)
    for part in parts:
        if isinstance(part, Annex):
            yield part.title
        for block in part.blocks if isinstance(part, Annex) else part.body:
            yield from _block_texts(block)


def _block_texts(block: Block) -> Iterator[str]:
    if isinstance(block, Table):
        yield from (block.caption, block.unit_note, block.empty_note)
        for column in block.columns:
            yield from (column.title, column.group)
        for row in block.rows:
            yield from (plain(cell) for cell in row.cells if isinstance(cell, str | tuple))
    elif isinstance(block, Points):
        yield from map(plain, block.items)
    else:
        yield plain(block.text)
