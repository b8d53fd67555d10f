"""Everything that goes into the package of a year, in one fixed order, a piece at a time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook

from chuan.core.audit.models import Entry
from chuan.core.documents.layout import render_pdf
from chuan.core.documents.layout.content import (
    Block,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    Signature,
    narrative,
)
from chuan.core.documents.layout.packaging import reproducible
from chuan.core.documents.models import DocumentFile, NumberSeries, OfficialDocument
from chuan.core.files import store
from chuan.core.files.parsing.names import extension_of
from chuan.core.orgs.queries import names_on
from chuan.flows.annual_report.enums import ConsolidationState
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportExtension,
    ReportingPeriod,
    ReportSnapshot,
    UnitReport,
)
from chuan.flows.annual_report.queries.canonical import canonical_json
from chuan.flows.archive.engine.packing import Packer
from chuan.flows.portal.models import Publication
from chuan.modules.plans import facade as plans

Content = dict[str, Any]
# Lines of the ledger about the work; accounts and sign-ins are personal and stay out.
_LEDGER = ("plans.", "annual_report.", "documents.", "portal.")
# Figures that count tasks, heading-only ones among them.
_TASK_FIGURES = ("plans.",)
Subjects = Mapping[str, Collection[str]]


@dataclass(slots=True)
class LeftOut:
    """What is not in the package, and why; it becomes a file of its own."""

    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, kind: str, what: str, why: str) -> None:
        self.rows.append((kind, what, why))


@dataclass(frozen=True, slots=True)
class Year:
    """What one package is about."""

    year: int
    managed_by_id: int

    @property
    def days(self) -> tuple[datetime, datetime]:
        zone = timezone.get_default_timezone()
        return (
            datetime.combine(date(self.year, 1, 1), time.min, zone),
            datetime.combine(date(self.year + 1, 1, 1), time.min, zone),
        )


def pack(packer: Packer, asked: Year, left_out: LeftOut) -> None:
    """Put everything in; what is classified or unfinished is named in the list of what is left out."""
    secret = _secret_tasks(asked)
    packer.add("README.txt", _read_me(asked).encode())
    periods = list(
        ReportingPeriod.objects.filter(managed_by=asked.managed_by_id, year=asked.year).order_by(
            "pk"
        )
    )
    closed = list(
        Consolidation.objects.filter(period__in=periods, state=ConsolidationState.CLOSED)
        .select_related("period")
        .order_by("pk")
    )
    _documents(packer, closed, secret, left_out)
    _reports(packer, periods, secret, left_out)
    _consolidations(packer, closed, secret, left_out)
    packer.add("bang/phan-cong.xlsx", _xlsx(asked, _("Phân công"), _assignments(asked, secret)))
    packer.add("bang/chi-tieu.xlsx", _xlsx(asked, _("Chỉ tiêu"), _figures(closed, secret)))
    packer.add("bang/do-phu.xlsx", _xlsx(asked, _("Độ phủ"), _coverage(closed)))
    _evidence(packer, asked, secret, left_out)
    _ledger(packer, asked)
    packer.add("BO-LAI.csv", _csv(("loai", "noi_dung", "ly_do"), left_out.rows))


def heading_only_lines(managed_by_id: int) -> frozenset[int]:
    """Tasks of the department's plans of which some wording is followed by its heading alone."""
    return plans.heading_only_lines([one.id for one in plans.plans_managed_by([managed_by_id])])


def _secret_tasks(asked: Year) -> frozenset[int]:
    """Every wording of a task of which some wording is followed by its heading alone."""
    wordings = [
        task
        for plan in plans.plans_managed_by([asked.managed_by_id])
        for task in plans.every_wording_of(plan.id)
    ]
    lines = {task.line for task in wordings if task.heading_only}
    return frozenset(task.id for task in wordings if task.line in lines)


# ---------------------------------------------------------------- documents and reports


