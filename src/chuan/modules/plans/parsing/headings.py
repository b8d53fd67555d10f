"""Where a table begins in text whose columns were lost, and which columns it has."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chuan.modules.plans.parsing.columns import Column
from chuan.modules.plans.parsing.labels import Label, LabelKind, read_label
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import fold, plain_marks

HEADING_LINES = 16

_JOINT = r"\s*(?:[,/&-]\s*|và\s+)?"

_TASK_WORDS = (
    r"(?:thực hiện|công việc|nhiệm vụ|giải pháp|hoạt động|chính|cụ thể|chủ yếu|triển khai)"
)

_PRODUCT_WORDS = (
    r"(?:sản phẩm|kết quả|đầu ra|dự kiến|đạt được|hoàn thành|chính|cụ thể|thực hiện|nhiệm vụ|"
    r"\(nếu có\)|\(dự kiến\))"
)

_BODY_WORD = r"(?:các\s+)?(?:(?:cơ quan|đơn vị)(?:\s*[,/]\s*(?:cơ quan|đơn vị))?\s+)?"

_HEADINGS = re.compile(
    r"(?<!\w)(?:"
    rf"(?P<number>(?:stt|tt|số tt|số thứ tự|s\.t\.t|t\.t)\.?)"
    rf"|(?P<both>{_BODY_WORD}chủ trì(?:\s*[,/;-]\s*(?:và\s+)?|\s+và\s+)(?:cơ quan\s+|đơn vị\s+)?phối hợp(?:\s+thực hiện)?)"
    rf"|(?P<coordinating>{_BODY_WORD}phối hợp(?:\s+thực hiện)?)"
    rf"|(?P<lead>{_BODY_WORD}chủ trì(?:\s+(?:thực hiện|tham mưu))*)"
    rf"|(?P<due>(?:dự kiến\s+)?(?:thời gian|thời hạn|tiến độ|lộ trình|thời điểm)(?:\s*/?\s*(?:tiến độ|thực hiện|hoàn thành|triển khai|dự kiến|trình|ban hành|báo cáo|bắt đầu|kết thúc))*|hoàn thành|năm thực hiện)"
    rf"|(?P<product>(?:dự kiến\s+)?(?:sản phẩm|kết quả|đầu ra)(?:{_JOINT}{_PRODUCT_WORDS})*)"
    rf"|(?P<budget>(?:dự toán\s+|nguồn\s+)?kinh phí(?:\s+thực hiện)?(?:\s*\([^)]*\))?|nguồn vốn)"
    rf"|(?P<note>ghi chú|căn cứ(?:\s+pháp lý)?|lãnh đạo(?:\s+\w+){{0,3}}(?:chỉ đạo|phụ trách))"
    rf"|(?P<task>(?:tên\s+)?(?:nội dung|nhiệm vụ|công việc|hoạt động|danh mục)(?:{_JOINT}{_TASK_WORDS})*)"
    rf"|(?P<gather>(?:phân công|tổ chức|{_BODY_WORD})\s*thực hiện|(?:cơ quan|đơn vị)(?:\s*[,/]\s*đơn vị)?)"
    r")(?!\w)"
)

_NUMBERED_COLUMNS = re.compile(r"(?:\(\d\)\s*){2,}|(?:[1-9]\s+){2,}[1-9]")

_INLINE_LABEL = re.compile(
    r"(?P<label>(?:[IVXL]+|[A-HĐ]|\d{1,4}(?:\.\d{1,3}){0,3})[.)]?)\s+(?=[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ\"“(])"
)


@dataclass(frozen=True, slots=True)
class Heading:
    """Column headings over lines [start, end): the columns in order, the number left out."""

    start: int
    end: int
    columns: tuple[Column, ...]
    has_number: bool


def find_headings(lines: Sequence[Line]) -> list[Heading]:
    """Every place where the headings of an annex stand in a row."""
    headings = []
    at = 0
    while at < len(lines):
        heading = _heading_at(lines, at)
        if heading:
            headings.append(heading)
            at = heading.end
        else:
            at += 1
    return headings


def _heading_at(lines: Sequence[Line], at: int) -> Heading | None:
    first = fold(lines[at].text)
    opening = _HEADINGS.match(first.lstrip())
    if not opening or opening.lastgroup not in ("number", "task"):
        return None
    joined, ends = "", []
    for line in lines[at : at + HEADING_LINES]:
        joined += fold(line.text) + " "
        ends.append(len(joined))
    kinds: list[str] = []
    position = len(joined) - len(joined.lstrip())
    while found := _HEADINGS.match(joined, position):
        kinds.append(str(found.lastgroup))
        position = found.end()
        position += len(joined[position:]) - len(joined[position:].lstrip(" |/,;"))
    columns = _columns(kinds)
    if len(columns) < 2 or Column.TASK not in columns:
        return None
    if not {Column.LEAD, Column.BOTH, Column.DUE, Column.COORDINATING} & set(columns):
        return None
    count = next((n for n, end in enumerate(ends, 1) if end >= position), len(ends))
    if joined[position : ends[count - 1]].strip():
        return None
    end = at + count
    if end < len(lines) and _NUMBERED_COLUMNS.fullmatch(lines[end].text.strip()):
        end += 1
    return Heading(at, end, columns, "number" in kinds)


def _columns(kinds: list[str]) -> tuple[Column, ...]:
    """Columns in order; a heading that only gathers gives its place to the ones below it."""
    columns: list[Column | None] = []
    below = {kind for kind in ("lead", "coordinating") if kind in kinds}
    for kind in kinds:
        if kind == "gather":
            if not below:
                columns.append(Column.LEAD)
            elif kinds.index("gather") < min(map(kinds.index, below)):
                columns.append(None)
        elif kind != "number" and Column(kind) not in columns:
            columns.append(Column(kind))
    if None in columns:
        gathered = [Column(kind) for kind in ("lead", "coordinating") if kind in below]
        rest = [column for column in columns if column not in gathered]
        place = rest.index(None)
        columns = [*rest[:place], *gathered, *rest[place + 1 :]]
    return tuple(column for column in columns if column is not None)


def label_of(line: Line) -> tuple[Label | None, str]:
    """A label that stands alone on a line or begins it, and the rest of the line."""
    text = plain_marks(line.text)
    label = read_label(text)
    if label and label.kind not in (LabelKind.LETTER, LabelKind.BULLET):
        return label, ""
    found = _INLINE_LABEL.match(line.text)
    if found and (label := read_label(found["label"])):
        return label, line.text[found.end() :]
    return None, line.text
