"""Adding accepted reports up: pure functions over frozen content, with no database.

Content of one report is what `snapshots.content_of` makes. A count of many units is the sum of
their counts; a share is the sum of the parts over the sum of the wholes, never a mean of shares.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from chuan.core.indicators.registry import Unit
from chuan.flows.annual_report.enums import STANDINGS, ReportState
from chuan.lib.vietnamese import fold

Content = dict[str, Any]

# Beyond this many paragraphs on one task, only those of provincial bodies go into the first text.
MERGED_IN_FULL = 12
# The columns of the coverage table; they sum to what is expected.
COVERAGE = ("included", "waiting", "in_review", "returned", "excluded", "missing")
# So many bodies that wrote the same words are named; more are counted.
NAMED_TOGETHER = 3
# “Không có khó khăn, vướng mắc.”, without tones.
_NOTHING = re.compile(
    r"^(hien )?(khong|chua)( co| phat sinh)?( (kho khan|vuong mac|kien nghi|de xuat)[^.;]*)?[.;]?$"
)


@dataclass(frozen=True, slots=True)
class Part:
    """One body in a consolidation: what it sent, or why nothing of it is in.

    `group` is its place in the coverage table: order and label. `content` is None when not
    included.
    """

    report_id: int
    organisation_id: int
    name: str
    group: tuple[int, str]
    state: str
    content: Content | None = None
    sha256: str = ""
    reason: str = ""
    submitted_at: str | None = None
    is_on_time: bool | None = None

    @property
    def is_included(self) -> bool:
        return self.content is not None


@dataclass(frozen=True, slots=True)
class PlanTask:
    id: int
    code: str
    title: str
    section: str
    # Only its heading is followed here: it is counted, and nothing is written about it.
    heading_only: bool = False


def add_up(parts: Sequence[Part], tasks: Sequence[PlanTask]) -> Content:
    """Everything a consolidation says in numbers, ready to be stored and hashed."""
    included = [part for part in parts if part.content is not None]
    return {
        "format": 1,
        "coverage": coverage(parts),
        "figures": figures(included),
        "achievement": _tally(_lead_items(included), "achievement"),
        "timeliness": _tally(_lead_items(included), "timeliness"),
        "tasks": [_task_counts(task, included) for task in tasks],
        "reports": [
            {
                "report_id": part.report_id,
                "organisation_id": part.organisation_id,
                "name": part.name,
                "group": part.group[1],
                "state": part.state,
                "is_included": part.is_included,
                "sha256": part.sha256 if part.is_included else "",
                "reason": part.reason,
                "submitted_at": part.submitted_at,
                "is_on_time": part.is_on_time,
            }
            for part in parts
        ],
    }


# ---------------------------------------------------------------- coverage


def coverage(parts: Sequence[Part]) -> Content:
    """Who is in, by group: `expected` is the sum of `included` and the five `STANDINGS`."""
    return count_coverage((part.group, _standing(part)) for part in parts)


def count_coverage(standings: Iterable[tuple[tuple[int, str], str]]) -> Content:
    """The same from each body's group and standing alone."""
    groups: dict[tuple[int, str], Counter[str]] = {}
    for group, standing in standings:
        groups.setdefault(group, Counter())[standing] += 1
    total: Counter[str] = Counter()
    for counts in groups.values():
        total.update(counts)
    return {
        **_standing_counts(total),
        "groups": [
            {"title": group[1], **_standing_counts(counts)}
            for group, counts in sorted(groups.items())
        ],
    }


def _standing(part: Part) -> str:
    if part.is_included:
        return "included"
    return STANDINGS[ReportState(part.state)]


def _standing_counts(counts: Counter[str]) -> Content:
    named = {key: counts[key] for key in COVERAGE}
    return {"expected": sum(named.values()), **named}


# ---------------------------------------------------------------- figures


def figures(included: Sequence[Part]) -> list[Content]:
    """Every indicator over the included reports, by code, with who says otherwise than the system."""
    by_code: dict[str, list[tuple[Part, Content]]] = {}
    for part in included:
        for figure in _content(part)["figures"]:
            by_code.setdefault(figure["code"], []).append((part, figure))
    return [_rolled_up(code, rows) for code, rows in sorted(by_code.items())]


