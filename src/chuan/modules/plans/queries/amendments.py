"""Amendments on their way: the plan as it stands, what changes, and what approval would do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import PROTECT, BooleanField, ExpressionWrapper, ForeignObjectRel, QuerySet
from django.utils.translation import gettext as _

from chuan.lib.vietnamese import format_date
from chuan.modules.plans.engine.amending import Change, ChangeKind, amended_by, changes_between
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftDeliverable,
    DraftDocument,
    DraftReporting,
    DraftTask,
    Match,
    Titled,
    draft_from,
    name_key,
)
from chuan.modules.plans.engine.expansion import (
    Expansion,
    Owed,
    PlanToExpand,
    Question,
    StandIn,
    TaskToExpand,
    cycles,
)
from chuan.modules.plans.engine.problems import Problem, Step, problems_of
from chuan.modules.plans.enums import DueKind, EvidenceKind, LeadMode, PartyKind, PartyRole
from chuan.modules.plans.models import (
    Assignment,
    BodyPoint,
    DeadlineExtension,
    Fate,
    FateHeir,
    Plan,
    PlanImport,
    PlanVersion,
    Task,
)
from chuan.modules.plans.queries.expansion import expand_plan, expansion_of, plan_to_expand
from chuan.modules.plans.queries.fates import decided, passed_on_by_a_decision
from chuan.modules.plans.queries.imports import draft_to_expand, expansion_of_draft
from chuan.modules.plans.queries.versions import (
    every_wording,
    latest_version,
    tasks_in,
    versions_of,
)

# How many tasks with work in them are named, where there are many.
NAMED = 5


def key_of(task_id: int) -> str:
    """The key of a plan's task in the draft of an amendment."""
    return f"p{task_id}"


def draft_of_version(plan: Plan, number: int) -> Draft:
    """A version of a plan as a draft, every name matched as it was decided."""
    return _draft_of(plan, list(tasks_in(plan.pk, number)), list(plan.body_points.all()), number)


def _draft_of(plan: Plan, tasks: list[Task], all_points: list[BodyPoint], number: int) -> Draft:
    matches: dict[str, Match] = {}
    for task in tasks:
        for party in task.parties.all():
            matches[name_key(party.name)] = Match(
                PartyKind(party.kind), party.group_id, party.organisation_id, is_decided=True
            )
    sections = {task.section.code: task.section for task in tasks}
    points = {
        point.code: point
        for point in sorted(all_points, key=lambda point: (point.since, point.position))
        if point.since <= number
    }
    return Draft(
        document=DraftDocument(title=plan.title, short_title=plan.short_title),
        last_day=plan.last_day,
        reporting=DraftReporting(
            plan.report_due_day, plan.report_due_month, plan.report_due_inclusive
        ),
        sections=tuple(Titled(one.code, one.title) for one in sections.values()),
        body_points=tuple(Titled(one.code, one.text) for one in points.values()),
        tasks=tuple(_draft_task(task) for task in tasks),
        matches=matches,
    )


def _draft_task(task: Task) -> DraftTask:
    parties = list(task.parties.all())
    return DraftTask(
        key=key_of(task.pk),
        section=task.section.code,
        code=task.code,
        text=task.text,
        short_text=task.short_text,
        product=task.product,
        time_text=task.time_text,
        due_kind=DueKind(task.due_kind),
        due_on=task.due_on,
        lead=tuple(one.name for one in parties if one.role == PartyRole.LEAD),
        coordinating=tuple(one.name for one in parties if one.role == PartyRole.COORDINATING),
        body_points=tuple(point.code for point in task.body_points.all()),
        lead_mode=LeadMode(task.lead_mode),
        heading_only=task.heading_only,
        deliverables=tuple(
            DraftDeliverable(
                item.title, item.weight, tuple(EvidenceKind(kind) for kind in item.evidence_kinds)
            )
            for item in task.deliverables.all()
        ),
        texts={one.name: one.text for one in parties},
        is_reviewed=True,
    )


def base_of(plan_import: PlanImport) -> Draft:
    """The version an amendment began from.

    :raises LookupError: it is no amendment.
    """
    if plan_import.amends is None or plan_import.base_version is None:
        raise LookupError(plan_import.pk)
    return draft_of_version(plan_import.amends, plan_import.base_version)


