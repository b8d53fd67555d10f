"""What would become public of a plan, a closed consolidation or an answer: the preview is the content."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.documents.enums import DocumentState, FilePurpose
from chuan.core.documents.models import DocumentFile
from chuan.core.files.models import Upload
from chuan.core.orgs.queries import name_on
from chuan.flows.annual_report.enums import ConsolidationState
from chuan.flows.annual_report.models import Consolidation, ReportSnapshot
from chuan.flows.annual_report.queries.days import days_reported
from chuan.flows.annual_report.queries.rollup import counted_once
from chuan.flows.annual_report.queries.snapshots import is_intact
from chuan.flows.portal.parsing.fields import emit, heading_of, open_figures
from chuan.lib.rules import Denied
from chuan.modules.plans import facade as plans

Content = dict[str, Any]

ACHIEVEMENTS = ("complete", "substantial", "limited", "not_started", "no_evidence")
TIMELINESS = ("on_time", "late", "in_time", "overdue")
COUNTS = ("total", *ACHIEVEMENTS, *TIMELINESS)
# The signed copy where there is one, else the text as issued; annexes beside it.
_IN_PREFERENCE = (FilePurpose.SIGNED, FilePurpose.DRAFT_PDF)


@dataclass(frozen=True, slots=True)
class Draft:
    """Content as the public would read it, the files that would be opened with it, and the tasks of
    which it says more than the heading."""

    content: Content
    uploads: tuple[Upload, ...] = field(default=())
    lines: frozenset[int] = field(default=frozenset())

    @property
    def sha256(self) -> str:
        text = json.dumps(self.content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


# ---------------------------------------------------------------- a plan


def plan_draft(plan_id: int) -> Draft:
    """A plan and its tasks in the words of the decision; of a heading-only task its heading."""
    plan = plans.plan(plan_id)
    department = name_on(plan.managed_by_id, timezone.localdate())
    parties = plans.parties_of(plan_id)
    today = max(plan.first_day, min(timezone.localdate(), plan.last_day))
    lines = _lines(plan_id)
    tasks = [
        _task(task, parties.get(task.id, ()), lines) for task in plans.tasks_of(plan_id, today.year)
    ]
    return Draft(
        {
            "plan": emit(
                "plan",
                id=plan.id,
                title=plan.title,
                short_title=plan.short_title,
                symbol=plan.symbol,
                issued_on=_day(plan.issued_on),
                issuer=plan.issuer_name,
                first_day=_day(plan.first_day),
                last_day=_day(plan.last_day),
                department=department.name if department else "",
            ),
            "tasks": tasks,
        },
        lines=frozenset(task["id"] for task in tasks if not task["heading_only"]),
    )


@dataclass(frozen=True, slots=True)
class _Lines:
    """The tasks of a plan whatever their wording: `of` by the id of any wording; `secret` are those
    of which some wording is followed by its heading alone."""

    of: dict[int, int]
    secret: frozenset[int]


def _lines(plan_id: int) -> _Lines:
    wordings = plans.every_wording_of(plan_id)
    return _Lines(
        {task.id: task.line for task in wordings},
        frozenset(task.line for task in wordings if task.heading_only),
    )


def _task(task: plans.TaskRef, parties: Iterable[plans.PartyRef], lines: _Lines) -> Content:
    named = list(parties)
    whole = emit(
        "task",
        id=task.line,
        plan_id=task.plan_id,
        code=task.code,
        section_code=task.section_code,
        section=task.section_title,
        title=task.short_text,
        heading_only=task.line in lines.secret,
        text=task.text,
        product=task.product,
        time=task.time_text,
        due_on=_day(task.due_on),
        leads=[one.name for one in named if one.role == plans.PartyRole.LEAD],
        coordinators=[one.name for one in named if one.role == plans.PartyRole.COORDINATING],
    )
    return heading_of("task", whole) if task.line in lines.secret else whole


# ---------------------------------------------------------------- results


def results_draft(consolidation: Consolidation) -> Draft:
    """Counts by task and by body, figures and issued documents of a closed consolidation.

    Counts come from the reports it holds, as they were accepted. A heading-only task is in none of
    them, so that rows and totals of the public tables agree with each other. A document drawn when
    there was such a task counts it in its annex, on a line of its own or in a total: none is opened.

    :raises Denied: it is not closed, or a report in it no longer has the hash it was accepted with.
    """
    if consolidation.state != ConsolidationState.CLOSED:
        raise Denied(_("Chỉ công khai được bản tổng hợp đã chốt."))
    period, snapshot = consolidation.period, consolidation.snapshot
    keys = {"results_id": period.pk, "year": period.year}
    lines = _lines(period.plan_id)
    tasks = [
        task
        for task in plans.tasks_of(period.plan_id, days_reported(period))
        if task.line not in lines.secret
    ]
    contents = _contents(consolidation)
    by_task: dict[int, Counter[str]] = {task.line: Counter() for task in tasks}
    by_body: dict[int, Counter[str]] = {}
    everything: list[Content] = []
    for report_id, content in contents.items():
        counts = by_body.setdefault(report_id, Counter())
        led = [item for item in content["items"] if item["role"] == plans.PartyRole.LEAD]
        for item in led:
            # What another body did, where one was enough, this one does not owe.
            if lines.of.get(item["task_id"]) in by_task and not item.get("done_by"):
                counts.update(("total", item["achievement"], item["timeliness"]))
        everything += led
    for item in counted_once(everything):
        line = lines.of.get(item["task_id"])
        if line in by_task:
            by_task[line].update(("total", item["achievement"], item["timeliness"]))
    files = [] if _counts_secret(snapshot["tasks"], lines) else _documents(consolidation)
    content = {
        "results": emit(
            "results",
            id=period.pk,
            plan_id=period.plan_id,
            title=period.title,
            phrase=period.phrase,
            year=period.year,
            data_from=_day(period.data_from),
            data_until=_day(period.data_to - timedelta(days=1)),
            closed_on=_day(timezone.localdate(consolidation.closed_at)),
            expected=snapshot["coverage"]["expected"],
            included=snapshot["coverage"]["included"],
            content_hash=consolidation.snapshot_hash,
        ),
        "task_results": [
            emit(
                "task_result",
                **keys,
                task_id=task.line,
                code=task.code,
                title=task.short_text,
                **_counted(by_task[task.line]),
            )
            for task in tasks
        ],
        "body_results": [
            emit(
                "body_result",
                **keys,
                body_id=row["organisation_id"],
                body=row["name"],
                group=row["group"],
                has_report=row["is_included"],
                **_counted(by_body.get(row["report_id"], Counter())),
            )
            for row in snapshot["reports"]
        ],
        "figures": [
            emit(
                "figure",
                **keys,
                code=figure["code"],
                title=figure["title"],
                unit=figure["unit"],
                value=figure["reported"]["value"],
                definition=figure["definition"],
                report_count=figure["report_count"],
            )
            for figure in snapshot["figures"]
            if figure["code"] in open_figures()
        ],
        "documents": [
            emit(
                "document",
                id=one.upload_id,
                results_id=period.pk,
                symbol=one.document.symbol,
                issued_on=_day(one.document.issued_on),
                subject=one.document.subject,
                file_name=one.upload.name,
                media_type=one.upload.file.media_type,
                size=one.upload.file.size,
                sha256=one.upload.file.sha256,
            )
            for one in files
        ],
    }
    counted = {
        lines.of[task["task_id"]] for task in snapshot["tasks"] if task["task_id"] in lines.of
    }
    return Draft(
        content,
        tuple(one.upload for one in files),
        lines=frozenset({*by_task, *counted}) - lines.secret,
    )


def _contents(consolidation: Consolidation) -> dict[int, Content]:
    """What each report in it said when it was accepted, by report id."""
    held = consolidation.entries.filter(is_included=True).values_list("content", flat=True)
    found = {}
    for snapshot in ReportSnapshot.objects.filter(pk__in=list(held)).defer("rows").order_by("pk"):
        if not is_intact(snapshot):
            raise Denied(_("Nội dung một báo cáo không còn đúng mã băm đã duyệt; chưa công khai."))
        found[snapshot.report_id] = snapshot.content
    return found


def _counted(counts: Counter[str]) -> dict[str, int]:
    return {key: counts[key] for key in COUNTS}


def documents_stay_inside(consolidation: Consolidation) -> bool:
    """Whether its issued documents count a task that is followed by its heading alone."""
    tasks = Consolidation.objects.values_list("snapshot__tasks", flat=True).get(pk=consolidation.pk)
    lines = _lines(consolidation.period.plan_id)
    return _counts_secret(tasks, lines) and bool(_documents(consolidation))


def _counts_secret(tasks: list[Content], lines: _Lines) -> bool:
    return any(
        task.get("heading_only") or lines.of.get(task["task_id"]) in lines.secret for task in tasks
    )


def _documents(consolidation: Consolidation) -> list[DocumentFile]:
    """One file of each document that was issued from it, oldest document first."""
    outputs = consolidation.outputs.select_related("document").order_by("made_at", "pk")
    issued = [one.document_id for one in outputs if one.document.state == DocumentState.ISSUED]
    rows = (
        DocumentFile.objects.filter(document__in=issued, purpose__in=_IN_PREFERENCE)
        .select_related("document", "upload__file")
        .order_by("document__issued_on", "document_id", "-pk")
    )
    chosen: dict[int, DocumentFile] = {}
    for purpose in _IN_PREFERENCE:
        for row in rows:
            if row.purpose == purpose:
                chosen.setdefault(row.document_id, row)
    return list(chosen.values())


# ---------------------------------------------------------------- an answer


def answer_draft(difficulty: plans.DifficultyRef, *, question: str, answer: str) -> Draft:
    """A question and its answer as the department words them for the public.

    What the body wrote, and which body it was, stay inside.

    :raises Denied: there is no answer yet, or the task is followed by its heading alone.
    """
    if difficulty.answered_at is None:
        raise Denied(_("Vướng mắc chưa được trả lời nên chưa công khai được."))
    about: set[int] = set()
    if difficulty.task_id is not None:
        lines = _lines(difficulty.plan_id)
        about.add(lines.of[difficulty.task_id])
        if about & lines.secret:
            raise Denied(_("Nhiệm vụ này chỉ công khai đầu mục, không công khai hỏi đáp."))
    return Draft(
        {
            "answer": emit(
                "answer",
                id=difficulty.id,
                plan_id=difficulty.plan_id,
                task_code=difficulty.task_code,
                question=question,
                answer=answer,
                raised_on=_day(timezone.localdate(difficulty.raised_at)),
                answered_on=_day(timezone.localdate(difficulty.answered_at)),
            )
        },
        lines=frozenset(about),
    )


def _day(day: Any) -> str | None:
    return day.isoformat() if day else None