def _rolled_up(code: str, rows: list[tuple[Part, Content]]) -> Content:
    newest = max((figure for _part, figure in rows), key=lambda figure: str(figure["counted_at"]))
    is_share = newest["unit"] == Unit.PERCENT
    add = _add_shares if is_share else _add_counts
    reported = add([figure["reported"] for _part, figure in rows])
    counted = add([figure["counted"] for _part, figure in rows])
    return {
        "code": code,
        "title": newest["title"],
        "unit": newest["unit"],
        "definition": newest["definition"],
        "definition_count": len({figure["definition"] for _part, figure in rows}),
        "reported": reported,
        "counted": counted,
        "difference": _difference(reported["value"], counted["value"]),
        "outlook": None if is_share else _add_outlooks([figure for _part, figure in rows]),
        "report_count": sum(1 for _part, figure in rows if figure["reported"]["value"] is not None),
        "overrides": [
            {
                "report_id": part.report_id,
                "organisation_id": part.organisation_id,
                "name": part.name,
                "counted": figure["counted"]["value"],
                "reported": figure["reported"]["value"],
                "reason": figure["override_reason"],
            }
            for part, figure in rows
            if figure["is_overridden"]
        ],
    }


def part_of(figure: Content, share: Decimal) -> Content:
    """A figure of which only a part counts: numbers, and both sides of a percentage, times `share`."""
    if share == 1:
        return figure

    def scaled(value: Content) -> Content:
        number = value["value"]
        return {
            "value": number
            if number is None or value["denominator"] is not None
            else written(Decimal(number) * share),
            "numerator": None if value["numerator"] is None else value["numerator"] * share,
            "denominator": None if value["denominator"] is None else value["denominator"] * share,
        }

    outlook = figure["outlook"]
    return {
        **figure,
        "reported": scaled(figure["reported"]),
        "counted": scaled(figure["counted"]),
        "outlook": None if outlook is None else written(Decimal(outlook) * share),
    }


def _add_counts(values: Iterable[Content]) -> Content:
    numbers = [Decimal(value["value"]) for value in values if value["value"] is not None]
    total = written(sum(numbers, Decimal(0))) if numbers else None
    return {"value": total, "numerator": None, "denominator": None}


def _add_shares(values: Iterable[Content]) -> Content:
    known = [value for value in values if value["denominator"]]
    part = sum(value["numerator"] for value in known)
    whole = sum(value["denominator"] for value in known)
    return {"value": share(part, whole), "numerator": part, "denominator": whole}


def _add_outlooks(rows: Sequence[Content]) -> str | None:
    """What the units expect of the whole year; where one says nothing, what it reports stands."""
    if not any(figure["outlook"] is not None for figure in rows):
        return None
    expected = (
        figure["outlook"] if figure["outlook"] is not None else figure["reported"]["value"]
        for figure in rows
    )
    return written(sum((Decimal(value) for value in expected if value is not None), Decimal(0)))


def share(part: int, whole: int) -> str | None:
    """A share in percent with one decimal, as text; None of nothing."""
    if not whole:
        return None
    return str((Decimal(part) * 100 / whole).quantize(Decimal("0.1")))