def fresh_draft_of(plan_import: PlanImport) -> Draft:
    """The draft before anybody edited it; of an amendment with everything there was or is read."""
    read = draft_from(plan_import.reading)
    if plan_import.amends_id is None:
        return read
    return amended_by(base_of(plan_import), read, is_whole=False)


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a plan: what it changed in the one before, and the years that run under it."""

    version: PlanVersion
    changes: tuple[Change, ...]
    years: tuple[int, ...]
    base: Draft | None
    draft: Draft


def editions_of(plan: Plan) -> list[Edition]:
    """All versions, the first one first; a fixed number of queries."""
    versions = list(versions_of(plan.pk))
    wordings = list(every_wording(plan.pk))
    points = list(plan.body_points.all())
    of_plan = cycles(plan.valid.lower, plan.last_day)
    found: list[Edition] = []
    base: Draft | None = None
    for place, version in enumerate(versions):
        held = [
            one
            for one in wordings
            if one.since <= version.number and (one.until is None or one.until > version.number)
        ]
        draft = _draft_of(plan, held, points, version.number)
        ends = versions[place + 1].from_day if place + 1 < len(versions) else date.max
        begins = version.from_day if place else date.min
        found.append(
            Edition(
                version=version,
                changes=tuple(changes_between(base, _keyed(draft, held, version.number)))
                if base
                else (),
                years=tuple(one.year for one in of_plan if begins <= one.start < ends),
                base=base,
                draft=draft,
            )
        )
        base = draft
    return found


def _keyed(draft: Draft, tasks: Iterable[Task], number: int) -> Draft:
    """With the keys the tasks had in the version before."""
    before = {
        key_of(task.pk): key_of(task.follows_id)
        for task in tasks
        if task.since == number and task.follows_id is not None
    }
    keyed = tuple(replace(one, key=before.get(one.key, one.key)) for one in draft.tasks)
    return replace(draft, tasks=keyed)


# ---------------------------------------------------------------- what approval would do


@dataclass(frozen=True, slots=True)
class Amendment:
    """What an amendment does to a plan: to its tasks, and to what everybody owes.

    `stopped` and `dropped` are ids of assignments; `added` is owed for the keys of the draft.
    `reworded` counts those dropped for which the same body owes the same under the new wording.
    What a decision about bodies that are no more closed is kept, and so is what it passed on, unless
    the same body owes it under the new wording.
    """

    changes: tuple[Change, ...]
    added: tuple[Owed, ...]
    dropped: tuple[int, ...]
    stopped: tuple[int, ...]
    reworded: int
    # Tasks and years whose assignments would go although somebody worked on them.
    held: tuple[tuple[str, int], ...]
    kept: int
    questions: tuple[Question, ...]

    @property
    def created(self) -> int:
        return len(self.added) - self.reworded

    @property
    def ended(self) -> int:
        return len(self.dropped) - self.reworded


def amendment_of(plan_import: PlanImport, draft: Draft, base: Draft) -> Amendment | None:
    """Nothing is written. None while the first day is unknown or outside the plan."""
    plan = plan_import.amends
    if plan is None or draft.from_day is None or draft.from_day not in plan.valid:
        return None
    changes = tuple(changes_between(base, draft))
    closed = _closed(changes)
    amended = _amended(plan, draft, changes, closed)
    expansion = expand_plan(amended)
    new_keys = {one.key for one in changes if one.new is not None}
    added = tuple(owed for owed in expansion.owed if owed.task in new_keys)
    rows = Assignment.objects.filter(task__in=closed.values())
    owed_anew = {owed.key for owed in added}
    dropped = {
        key: pk
        for key, pk, is_passed_on in _not_begun(rows, draft.from_day)
        if key in owed_anew or not is_passed_on
    }
    again = owed_anew & dropped.keys()
    goes = {one.key for one in changes if one.kind == ChangeKind.REMOVED}
    owed_by = {(owed.task, owed.organisation_id, owed.role) for owed in added}
    stopped = tuple(
        pk
        for pk, key, organisation_id, role, is_passed_on in _running(rows, draft.from_day)
        if not is_passed_on or key in goes or (key, organisation_id, role) in owed_by
    )
    everything = Assignment.objects.filter(task__plan=plan).count()
    return Amendment(
        changes=changes,
        added=added,
        dropped=tuple(sorted(dropped.values())),
        stopped=stopped,
        reworded=len(again),
        held=_held(dropped.values(), {pk for key, pk in dropped.items() if key in again}),
        kept=everything - len(dropped) - len(stopped),
        questions=_new_questions(plan, expansion),
    )


def expansion_of_import(plan_import: PlanImport, draft: Draft) -> Expansion | None:
    """What approving an import would add: everything, for a new plan."""
    if plan_import.amends_id is None:
        return expansion_of_draft(draft)
    amendment = amendment_of(plan_import, draft, base_of(plan_import))
    return Expansion(amendment.added, amendment.questions) if amendment else None


def _closed(changes: Iterable[Change]) -> dict[str, int]:
    """Ids of the wordings that end, by their keys in the draft."""
    return {one.key: int(one.key[1:]) for one in changes if one.old is not None}


def _amended(
    plan: Plan, draft: Draft, changes: Collection[Change], closed: dict[str, int]
) -> PlanToExpand:
    known = plan_to_expand(plan)
    stands = tuple(
        replace(task, to_day=draft.from_day) if task.key in set(closed.values()) else task
        for task in known.tasks
    )
    follows = {one.key for one in changes if one.kind == ChangeKind.CHANGED}
    wanted = {one.key for one in changes if one.new is not None}
    new = tuple(
        replace(task, from_day=draft.from_day, follows=task.key in follows)
        for task in _to_expand(plan, draft)
        if task.key in wanted
    )
    stand_ins = tuple(
        StandIn(
            one.from_day,
            one.group_id,
            one.organisation_id,
            one.by_group_id,
            one.by_organisation_id,
        )
        for one in draft.stand_ins
    )
    return replace(known, tasks=(*stands, *new), stand_ins=(*known.stand_ins, *stand_ins))


def _to_expand(plan: Plan, draft: Draft) -> tuple[TaskToExpand, ...]:
    days = replace(draft.document, issued_on=plan.valid.lower)
    found = draft_to_expand(replace(draft, document=days, last_day=plan.last_day))
    return found.tasks if found else ()


def _running(
    rows: QuerySet[Assignment], on: date
) -> Iterable[tuple[int, str, int, PartyRole, bool]]:
    """Those of tasks without years that would run on after the day before: their ids, keys, bodies
    and roles, and whether a decision passed them on."""
    found = _with_goes_on(rows).exclude(task__due_kind=DueKind.YEARLY)
    for pk, task_id, organisation_id, role, goes_on in found.filter(
        period_start__lt=on, period_end__gt=on
    ).values_list("pk", "task_id", "organisation_id", "role", "goes_on"):
        yield pk, key_of(task_id), organisation_id, PartyRole(role), goes_on


def _with_goes_on(rows: QuerySet[Assignment]) -> QuerySet[Any]:
    return rows.annotate(
        goes_on=ExpressionWrapper(passed_on_by_a_decision(), output_field=BooleanField())
    )


def _not_begun(
    rows: QuerySet[Assignment], on: date
) -> Iterable[tuple[tuple[str, int, str, date], int, bool]]:
    """What begins on a day or later and no decision closes: its key, its id, and whether a decision
    passed it on."""
    found = _with_goes_on(rows).filter(~decided(), period_start__gte=on)
    for pk, task_id, organisation_id, role, start, goes_on in found.values_list(
        "pk", "task_id", "organisation_id", "role", "period_start", "goes_on"
    ):
        yield (key_of(task_id), organisation_id, role, start), pk, goes_on


def _held(ids: Iterable[int], reworded: Collection[int]) -> tuple[tuple[str, int], ...]:
    """Tasks and years with rows that something else rests on: progress, evidence, a report. More time
    goes on with what the same body owes under the new wording."""
    held: set[int] = set()
    wanted = list(ids)
    for relation in Assignment._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and relation.on_delete is PROTECT:
            # A decision that counts keeps its rows out of `dropped`; one that came to nothing holds
            # nothing, and whoever goes on does so under the new wording.
            if relation.related_model in (Fate, FateHeir):
                continue
            name = relation.field.name
            rows = relation.related_model._base_manager.filter(**{f"{name}__in": wanted})
            if relation.related_model is DeadlineExtension:
                rows = rows.exclude(**{f"{name}__in": list(reworded)})
            held.update(rows.values_list(name, flat=True))
    found = Assignment.objects.filter(pk__in=held).order_by("year", "task__position", "task")
    return tuple(found.values_list("task__code", "year").distinct()[:NAMED])


def _new_questions(plan: Plan, expansion: Expansion) -> tuple[Question, ...]:
    """What the amendment asks that the plan did not ask before."""
    if not expansion.questions:
        return ()
    asked = {(one.group_id, one.organisation_id) for one in expansion_of(plan).questions}
    return tuple(
        one for one in expansion.questions if (one.group_id, one.organisation_id) not in asked
    )


# ---------------------------------------------------------------- what is in the way


def problems_of_amendment(
    plan_import: PlanImport, draft: Draft, amendment: Amendment | None
) -> list[Problem]:
    """Everything at once, as `problems_of` has it."""
    found = problems_of(
        draft,
        amendment.questions if amendment else (),
        carried_over=carried_over(plan_import, draft),
    )
    return [*_about_the_day(plan_import, draft), *found, *_about_the_work(draft, amendment)]


def carried_over(plan_import: PlanImport, draft: Draft) -> set[str]:
    """Keys of the tasks an amendment leaves as they are; a new plan has none."""
    if plan_import.amends_id is None:
        return set()
    base = base_of(plan_import)
    changed = {one.key for one in changes_between(base, draft)}
    return {task.key for task in base.tasks if task.key not in changed}


def _about_the_day(plan_import: PlanImport, draft: Draft) -> Iterable[Problem]:
    plan, first = plan_import.amends, draft.from_day
    if plan is None:
        return
    if latest_version(plan.pk) != plan_import.base_version:
        message = _(
            "Kế hoạch đã có phiên bản mới hơn bản mà bản nhập này bắt đầu từ đó. "
            "Bỏ bản nhập này và lập bản sửa đổi mới."
        )
        yield Problem(Step.DOCUMENT, message)
    if first is None:
        yield Problem(Step.DOCUMENT, _("Nhập ngày áp dụng bản sửa đổi."), field="from_day")
        return
    if draft.document.issued_on and first < draft.document.issued_on:
        message = _("Ngày áp dụng không được trước ngày ban hành quyết định sửa đổi.")
        yield Problem(Step.DOCUMENT, message, field="from_day")
    last = versions_of(plan.pk).last()
    begins = last.from_day if last else plan.valid.lower
    if not begins < first <= plan.last_day:
        message = _("Chọn ngày áp dụng sau %(first)s và không sau %(last)s.")
        days = {"first": format_date(begins), "last": format_date(plan.last_day)}
        yield Problem(Step.DOCUMENT, message % days, field="from_day")


def _about_the_work(draft: Draft, amendment: Amendment | None) -> Iterable[Problem]:
    if amendment is None:
        return
    if not amendment.changes:
        yield Problem(Step.TASKS, _("Chưa có nhiệm vụ nào khác với phiên bản đang áp dụng."))
    for change in amendment.changes:
        new = change.new
        if new and new.due_on and draft.from_day and new.due_on < draft.from_day:
            message = _("Nhiệm vụ %(code)s: ngày hết hạn trước ngày áp dụng bản sửa đổi.")
            yield Problem(Step.TASKS, message % {"code": new.code}, new.key, "due")
    for code, year in amendment.held:
        message = _(
            "Nhiệm vụ %(code)s năm %(year)s đã có nội dung ghi nhận hoặc đã có trong báo cáo, "
            "không chuyển sang nội dung mới được. Chọn ngày áp dụng muộn hơn."
        )
        yield Problem(Step.DOCUMENT, message % {"code": code, "year": year}, field="from_day")
