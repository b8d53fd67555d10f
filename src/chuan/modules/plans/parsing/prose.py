"""The body of a plan: its points, tasks told in prose, and the clause on reports."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chuan.modules.plans.parsing.bodies import read_bodies
from chuan.modules.plans.parsing.columns import Column, vocabulary
from chuan.modules.plans.parsing.labels import Label, LabelKind, letter_position, take_label
from chuan.modules.plans.parsing.plan import Doubt, ReadBodyPoint, ReadReporting, Source
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.rows import RawRow, RowKind
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import fold, squeeze

_WORK = re.compile(r"nhiệm vụ|giải pháp|nội dung")
_NO_WORK = re.compile(
    r"mục đích|yêu cầu|mục tiêu|quan điểm|căn cứ|kinh phí|tổ chức thực hiện|phạm vi|đối tượng|"
    r"chế độ báo cáo|trách nhiệm|tổ chức triển khai|nguồn lực|hiệu lực"
)
_LABELLED = re.compile(r"^\s*[-+*•–]?\s*")
_REPORT = re.compile(r"(?<!\w)báo cáo(?!\w)")
_REPORT_DAY = re.compile(
    r"(?:trước|chậm nhất|đến|vào)?\s*(?:là\s+)?(?:ngày|hết ngày)\s*(?P<day>\d{1,2})\s*"
    r"(?:/|tháng|-)\s*(?P<month>\d{1,2})(?:\s*(?:/|năm|-)\s*(?P<year>20\d\d))?"
    r"|(?:trước|chậm nhất)\s+(?P<day2>\d{1,2})\s*/\s*(?P<month2>\d{1,2})(?:\s*/\s*(?P<year2>20\d\d))?"
)
_YEARLY = re.compile(r"h[àằ]ng năm|định kỳ|mỗi năm")
_SEND_TO = re.compile(
    r"(?<!\w)(?:gửi(?:\s+(?:báo cáo|kết quả|văn bản))?(?:\s+về)?|báo cáo(?:\s+kết quả)?\s+(?:về|gửi)|về|\(qua|thông qua|qua)\s+"
    r"(?=(?:[A-ZĐ]|UBND))"
)


@dataclass(slots=True)
class Node:
    """One numbered piece of the body: "II", "1", "a" with its text and the pieces under it."""

    label: Label | None
    source: Source
    lines: list[str] = field(default_factory=list)
    children: list[Node] = field(default_factory=list)

    @property
    def text(self) -> str:
        return squeeze("\n".join(self.lines))

    @property
    def title(self) -> str:
        return self.lines[0] if self.lines else ""

    def whole_text(self) -> str:
        return squeeze("\n".join([self.text, *(child.whole_text() for child in self.children)]))


_DEPTH = {
    LabelKind.CAPITAL: 1,
    LabelKind.ROMAN: 2,
    LabelKind.NUMBER: 3,
    LabelKind.DOTTED: 4,
    LabelKind.LETTER: 5,
    LabelKind.BULLET: 6,
}


def read_outline(lines: Sequence[Line]) -> Node:
    """The pieces of a body as a tree; what no number introduces belongs to the piece before it."""
    root = Node(None, lines[0].source if lines else Source(None, 1))
    path = [root]
    for line in lines:
        label, rest = take_label(line.text)
        depth = _DEPTH[label.kind] if label else 0
        if label and label.kind is LabelKind.DOTTED:
            depth += min(label.code.count("."), 1) - 1
        if label is None or not _in_order(label, rest, path):
            path[-1].lines.append(line.text)
            continue
        while len(path) > 1 and _depth_of(path[-1]) >= depth:
            path.pop()
        node = Node(label, line.source, [rest])
        path[-1].children.append(node)
        path.append(node)
    return root


def _depth_of(node: Node) -> int:
    return _DEPTH[node.label.kind] if node.label else 0


def _in_order(label: Label, rest: str, path: list[Node]) -> bool:
    """Whether a label carries on a list that is open here, or begins one."""
    if label.kind is LabelKind.BULLET:
        return True
    if label.kind is LabelKind.DOTTED:
        return rest[:1].isupper() or rest[:1] in '"“'
    siblings = [
        node.children[-1]
        for node in path
        if node.children and node.children[-1].label and node.children[-1].label.kind is label.kind
    ]
    if label.value == 1:
        return label.kind is not LabelKind.NUMBER or not rest[:1].islower()
    last = siblings[-1].label if siblings else None
    if last is None:
        return label.kind in (LabelKind.ROMAN, LabelKind.CAPITAL) and rest.isupper()
    if label.kind is LabelKind.LETTER:
        return 0 < letter_position(label.code) - letter_position(last.code) <= 2
    return 0 < label.value - last.value <= 2


def body_points(root: Node) -> list[ReadBodyPoint]:
    """The points of the parts that say what is to be done: "1.a" is letter a of number 1.

    Where more than one part does, its numeral goes in front: "III.1.a".
    """
    parts = [node for node in root.children if _says_work(node)]
    if not parts:
        tops = [node for node in root.children if node.label and _is_top(node.label.kind)]
        parts = [node for node in tops if not _NO_WORK.search(fold(node.title))]
        if not tops:
            parts = [root]
    points: list[ReadBodyPoint] = []
    for part in parts:
        prefix = f"{part.label.code}." if part.label and len(parts) > 1 else ""
        points.extend(_points_below(part, prefix))
    return points


def _is_top(kind: LabelKind) -> bool:
    return kind in (LabelKind.ROMAN, LabelKind.CAPITAL)


def _says_work(node: Node) -> bool:
    title = fold(node.title)
    if node.label is None or not _is_top(node.label.kind) or not _WORK.search(title):
        return False
    return not _NO_WORK.match(title)


def _points_below(part: Node, prefix: str) -> Iterator[ReadBodyPoint]:
    for position, node in enumerate(part.children, 1):
        if node.label is None:
            continue
        code = _code_of(node, prefix, position)
        deeper = [
            child
            for child in node.children
            if child.label and child.label.kind is not LabelKind.BULLET
        ]
        if deeper:
            yield from _points_below(Node(node.label, node.source, node.lines, deeper), f"{code}.")
        elif node.children and node.label.kind in (LabelKind.NUMBER, LabelKind.ROMAN):
            bullets = [child for child in node.children if not _is_labelled(child)]
            for count, child in enumerate(bullets, 1):
                yield ReadBodyPoint(f"{code}.{count}", child.whole_text(), child.source)
            if not bullets:
                yield ReadBodyPoint(code, node.whole_text(), node.source)
        else:
            yield ReadBodyPoint(code, node.whole_text(), node.source)


def _code_of(node: Node, prefix: str, position: int) -> str:
    label = node.label
    if label is None or label.kind is LabelKind.BULLET:
        return f"{prefix}{position}"
    if label.kind is LabelKind.DOTTED and prefix.rstrip(".") == label.code.rpartition(".")[0]:
        return label.code
    if label.kind is LabelKind.DOTTED:
        own = prefix.rstrip(".").rpartition(".")[2]
        head, _, tail = label.code.partition(".")
        return f"{prefix}{tail}" if head == own else f"{prefix}{label.code}"
    return f"{prefix}{label.code}"


def _is_labelled(node: Node) -> bool:
    return vocabulary().any_label.match(fold(node.title)) is not None


def prose_tasks(root: Node) -> list[RawRow]:
    """Tasks that name lead and deadline in labelled lines ("- Cơ quan chủ trì: …"), no table."""
    rows: list[RawRow] = []
    for part in root.children:
        found = list(_prose_rows(part, ""))
        if not found:
            continue
        label = part.label
        if label and _is_top(label.kind):
            section = RawRow(RowKind.SECTION, label.code, {Column.TASK: part.title}, part.source)
            rows.append(section)
        rows.extend(found)
    return rows


def _prose_rows(node: Node, prefix: str) -> Iterator[RawRow]:
    is_top = node.label is not None and _is_top(node.label.kind)
    own = "" if is_top or node.label is None else f"{prefix}{node.label.code}"
    cells = _labelled_cells(node)
    deeper: list[RawRow] = []
    for child in node.children:
        if not _is_labelled(child):
            deeper.extend(_prose_rows(child, f"{own}." if own else ""))
    if (Column.LEAD in cells or Column.DUE in cells) and not is_top:
        doubt = Doubt(
            "from_prose",
            gettext_noop("Nhiệm vụ đọc từ lời văn, không từ bảng; hãy đối chiếu."),
            "text",
        )
        excerpt = node.whole_text()
        yield RawRow(RowKind.TASK, own.strip("."), cells, node.source, 1, excerpt, [doubt])
    yield from deeper


def _labelled_cells(node: Node) -> dict[Column, str]:
    """The labelled parts of a node and of its bullets; what has no label is the task itself."""
    cells: dict[Column, str] = {}
    texts = ["\n".join(node.lines)]
    texts += [child.whole_text() for child in node.children if _is_labelled(child)]
    for text in texts:
        for column, part in split_labelled(text):
            if part.strip():
                cells[column] = f"{cells[column]}\n{part}" if column in cells else part
    return cells


def split_labelled(text: str) -> list[tuple[Column, str]]:
    """A text cut at its labels: "… Chủ trì: Sở A. Thời gian: Quý II" → task, lead, due."""
    folded = fold(text)
    found = list(vocabulary().any_label.finditer(folded))
    if not found:
        return [(Column.TASK, text)]
    parts = [(Column.TASK, text[: found[0].start()].rstrip(" \n,;-–+("))]
    for label, following in zip(found, [*found[1:], None], strict=True):
        end = following.start() if following else len(text)
        part = text[label.end() : end].strip(" \n.,;-–+(")
        if part.count(")") > part.count("("):
            part = part.rstrip(") ")
        parts.append((_column_of(label.group()), part))
    return parts


def _column_of(label: str) -> Column:
    # Label patterns share words ("thời gian thực hiện"); the one that covers all of it is meant.
    for column in (Column.COORDINATING, Column.LEAD, Column.PRODUCT, Column.DUE, Column.TASK):
        pattern = vocabulary().labels.get(column)
        if pattern and pattern.fullmatch(label):
            return column
    return Column.TASK


def read_reporting(lines: Sequence[Line]) -> ReadReporting | None:
    """The clause that says who gets the report on the plan, and before which day."""
    best: tuple[int, ReadReporting] | None = None
    for source, sentence in _sentences(lines):
        folded = fold(sentence)
        if not _REPORT.search(folded):
            continue
        for found in _REPORT_DAY.finditer(folded):
            day = int(found["day"] or found["day2"])
            month = int(found["month"] or found["month2"])
            year = found["year"] or found["year2"]
            if not (1 <= day <= 31 and 1 <= month <= 12):
                continue
            to = _through(sentence) or _addressee(sentence, found.end()) or _addressee(sentence, 0)
            if not to:
                continue
            yearly = bool(_YEARLY.search(folded)) and year is None
            due = f"{day:02d}/{month:02d}" if month < 3 else f"{day:02d}/{month}"
            due = f"{due}/{year}" if year else due
            weight = 2 * yearly + ("tổng hợp" in folded) + ("trước" in found.group())
            if best is None or weight > best[0]:
                best = (weight, ReadReporting(due, to, yearly or year is None, source))
    return best[1] if best else None


def _through(sentence: str) -> str | None:
    """The department that gathers reports addressed above it: "(qua Sở Khoa học và Công nghệ)"."""
    found = re.search(r"(?:\(|,\s*|\s)(?:thông qua|qua)\s+(?=Sở\s)", sentence)
    bodies = read_bodies(sentence[found.end() : found.end() + 120]) if found else ()
    return bodies[0].name if bodies else None


def _addressee(sentence: str, start: int) -> str | None:
    for found in _SEND_TO.finditer(sentence, start):
        bodies = read_bodies(sentence[found.end() : found.end() + 160])
        if bodies and bodies[0].known:
            return bodies[0].name
    return None


def _sentences(lines: Sequence[Line]) -> Iterator[tuple[Source, str]]:
    """Paragraphs of the body, each with where it begins."""
    texts: list[str] = []
    source = Source(None, 1)
    for line in lines:
        label, _rest = take_label(line.text)
        begins = label is not None or (texts and texts[-1].rstrip().endswith((".", "./.", ";")))
        if texts and begins:
            yield source, squeeze("\n".join(texts))
            texts = []
        if not texts:
            source = line.source
        texts.append(line.text)
    if texts:
        yield source, squeeze("\n".join(texts))