def written(number: Decimal) -> str:
    """A number as canonical text: no exponent, no zeros after the decimals."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _difference(reported: str | None, counted: str | None) -> str | None:
    if reported is None or counted is None:
        return None
    return written(Decimal(reported) - Decimal(counted))


# ---------------------------------------------------------------- tasks


def _lead_items(included: Iterable[Part]) -> list[Content]:
    return counted_once(
        item for part in included for item in _content(part)["items"] if item["role"] == "lead"
    )


def counted_once(items: Iterable[Content]) -> list[Content]:
    """Of the items about a task of which one body is enough, the one of who did it, else the first."""
    found: dict[str, Content] = {}
    for place, item in enumerate(items):
        key = item.get("any_of") or f"#{place}"
        known = found.get(key)
        if known is None or (item["done_on"] or "9999") < (known["done_on"] or "9999"):
            found[key] = item
    return list(found.values())


def _tally(items: Iterable[Content], key: str) -> Content:
    return dict(sorted(Counter(item[key] for item in items if item[key]).items()))


def _task_counts(task: PlanTask, included: Sequence[Part]) -> Content:
    items = [item for item in _lead_items(included) if item["task_id"] == task.id]
    return {
        "task_id": task.id,
        "code": task.code,
        "title": task.title,
        "section": task.section,
        "lead_count": len(items),
        "heading_only": task.heading_only,
        "achievement": _tally(items, "achievement"),
        "timeliness": _tally(items, "timeliness"),
    }


def sources_of(task_id: int, included: Sequence[Part]) -> list[Content]:
    """Every paragraph on a task with the mark it carries: leads before coordinators, then by group."""
    written_down = [
        (item["role"] != "lead", part.group[0], place, part, item)
        for place, part in enumerate(included)
        for item in _content(part)["items"]
        if item["task_id"] == task_id and (item["narrative"] or item["outlook"])
    ]
    written_down.sort(key=lambda row: row[:3])
    return [
        {
            "mark": mark,
            "report_id": part.report_id,
            "organisation_id": part.organisation_id,
            "name": part.name,
            "group": part.group[1],
            "is_provincial": part.group[0] == 0,
            "role": item["role"],
            "narrative": item["narrative"],
            "outlook": item["outlook"],
            "achievement": item["achievement"],
            "percent": item["percent"],
        }
        for mark, (_c, _g, _p, part, item) in enumerate(written_down, start=1)
    ]


def merged_text(sources: Sequence[Content]) -> str:
    """A first text on a task: a paragraph per leading body, with its mark, to be reworked.

    The same words of several bodies stand there once, named after all of them. Bodies that only help, and those that have not begun, are counted elsewhere. Where very many
    bodies lead, communes are left to be brought in one by one: two hundred paragraphs are no report.
    """
    chosen = [source for source in sources if source["narrative"]]
    leading = [source for source in chosen if source["role"] == "lead"]
    chosen = [source for source in leading or chosen if source["achievement"] != "not_started"]
    by_text: dict[str, list[Content]] = {}
    for source in chosen:
        by_text.setdefault(_in_one_line(source), []).append(source)
    shown = _first_to_show(
        by_text, [text for text, by in by_text.items() if any(one["is_provincial"] for one in by)]
    )
    lines = [
        f"- {_named([str(one['name']) for one in by_text[text]])}: {text} "
        f"{marks_of([one['mark'] for one in by_text[text]])}"
        for text in shown
    ]
    others = sum(len(writers) for text, writers in by_text.items() if text not in shown)
    if others:
        lines.append(
            _(
                "- %(count)s cơ quan, đơn vị, địa phương khác: nội dung tại Phụ lục IV (tệp XLSX kèm "
                "theo)."
            )
            % {"count": others}
        )
    return "\n".join(lines)


def _first_to_show(by_text: Mapping[str, Sequence[object]], provincial: Sequence[str]) -> list[str]:
    """Which texts a first draft has, in their order: all while they are few; of very many, those of
    the province and, where room is left, those that most bodies share."""
    if len(by_text) <= MERGED_IN_FULL:
        return list(by_text)
    room = max(MERGED_IN_FULL - len(provincial), 0)
    others = [text for text in by_text if text not in provincial]
    shared = sorted(
        (text for text in others if len(by_text[text]) > NAMED_TOGETHER),
        key=lambda text: -len(by_text[text]),
    )[:room]
    chosen = {*provincial, *shared} or set(others[:MERGED_IN_FULL])
    return [text for text in by_text if text in chosen]


def _in_one_line(source: Content) -> str:
    return " ".join(str(source["narrative"] or source["outlook"]).split())


def marks_of(marks: Iterable[int]) -> str:
    """`[2, 5–9]`: the marks of sources, those that follow each other as a stretch."""
    stretches: list[list[int]] = []
    for mark in sorted(marks):
        if stretches and mark == stretches[-1][-1] + 1:
            stretches[-1].append(mark)
        else:
            stretches.append([mark])
    return "[" + ", ".join(_stretch(one) for one in stretches) + "]"


def _stretch(marks: list[int]) -> str:
    return f"{marks[0]}–{marks[-1]}" if len(marks) > 1 else str(marks[0])


# One mark or several, as `marks_of` writes them and as people mend them.
_MARKS = re.compile(r"\s*\[(\d{1,4}(?:\s*[-–,]\s*\d{1,4})*)\]")


def marks_in(text: str) -> set[int]:
    """The marks of every source a text says it is drawn from."""
    return {mark for found in _MARKS.finditer(text) for mark in _marks(found)}


def without_marks(text: str) -> str:
    """The text without the marks of its sources, which are for the department's desk only."""
    return _MARKS.sub(lambda found: "" if _marks(found) else found[0], text)


