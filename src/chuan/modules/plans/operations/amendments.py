"""From an amending decision to a new version of a plan."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.documents.enums import RelationKind
from chuan.core.documents.parts import Mention
from chuan.core.files.operations import store_upload
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.amending import Change, ChangeKind, amended_by
from chuan.modules.plans.engine.draft import Draft, draft_from, to_json, with_matches
from chuan.modules.plans.engine.expansion import Owed, reworded_note
from chuan.modules.plans.engine.problems import blocking
from chuan.modules.plans.engine.reading import reading_of
from chuan.modules.plans.enums import ImportState
from chuan.modules.plans.models import (
    Assignment,
    BodyPoint,
    CentralLink,
    DeadlineExtension,
    Deliverable,
    FateHeir,
    Party,
    Plan,
    PlanImport,
    PlanVersion,
    Section,
    Task,
)
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.assignments import BATCH, row_of
from chuan.modules.plans.operations.closing import close_requests
from chuan.modules.plans.operations.extensions import close_outlived
from chuan.modules.plans.operations.from_drafts import (
    NotReady,
    create_substitutions,
    deliverables_of,
    locked_import,
    parties_of,
    register_decision,
    require_version,
    saved_import,
)
from chuan.modules.plans.parsing import ReadPlan, UnreadableFile, read_bytes
from chuan.modules.plans.parsing.plan import ReadDocument
from chuan.modules.plans.queries import amendments as queries
from chuan.modules.plans.queries import imports as import_queries
from chuan.modules.plans.queries.ending import waiting_after
from chuan.modules.plans.queries.extensions import waiting_among
from chuan.modules.plans.queries.fates import fates_that_came_to_nothing
from chuan.modules.plans.queries.versions import latest_version

# Files that are what they say and still hold no word a machine can read.
WITHOUT_WORDS = frozenset({"scanned_pdf", "no_text", "garbled_text"})


class AlreadyRead(Exception):
    """This very file is in an amendment of this plan already; nothing was created."""

    def __init__(self, found: PlanImport) -> None:
        super().__init__(_("Tệp này đã được dùng cho một bản sửa đổi của kế hoạch."))
        self.found = found


@transaction.atomic
def start_amendment(
    *, actor: Person, plan: Plan, name: str, content: bytes, is_whole: bool, at: datetime
) -> PlanImport:
    """Open a draft of the plan's next version from the decision that amends it.

    What can be read in the file is laid over the version in force; a file without tasks that can
    be read leaves a draft in which people change what the decision changes.

    :param is_whole: the file has the whole annex anew: what it does not name is removed.
    :raises Denied: the actor does not run the plan.
    :raises FileRefused: the file is not taken; the message says why.
    :raises UnreadableFile: it is broken, or none that holds a decision.
    :raises AlreadyRead: the plan has a draft or a version from this file.
    """
    plan = Plan.objects.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
    rules.amend_plan.require(actor, plan, timezone.localdate(at))
    before = (
        plan.amendments.filter(upload__file__sha256=hashlib.sha256(content).hexdigest())
        .exclude(state=ImportState.ABANDONED)
        .first()
    )
    if before is not None:
        raise AlreadyRead(before)
    number = latest_version(plan.pk)
    base = queries.draft_of_version(plan, number)
    reading = _reading(name, content)
    # A file in which no row was found says nothing about which tasks are gone.
    is_whole = is_whole and bool(reading["plan"]["tasks"])
    draft = amended_by(base, draft_from(reading), is_whole=is_whole)
    draft = with_matches(draft, import_queries.certain_matches(draft))
    plan_import = PlanImport.objects.create(
        upload=store_upload(actor=actor, name=name, content=content),
        managed_by=plan.managed_by,
        amends=plan,
        base_version=number,
        reading=reading,
        draft=to_json(draft),
        created_by=actor,
        created_at=at,
        updated_by=actor,
        updated_at=at,
    )
    record(
        action="plans.amendment_started",
        actor=actor,
        subject=plan_import,
        plan=plan.pk,
        base_version=number,
        tasks_read=len(reading["plan"]["tasks"]),
    )
    return plan_import


def _reading(name: str, content: bytes) -> dict[str, Any]:
    """What the file says, or nothing: a scanned decision is amended by hand beside its file."""
    try:
        return reading_of(read_bytes(name, content))
    except UnreadableFile as unreadable:
        if unreadable.code not in WITHOUT_WORDS:
            raise
        nothing = ReadPlan(ReadDocument(), (), (), (), None, ())
        return reading_of(nothing)


@transaction.atomic
def approve_amendment(
    *, actor: Person, plan_import: PlanImport, version: int, at: datetime
) -> PlanVersion:
    """Make the draft the plan's next version, from its first day on.

    What began before that day goes on under the wording it began under; assignments that have not
    begun are taken over by the new one; those of tasks without years stop there. Requests nobody
    could answer any more are closed.

    :raises Denied: the actor does not run the plan, or the draft is not open or amends nothing.
    :raises Conflict: a colleague saved since that version.
    :raises NotReady: something still blocks it; all problems at once.
    """
    plan_import = locked_import(plan_import)
    rules.approve_amendment.require(actor, plan_import, timezone.localdate(at))
    require_version(plan_import, version)
    # Nobody ends the plan, or gives it another version, meanwhile.
    plan = Plan.objects.select_for_update(of=("self",)).get(amendments=plan_import)
    draft, base = import_queries.draft_of(plan_import), queries.base_of(plan_import)
    amendment = queries.amendment_of(plan_import, draft, base)
    problems = blocking(queries.problems_of_amendment(plan_import, draft, amendment))
    if problems or amendment is None or draft.from_day is None:
        raise NotReady(problems)

    document = register_decision(
        draft,
        plan_import,
        actor,
        at,
        mentions=[Mention(RelationKind.AMENDS, plan.document.symbol)],
    )
    made = PlanVersion.objects.create(
        plan=plan,
        number=latest_version(plan.pk) + 1,
        document=document,
        from_day=draft.from_day,
        approved_by=actor,
        approved_at=at,
    )
    why = _why_closed(draft.from_day)
    # What loses its day needs no more time.
    close_outlived(
        actor=actor,
        extensions=waiting_among(
            Q(assignment__in=amendment.stopped, assignment__due_on__gte=draft.from_day)
        ).select_related("assignment"),
        reason=why,
        at=at,
    )
    granted = _granted(amendment, draft.from_day)
    stopped = _stop(amendment.stopped, draft.from_day, at)
    requests = close_requests(waiting_after(stopped, draft.from_day), why=why, actor=actor, at=at)
    heirs = _heirs_of(amendment.dropped)
    tasks = _write_wordings(plan, made, draft, amendment.changes, actor, at)
    _place(plan, draft, tasks)
    create_substitutions(draft, plan, actor, at)
    _create_assignments(amendment.added, tasks, granted, at)
    _go_on_anew(heirs, tasks)
    _carry_extensions(amendment.dropped, tasks, actor, why, at)
    fates_that_came_to_nothing(amendment.dropped).delete()
    Assignment.objects.filter(pk__in=amendment.dropped).delete()
    settle_any_of([*(task.pk for task in tasks.values()), *_old(amendment.changes)], at=at)
    plan.version += 1
    plan.save(update_fields=["version"])
    plan_import.state, plan_import.made_version = ImportState.APPROVED, made
    saved_import(plan_import, actor, at)
    record(
        action="plans.plan_amended",
        actor=actor,
        subject=plan,
        version=made.number,
        document=document.symbol,
        from_day=draft.from_day.isoformat(),
        tasks={
            kind.value: [one.code for one in amendment.changes if one.kind == kind]
            for kind in ChangeKind
        },
        assignments_created=len(amendment.added),
        assignments_dropped=len(amendment.dropped),
        assignments_stopped=len(amendment.stopped),
        requests_closed=[request.pk for request in requests],
    )
    return made


def _old(changes: Iterable[Change]) -> list[int]:
    """Ids of the wordings that end."""
    return [int(one.key[1:]) for one in changes if one.old is not None]


@in_vietnamese
def _stop(ids: Sequence[int], on: date, at: datetime) -> list[Assignment]:
    rows = list(
        Assignment.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
    )
    note = {"text": reworded_note(on), "rule": "", "source": "", "day": ""}
    for row in rows:
        row.period_end = on
        if row.done_on is None and row.due_on is not None and row.due_on >= on:
            row.due_on, row.due_why = None, [*row.due_why, note]
        row.version += 1
        row.updated_at = at
    Assignment.objects.bulk_update(
        rows, ["period_end", "due_on", "due_why", "version", "updated_at"], batch_size=500
    )
    return rows


@in_vietnamese
def _why_closed(on: date) -> str:
    return _("Quyết định sửa đổi thay nhiệm vụ này từ ngày %(day)s.") % {"day": format_date(on)}


def _write_wordings(
    plan: Plan,
    made: PlanVersion,
    draft: Draft,
    changes: Iterable[Change],
    actor: Person,
    at: datetime,
) -> dict[str, Task]:
    """New rows by the keys of the draft; those they follow, and those that are gone, are closed."""
    changes = list(changes)
    closed = {one.key: int(one.key[1:]) for one in changes if one.old is not None}
    Task.objects.filter(pk__in=closed.values()).update(until=made.number)
    sections = _sections(plan, made, draft)
    points = _points(plan, made, draft)
    found: dict[str, Task] = {}
    for change in changes:
        one = change.new
        if one is None:
            continue
        task = Task.objects.create(
            plan=plan,
            section=sections[one.section],
            code=one.code,
            position=0,
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
            since=made.number,
            follows_id=closed.get(change.key),
        )
        found[change.key] = task
        Party.objects.bulk_create(parties_of(draft, task, one))
        Deliverable.objects.bulk_create(deliverables_of(task, one))
        task.body_points.add(*(points[code] for code in dict.fromkeys(one.body_points)))
        if task.follows_id is not None:
            _carry_links(task, actor, at)
    return found


def _carry_links(task: Task, actor: Person, at: datetime) -> None:
    """What its earlier wording carried out for a document from above, this one does too."""
    before = CentralLink.objects.filter(task=task.follows_id).values_list("central", flat=True)
    CentralLink.objects.bulk_create(
        CentralLink(task=task, central_id=central, linked_by=actor, linked_at=at)
        for central in before
    )


def _sections(plan: Plan, made: PlanVersion, draft: Draft) -> dict[str, Section]:
    """By code: the ones there are where the title is the same, new ones where it is not."""
    known = {row.code: row for row in plan.sections.order_by("since")}
    for position, one in enumerate(draft.sections, start=1):
        row = known.get(one.code)
        if row is None or row.title != one.text:
            known[one.code] = Section.objects.create(
                plan=plan, code=one.code, title=one.text, position=position, since=made.number
            )
    return known


def _points(plan: Plan, made: PlanVersion, draft: Draft) -> dict[str, BodyPoint]:
    known = {row.code: row for row in plan.body_points.order_by("since")}
    for position, one in enumerate(draft.body_points, start=1):
        row = known.get(one.code)
        if row is None or row.text != one.text:
            known[one.code] = BodyPoint.objects.create(
                plan=plan, code=one.code, text=one.text, position=position, since=made.number
            )
    return known


def _place(plan: Plan, draft: Draft, new: dict[str, Task]) -> None:
    """Number the tasks in the order of the draft; an older wording stands where the one that
    follows it does, a removed task after the one before it, so that older versions keep their order.
    """
    order = {
        (new[task.key].pk if task.key in new else int(task.key[1:])): place
        for place, task in enumerate(draft.tasks, start=1)
    }
    rows = list(Task.objects.filter(plan=plan).order_by("since", "position", "pk"))
    followed = {row.follows_id: row for row in rows if row.follows_id is not None}
    before = 0
    for row in sorted(rows, key=lambda row: (row.position, row.pk)):
        last = row
        while last.pk in followed:
            last = followed[last.pk]
        row.position = before = order.get(last.pk, before)
    for row in new.values():
        kept = next(one for one in rows if one.pk == row.pk)
        kept.position = order[row.pk]
    Task.objects.bulk_update(rows, ["position"])


# Who has more time for what: the key of the task, the body, its role; and from which day on, where
# it has not begun.
_Owing = tuple[str, int, str, date | None]


def _granted(amendment: queries.Amendment, on: date) -> dict[_Owing, Assignment]:
    """Of those about to stop or to be taken over, the ones for which more time was granted that is not
    over."""
    rows = Assignment.objects.filter(
        pk__in=[*amendment.stopped, *amendment.dropped],
        original_due_on__isnull=False,
        due_on__gte=on,
        done_on__isnull=True,
    )
    return {
        (
            queries.key_of(one.task_id),
            one.organisation_id,
            one.role,
            one.period_start if one.period_start >= on else None,
        ): one
        for one in rows
    }


def _create_assignments(
    added: Iterable[Owed],
    tasks: dict[str, Task],
    granted: Mapping[_Owing, Assignment],
    at: datetime,
) -> None:
    rows = []
    for owed in added:
        row = row_of(replace(owed, task=tasks[str(owed.task)].pk), at)
        who = (str(owed.task), owed.organisation_id, owed.role)
        before = granted.get((*who, owed.period_start)) or granted.get((*who, None))
        if before is not None:
            _keep_granted(row, before)
        rows.append(row)
    Assignment.objects.bulk_create(rows, batch_size=BATCH)


def _keep_granted(row: Assignment, before: Assignment) -> None:
    """A body keeps the time it was given under the earlier wording, unless the new one gives more."""
    if row.due_on is None or before.due_on is None or row.due_on >= before.due_on:
        return
    row.original_due_on, row.due_on = row.due_on, before.due_on
    row.due_why = [*row.due_why, *before.due_why[-1:]]


def _carry_extensions(
    ids: Sequence[int], tasks: dict[str, Task], actor: Person, why: str, at: datetime
) -> None:
    """What was asked for, granted or refused goes on with what the body owes under the new wording;
    what waits is taken back where that has no day."""
    rows = DeadlineExtension.objects.filter(assignment__in=ids).select_related("assignment")
    for extension in rows.order_by("pk"):
        old = extension.assignment
        new = _taken_over(old, tasks)
        extension.assignment = new
        extension.save(update_fields=["assignment"])
        if extension.is_waiting and new.due_on is None:
            close_outlived(actor=actor, extensions=[extension], reason=why, at=at)
        elif extension.is_waiting and old.is_paused:
            new.is_paused = True
            new.save(update_fields=["is_paused"])


def _taken_over(old: Assignment, tasks: dict[str, Task]) -> Assignment:
    """What the same body owes under the new wording for the same days."""
    return Assignment.objects.get(
        task=tasks[queries.key_of(old.task_id)],
        organisation=old.organisation_id,
        role=old.role,
        period_start=old.period_start,
    )


def _heirs_of(ids: Sequence[int]) -> list[tuple[FateHeir, Assignment]]:
    """Who goes on, by a decision, in an assignment that is taken away, each let go of it."""
    heirs = list(
        FateHeir.objects.filter(assignment__in=ids).select_related("assignment").order_by("pk")
    )
    FateHeir.objects.filter(pk__in=[one.pk for one in heirs]).update(assignment=None)
    return [(one, one.assignment) for one in heirs if one.assignment is not None]


def _go_on_anew(heirs: Iterable[tuple[FateHeir, Assignment]], tasks: dict[str, Task]) -> None:
    """They go on with what the same body owes under the new wording; it stays when the decision is
    undone, because the body owes it by the plan's own words."""
    moved = []
    for heir, old in heirs:
        heir.assignment = _taken_over(old, tasks)
        heir.was_there = True
        moved.append(heir)
    FateHeir.objects.bulk_update(moved, ["assignment", "was_there"], batch_size=BATCH)