def _documents(
    packer: Packer, closed: list[Consolidation], secret: frozenset[int], left_out: LeftOut
) -> None:
    """As issued, or not at all: the annex of a document that was drawn when a task followed by its
    heading alone was counted has a line about it, and totals with it."""
    documents, telling = set[int](), set[int]()
    for made in closed:
        found = set(made.outputs.values_list("document", flat=True))
        documents |= found
        if _has_secret(made, secret):
            telling |= found
    plan_documents = {plans.plan(made.period.plan_id).document_id for made in closed}
    rows = (
        DocumentFile.objects.filter(document__in=[*documents, *plan_documents])
        .select_related("document", "upload__file")
        .order_by("document_id", "pk")
    )
    for row in rows.iterator(chunk_size=500):
        if row.document.is_ours and row.document.number is None:
            left_out.add(_("Văn bản"), row.upload.name, _("dự thảo chưa cấp số"))
            continue
        if row.document_id in telling:
            left_out.add(
                _("Văn bản"),
                f"{row.document.symbol} {row.upload.name}, SHA-256 {row.upload.file.sha256}",
                _("phụ lục có đếm nhiệm vụ chỉ theo dõi đầu mục"),
            )
            continue
        path = f"van-ban/{row.document_id:06d}/{row.upload_id:08d}-{_safe(row.upload.name)}"
        _stored(packer, path, row.upload.file.sha256, left_out)


def _reports(
    packer: Packer, periods: list[ReportingPeriod], secret: frozenset[int], left_out: LeftOut
) -> None:
    for period in periods:
        for report in (
            period.reports.filter(accepted__isnull=True).order_by("pk").values("pk", "state")
        ):
            left_out.add(_("Báo cáo"), f"{period.title}, #{report['pk']}", _("chưa được duyệt"))
        rows = ReportSnapshot.objects.filter(report__period=period).select_related("report")
        for row in rows.defer("rows").order_by("report_id", "number").iterator(chunk_size=50):
            content = _without(row.content, secret)
            name = f"{period.pk:04d}/{row.report_id:06d}-{row.number:02d}"
            if content != row.content:
                name += "-luoc"
                left_out.add(
                    _("Báo cáo"),
                    f"{name}, SHA-256 {row.sha256}",
                    _("đã lược nhiệm vụ chỉ theo dõi đầu mục"),
                )
            packer.add(f"so-lieu/bao-cao/{name}.json", canonical_json(content))
            if row.pk == row.report.accepted_id:
                packer.add(f"bao-cao/don-vi/{name}.pdf", render_pdf(_as_document(content, row)))


def _without(content: Content, secret: frozenset[int]) -> Content:
    items = [item for item in content["items"] if item["task_id"] not in secret]
    return content if len(items) == len(content["items"]) else {**content, "items": items}


def _as_document(content: Content, row: ReportSnapshot) -> Document:
    """The report of a unit as a document to keep; what counts is its JSON, which has the hash."""
    body: list[Block] = []
    for key, title in (
        ("summary", _("Kết quả nổi bật")),
        ("difficulties", _("Khó khăn, vướng mắc")),
        ("proposals", _("Kiến nghị")),
        ("next_year", _("Phương hướng năm sau")),
    ):
        if content["texts"][key]:
            body += [Heading(HeadingLevel.SECTION, title), *narrative(content["texts"][key])]
    body.append(Heading(HeadingLevel.SECTION, _("Kết quả từng nhiệm vụ")))
    for item in content["items"]:
        body.append(Heading(HeadingLevel.CLAUSE, f"{item['code']} {item['title']}"))
        body += narrative(item["narrative"] or _("Không có nội dung báo cáo."))
    signed = content["signed"]
    dated = datetime.fromisoformat(signed["at"]) if signed["at"] else row.made_at
    return Document(
        kind="BC",
        issuer=content["organisation"]["name"],
        notation="BC",
        place="…",
        dated=IssueDate.on(timezone.localdate(dated)),
        subject=content["period"]["title"],
        body=tuple(body),
        signature=Signature(positions=(_("Thủ trưởng"),), name=signed["name"]),
        archive=f"SHA-256 {row.sha256[:16]}",
    )


def _consolidations(
    packer: Packer, closed: list[Consolidation], secret: frozenset[int], left_out: LeftOut
) -> None:
    for made in closed:
        snapshot, name = made.snapshot, f"{made.pk:06d}"
        if _has_secret(made, secret):
            snapshot = _abridged(snapshot, secret)
            name += "-luoc"
            left_out.add(
                _("Bản tổng hợp"),
                f"{name}, SHA-256 {made.snapshot_hash}",
                _("đã lược nhiệm vụ chỉ theo dõi đầu mục"),
            )
        content = {"sha256": made.snapshot_hash, "snapshot": snapshot}
        packer.add(f"so-lieu/tong-hop/{name}.json", canonical_json(content))


def _abridged(snapshot: Content, secret: frozenset[int]) -> Content:
    """Without these tasks. What is added up over all of them would tell, by subtraction, of those
    left out: it goes too."""
    kept: Content = {
        key: snapshot[key] for key in ("format", "coverage", "reports") if key in snapshot
    }
    figures = [one for one in snapshot["figures"] if not _counts_tasks(one)]
    tasks = [task for task in snapshot["tasks"] if task["task_id"] not in secret]
    return {**kept, "figures": figures, "tasks": tasks}