def _marks(found: re.Match[str]) -> set[int]:
    """What stands in a pair of brackets; nothing when a stretch in it does not ascend."""
    marks: set[int] = set()
    for stretch in found[1].split(","):
        ends = [int(end) for end in re.split(r"\s*[-–]\s*", stretch.strip())]
        if len(ends) > 2 or ends[0] > ends[-1]:
            return set()
        marks.update(range(ends[0], ends[-1] + 1))
    return marks


def marked_paragraph(source: Content) -> str:
    """`- Sở Công Thương: Kiểm tra 46 cửa hàng. [2]`"""
    return f"- {source['name']}: {_in_one_line(source)} {marks_of([source['mark']])}"


def merged_section(included: Sequence[Part], key: str) -> str:
    """What the units wrote under a heading of their own: a paragraph for each text, named after
    those who wrote it. “Không có” is no paragraph, and the same words of many stand there once."""
    by_text: dict[str, list[Part]] = {}
    for part in included:
        for text in _statements(str(_content(part)["texts"][key])):
            if not _NOTHING.match(fold(text)):
                by_text.setdefault(text, []).append(part)
    shown = _first_to_show(
        by_text,
        [text for text, by in by_text.items() if any(part.group[0] == 0 for part in by)],
    )
    return "\n".join(f"- {_named([part.name for part in by_text[text]])}: {text}" for text in shown)


def _statements(text: str) -> list[str]:
    """The points of a list, or prose as one: so that the same point of many is found again."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if lines and all(line[0] in "-–•+" for line in lines):
        lines = [line[1:] for line in lines]
    else:
        lines = [" ".join(lines)]
    return list(dict.fromkeys(filter(None, (" ".join(line.split()) for line in lines))))


def _named(names: Sequence[str]) -> str:
    if len(names) > NAMED_TOGETHER:
        return _("%(count)s cơ quan, đơn vị, địa phương") % {"count": len(names)}
    return ", ".join(names)


def _content(part: Part) -> Content:
    assert part.content is not None, "only included parts are added up"  # noqa: S101
    return part.content


# ---------------------------------------------------------------- comparing two


def compare(before: Content, after: Content) -> Content:
    """What changed from one consolidation to another, in the words of the compare page."""
    old = {row["report_id"]: row for row in before["reports"]}
    new = {row["report_id"]: row for row in after["reports"]}
    joined = [
        row
        for key, row in new.items()
        if row["is_included"] and not old.get(key, {}).get("is_included")
    ]
    left = [
        new.get(key, row)
        for key, row in old.items()
        if row["is_included"] and not new.get(key, {}).get("is_included")
    ]
    rewritten = [
        row
        for key, row in new.items()
        if row["is_included"]
        and old.get(key, {}).get("is_included")
        and old[key]["sha256"] != row["sha256"]
    ]
    return {
        "joined": joined,
        "left": left,
        "rewritten": rewritten,
        "coverage": {
            key: (before["coverage"].get(key, 0), after["coverage"].get(key, 0))
            for key in ("expected", *COVERAGE)
        },
        "figures": _changed_figures(before, after),
        "achievement": _changed_counts(before["achievement"], after["achievement"]),
        "timeliness": _changed_counts(before["timeliness"], after["timeliness"]),
    }


def _changed_figures(before: Content, after: Content) -> list[Content]:
    old = {figure["code"]: figure for figure in before["figures"]}
    new = {figure["code"]: figure for figure in after["figures"]}
    rows = []
    for code in sorted(old.keys() | new.keys()):
        known = new.get(code) or old[code]
        was = old[code]["reported"]["value"] if code in old else None
        now = new[code]["reported"]["value"] if code in new else None
        rows.append(
            {
                "code": code,
                "title": known["title"],
                "unit": known["unit"],
                "before": was,
                "after": now,
                "difference": _difference(now, was),
                "is_changed": was != now,
            }
        )
    return rows


def _changed_counts(before: Content, after: Content) -> list[Content]:
    return [
        {"key": key, "before": before.get(key, 0), "after": after.get(key, 0)}
        for key in sorted(before.keys() | after.keys())
    ]
