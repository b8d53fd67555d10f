"""From an uploaded decision to a plan: nothing but a draft exists until a person approves it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.documents.models import OfficialDocument
from chuan.core.files import queries as files
from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import Draft, draft_from, to_json, with_matches
from chuan.modules.plans.engine.expansion import Expansion
from chuan.modules.plans.engine.problems import blocking
from chuan.modules.plans.engine.reading import reading_of
from chuan.modules.plans.enums import ImportState
from chuan.modules.plans.models import (
    Assignment,
    BodyPoint,
    Deliverable,
    Party,
    Plan,
    PlanImport,
    PlanVersion,
    Section,
    Task,
)
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.assignments import BATCH, row_of
from chuan.modules.plans.operations.from_drafts import (
    NotReady,
    create_substitutions,
    deliverables_of,
    locked_import,
    parties_of,
    register_decision,
    require_version,
    saved_import,
    symbol_of,
)
from chuan.modules.plans.parsing import UnreadableFile, read_bytes
from chuan.modules.plans.queries import imports as import_queries
from chuan.modules.plans.queries.expansion import expansion_of


class AlreadyImported(Exception):
    """This very file, or this very decision, has been taken in before; nothing was created."""

    def __init__(self, found: PlanImport | Plan) -> None:
        super().__init__(_("Quyết định này đã được nhập."))
        self.found = found


@transaction.atomic
def take_in_decision(
    *, actor: Person, managed_by_id: int, name: str, content: bytes, at: datetime
) -> PlanImport:
    """Read a decision from a file, keep the file, and open a draft.

    :raises Denied: the actor is no coordinator of that department.
    :raises UnreadableFile: nothing can be read from it; the message says why and what to do.
    :raises FileRefused: the file is not taken; the message says why.
    :raises AlreadyImported: the same file has been read before; nothing was kept.
    """
    rules.start_import.require(actor, managed_by_id)
    before = import_queries.imports_of_file(hashlib.sha256(content).hexdigest(), managed_by_id)
    if before:
        raise AlreadyImported(before[0])
    reading = reading_of(read_bytes(name, content))
    if not _says_anything(reading["plan"]):
        raise UnreadableFile("no_decision", name=name)
    return start_import(
        actor=actor,
        managed_by_id=managed_by_id,
        upload=store_upload(actor=actor, name=name, content=content),
        reading=reading,
        at=at,
    )


@transaction.atomic
def import_again(*, actor: Person, plan_import: PlanImport, at: datetime) -> PlanImport:
    """Open another draft from a file that was imported before, as a plan of its own.

    :raises Denied: the actor is no coordinator of that department.
    """
    rules.start_import.require(actor, plan_import.managed_by_id)
    name = plan_import.upload.name
    content = files.read_bytes(plan_import.upload)
    return start_import(
        actor=actor,
        managed_by_id=plan_import.managed_by_id,
        upload=store_upload(actor=actor, name=name, content=content),
        reading=reading_of(read_bytes(name, content)),
        at=at,
        as_separate=True,
    )


def _says_anything(plan: dict[str, Any]) -> bool:
    """Whether a file has a task, or at least the head of a document, to go on from by hand."""
    head = plan["document"]
    known = (head["number"], head["notation"], head["title"], head["issuer"])
    return bool(plan["tasks"] or plan["sections"] or any(known))


@transaction.atomic
def start_import(
    *,
    actor: Person,
    managed_by_id: int,
    upload: Upload,
    reading: Mapping[str, Any],
    at: datetime,
    as_separate: bool = False,
) -> PlanImport:
    """Open a draft from what the parser read in an uploaded decision.

    :param as_separate: the person has seen that this file was imported before, and wants another.
    :raises Denied: the actor is no coordinator of that department.
    :raises AlreadyImported: the same file has been read before.
    """
    rules.start_import.require(actor, managed_by_id)
    _one_at_a_time("file", managed_by_id, upload.file.sha256)
    before = import_queries.imports_of_file(upload.file.sha256, managed_by_id)
    if before and not as_separate:
        raise AlreadyImported(before[0])
    draft = draft_from(reading)
    draft = with_matches(draft, import_queries.certain_matches(draft))
    plan_import = PlanImport.objects.create(
        upload=upload,
        managed_by_id=managed_by_id,
        reading=reading,
        draft=to_json(draft),
        created_by=actor,
        created_at=at,
        updated_by=actor,
        updated_at=at,
    )
    record(
        action="plans.import_started",
        actor=actor,
        subject=plan_import,
        sha256=upload.file.sha256,
        tasks=len(draft.tasks),
    )
    return plan_import


@transaction.atomic
def save_import_step(
    *,
    actor: Person,
    plan_import: PlanImport,
    version: int | None,
    change: Callable[[Draft], Draft],
    at: datetime,
) -> PlanImport:
    """Keep what a person did in one step of the draft.

    Drafts are no facts yet: the ledger has the beginning of an import and its end.

    :param version: as the page had it; None for a change that suits whatever is stored.
    :raises Denied: the actor is no coordinator of the department, or the import is not open.
    :raises Conflict: a colleague saved since that version.
    """
    plan_import = locked_import(plan_import)
    rules.edit_import.require(actor, plan_import)
    require_version(plan_import, version)
    draft = change(import_queries.draft_of(plan_import))
    draft = with_matches(draft, import_queries.certain_matches(draft))
    plan_import.draft = to_json(draft)
    return saved_import(plan_import, actor, at)


@transaction.atomic
def abandon_import(
    *, actor: Person, plan_import: PlanImport, version: int, at: datetime
) -> PlanImport:
    """Put a draft aside; its file and its reading stay, and it can be taken up again."""
    plan_import = locked_import(plan_import)
    rules.abandon_import.require(actor, plan_import)
    require_version(plan_import, version)
    plan_import.state = ImportState.ABANDONED
    record(action="plans.import_abandoned", actor=actor, subject=plan_import)
    return saved_import(plan_import, actor, at)


@transaction.atomic
def reopen_import(
    *, actor: Person, plan_import: PlanImport, version: int, at: datetime
) -> PlanImport:
    """Take up a draft that was put aside."""
    plan_import = locked_import(plan_import)
    rules.reopen_import.require(actor, plan_import)
    require_version(plan_import, version)
    plan_import.state = ImportState.OPEN
    record(action="plans.import_reopened", actor=actor, subject=plan_import)
    return saved_import(plan_import, actor, at)


@transaction.atomic
def approve_import(
    *,
    actor: Person,
    plan_import: PlanImport,
    version: int,
    at: datetime,
    as_separate: bool = False,
) -> Plan:
    """Make the plan, and everybody's assignments to its last day, in one transaction.

    :param as_separate: the person has seen that this decision has a plan, and wants another.
    :raises Denied: the actor is no coordinator of the department, or the import is not open.
    :raises Conflict: a colleague saved since that version.
    :raises NotReady: something still blocks it; all problems at once.
    :raises AlreadyImported: the department has a plan from this decision.
    """
    plan_import = locked_import(plan_import)
    rules.approve_import.require(actor, plan_import)
    require_version(plan_import, version)
    draft = import_queries.draft_of(plan_import)
    problems = blocking(import_queries.problems_in(draft, import_queries.expansion_of_draft(draft)))
    if problems:
        raise NotReady(problems)
    _one_at_a_time("decision", plan_import.managed_by_id, symbol_of(draft))
    before = import_queries.plans_of_decision(draft, plan_import.managed_by_id)
    if before and not as_separate:
        raise AlreadyImported(before[0])

    document = register_decision(draft, plan_import, actor, at)
    plan = _create_plan(draft, document, plan_import, actor, at)
    _create_tasks(draft, plan)
    create_substitutions(draft, plan, actor, at)
    created = _create_assignments(expansion_of(plan), at)

    plan_import.state, plan_import.plan = ImportState.APPROVED, plan
    saved_import(plan_import, actor, at)
    record(
        action="plans.plan_approved",
        actor=actor,
        subject=plan,
        document=document.symbol,
        plan_import=plan_import.pk,
        tasks=len(draft.tasks),
        assignments=created,
    )
    return plan


def _one_at_a_time(*about: object) -> None:
    """Until this transaction ends, others about the same wait here, and then see what it made."""
    digest = hashlib.sha256(repr(("plans.imports", *about)).encode()).digest()
    key = int.from_bytes(digest[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


# ---------------------------------------------------------------- from draft to rows


def _create_plan(
    draft: Draft,
    document: OfficialDocument,
    plan_import: PlanImport,
    actor: Person,
    at: datetime,
) -> Plan:
    if draft.last_day is None:
        raise ValidationError({"last_day": _("Nhập ngày kết thúc kế hoạch.")})
    plan = Plan.objects.create(
        document=document,
        title=draft.document.title,
        short_title=draft.document.short_title,
        managed_by_id=plan_import.managed_by_id,
        valid=DateRange(document.issued_on, draft.last_day + timedelta(days=1)),
        report_due_day=draft.reporting.day,
        report_due_month=draft.reporting.month,
        report_due_inclusive=draft.reporting.is_inclusive,
        approved_by=actor,
        approved_at=at,
        # Nothing is approved that leaves a question open.
        reconciled_at=at,
    )
    PlanVersion.objects.create(
        plan=plan,
        number=1,
        document=document,
        from_day=plan.valid.lower,
        approved_by=actor,
        approved_at=at,
    )
    return plan


def _create_tasks(draft: Draft, plan: Plan) -> None:
    sections = {
        row.code: row
        for row in Section.objects.bulk_create(
            Section(plan=plan, code=one.code, title=one.text, position=position)
            for position, one in enumerate(draft.sections, start=1)
        )
    }
    points = {
        row.code: row
        for row in BodyPoint.objects.bulk_create(
            BodyPoint(plan=plan, code=one.code, text=one.text, position=position)
            for position, one in enumerate(draft.body_points, start=1)
        )
    }
    tasks = Task.objects.bulk_create(
        Task(
            plan=plan,
            section=sections[one.section],
            code=one.code,
            position=position,
            text=one.text,
            short_text=one.short_text,
            product=one.product,
            time_text=one.time_text,
            due_kind=str(one.due_kind),
            due_on=one.due_on,
            source_page=one.source_page,
            source_line=one.source_line,
            lead_mode=one.lead_mode,
            heading_only=one.heading_only,
        )
        for position, one in enumerate(draft.tasks, start=1)
    )
    pairs = list(zip(tasks, draft.tasks, strict=True))
    Party.objects.bulk_create(
        party for task, one in pairs for party in parties_of(draft, task, one)
    )
    Deliverable.objects.bulk_create(
        item for task, one in pairs for item in deliverables_of(task, one)
    )
    Task.body_points.through.objects.bulk_create(
        Task.body_points.through(task_id=task.pk, bodypoint_id=points[code].pk)
        for task, one in pairs
        for code in dict.fromkeys(one.body_points)
    )


def _create_assignments(expansion: Expansion, at: datetime) -> int:
    rows = [row_of(owed, at) for owed in expansion.owed]
    Assignment.objects.bulk_create(rows, batch_size=BATCH)
    settle_any_of({row.task_id for row in rows}, at=at)
    return len(rows)