def _counts_tasks(figure: Content) -> bool:
    return str(figure["code"]).startswith(_TASK_FIGURES)


def _has_secret(made: Consolidation, secret: frozenset[int]) -> bool:
    return any(
        task.get("heading_only") or task["task_id"] in secret for task in made.snapshot["tasks"]
    )


# ---------------------------------------------------------------- tables


def _assignments(asked: Year, secret: frozenset[int]) -> Iterator[tuple[Any, ...]]:
    yield ("plan", "task", "body_id", "body", "role", "due_on", "done_on", "achievement", "percent")
    for plan in sorted(plans.plans_managed_by([asked.managed_by_id]), key=lambda one: one.id):
        rows = plans.assignment_lines(plan.id, asked.year)
        names = names_on({row.organisation_id for row in rows}, date(asked.year, 12, 31))
        for row in rows:
            if row.task_id not in secret:
                yield (
                    plan.symbol,
                    row.task_code,
                    row.organisation_id,
                    str(names.get(row.organisation_id, "")),
                    row.role,
                    row.due_on,
                    row.done_on,
                    row.achievement,
                    row.percent,
                )


def _figures(closed: list[Consolidation], secret: frozenset[int]) -> Iterator[tuple[Any, ...]]:
    yield ("period", "code", "title", "unit", "value", "reports", "definition")
    for made in closed:
        has_secret = _has_secret(made, secret)
        for one in made.snapshot["figures"]:
            if has_secret and _counts_tasks(one):
                continue
            yield (
                made.period.title,
                one["code"],
                one["title"],
                one["unit"],
                one["reported"]["value"],
                one["report_count"],
                one["definition"],
            )


def _coverage(closed: list[Consolidation]) -> Iterator[tuple[Any, ...]]:
    yield ("period", "body_id", "body", "group", "included", "state", "on_time", "sha256")
    for made in closed:
        for one in made.snapshot["reports"]:
            yield (
                made.period.title,
                one["organisation_id"],
                one["name"],
                one["group"],
                one["is_included"],
                one["state"],
                one["is_on_time"],
                one["sha256"],
            )


def _xlsx(asked: Year, title: str, rows: Iterator[tuple[Any, ...]]) -> bytes:
    """Values only, row by row; text never becomes a formula."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append([_plain(value) for value in row])
    made = io.BytesIO()
    book.save(made)
    return reproducible(made.getvalue(), dated=date(asked.year, 12, 31))


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        text = str(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return value


# ---------------------------------------------------------------- evidence and ledger


def _evidence(packer: Packer, asked: Year, secret: frozenset[int], left_out: LeftOut) -> None:
    """Every original once, under its hash; the index says what each was shown for."""
    index = io.StringIO()
    writer = csv.writer(index)
    writer.writerow(
        ("assignment_id", "task", "body_id", "title", "name", "sha256", "link", "added_on")
    )
    kept: set[str] = set()
    for plan in sorted(plans.plans_managed_by([asked.managed_by_id]), key=lambda one: one.id):
        for one in plans.shown_files(plan.id, asked.year):
            if one.task_id in secret:
                left_out.add(_("Minh chứng"), f"#{one.id}", _("nhiệm vụ chỉ theo dõi đầu mục"))
                continue
            writer.writerow(
                (
                    one.assignment_id,
                    one.task_code,
                    one.organisation_id,
                    one.title,
                    one.name,
                    one.sha256,
                    one.link,
                    one.added_at.date().isoformat(),
                )
            )
            if one.sha256 and one.sha256 not in kept:
                kept.add(one.sha256)
                path = f"minh-chung/{one.sha256[:2]}/{one.sha256}.{extension_of(one.name)}"
                _stored(packer, path, one.sha256, left_out)
    packer.add("minh-chung/danh-muc.csv", index.getvalue().encode("utf-8-sig"))


def _stored(packer: Packer, path: str, sha256: str, left_out: LeftOut) -> None:
    try:
        with store.open_kept(sha256) as content:
            packer.stream(path, content, expected=sha256)
    except FileNotFoundError:
        left_out.add(_("Tệp"), path, _("kho lưu trữ không còn tệp này"))


def _ledger(packer: Packer, asked: Year) -> None:
    """The year's lines about the department's own work, each with its seal: checkable against the
    ledger itself. Lines about other departments are not theirs to read."""
    start, end = asked.days
    lines = (
        Entry.objects.filter(recorded_at__gte=start, recorded_at__lt=end)
        .select_related("seal")
        .order_by("pk")
    )
    found = _Lines(lines.iterator(chunk_size=2000), _subjects(asked))
    packer.stream(f"nhat-ky/nhat-ky-{asked.year}.jsonl", found)  # type: ignore[arg-type]


def _subjects(asked: Year) -> Subjects:
    """Keys of the department's plans, periods and documents and of what stands in them, by model."""
    own = plans.plans_managed_by([asked.managed_by_id])
    found: dict[str, Collection[str]] = dict(plans.ledger_subjects([plan.id for plan in own]))
    periods = ReportingPeriod.objects.filter(managed_by=asked.managed_by_id)
    documents = OfficialDocument.objects.filter(
        Q(held_by=asked.managed_by_id) | Q(pk__in=[plan.document_id for plan in own])
    )
    rows: tuple[QuerySet[Any], ...] = (
        periods,
        UnitReport.objects.filter(period__in=periods),
        ReportExtension.objects.filter(report__period__in=periods),
        Consolidation.objects.filter(period__in=periods),
        documents,
        NumberSeries.objects.filter(issuer=asked.managed_by_id),
        Publication.objects.filter(plan__in=[plan.id for plan in own]),
    )
    for one in rows:
        found[one.model._meta.label] = {str(key) for key in one.values_list("pk", flat=True)}
    return found


class _Lines:
    """Lines of the ledger as a file to read from, one block at a time."""

    def __init__(self, entries: Iterator[Entry], subjects: Subjects) -> None:
        self._entries = entries
        self._subjects = subjects
        self._left = b""

    def read(self, size: int) -> bytes:
        while len(self._left) < size:
            entry = next(self._entries, None)
            if entry is None:
                break
            own = self._subjects.get(entry.subject_model, ())
            if entry.action.startswith(_LEDGER) and entry.subject_id in own:
                self._left += _line(entry)
        block, self._left = self._left[:size], self._left[size:]
        return block


def _line(entry: Entry) -> bytes:
    seal = getattr(entry, "seal", None)
    line = {
        "id": entry.pk,
        "action": entry.action,
        "actor": entry.actor_name,
        "subject": f"{entry.subject_model}:{entry.subject_id}",
        "recorded_at": entry.recorded_at.isoformat(),
        "seal": bytes(seal.hash).hex() if seal else "",
    }
    return json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def _csv(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _safe(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "._-" else "_" for letter in name)[-80:]


def _read_me(asked: Year) -> str:
    return README.format(year=asked.year)


README = """GÓI LƯU TRỮ NĂM {year}

bao-cao/    báo cáo của đơn vị (PDF/A), vẽ từ nội dung đã duyệt
van-ban/    tệp của văn bản đã ban hành
so-lieu/    nội dung đã duyệt (JSON), đúng mã băm đã ghi khi duyệt; tệp có “-luoc” là bản đã lược
bang/       phân công, chỉ tiêu, độ phủ (XLSX)
minh-chung/ tệp gốc theo mã băm; danh-muc.csv cho biết mỗi tệp chứng minh việc gì
nhat-ky/    dòng nhật ký của năm về công việc của cơ quan, kèm dấu niêm
BO-LAI.csv  những gì không có trong gói, kèm lý do
MANIFEST.sha256  mã băm SHA-256 của từng tệp

Kiểm tra không cần phần mềm này: giải nén, vào thư mục rồi chạy
    sha256sum --check --strict MANIFEST.sha256
    sha256sum MANIFEST.sha256
Dòng sau phải đúng mã băm đã ghi trong biên bản bàn giao và trong nhật ký hệ thống.
Có phần mềm: chuan archive verify TỆP

ARCHIVE PACKAGE OF {year}

bao-cao/    unit reports (PDF/A), drawn from what was accepted
van-ban/    files of documents that were issued
so-lieu/    accepted contents (JSON) with the hash they were accepted with; "-luoc" means abridged
bang/       assignments, figures, coverage (XLSX)
minh-chung/ original evidence by hash; danh-muc.csv says what each proves
nhat-ky/    the year's lines of the ledger about the department's own work, with their seals
BO-LAI.csv  what is not in the package, and why
MANIFEST.sha256  SHA-256 of every file

To check without this software: unpack, enter the folder, run
    sha256sum --check --strict MANIFEST.sha256
    sha256sum MANIFEST.sha256
The second line must be the hash written down at the hand-over and in the ledger.
With it: chuan archive verify FILE
"""
