"""What an approved decision on a vanished body's duties does to them, and how it is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, ProtectedError, Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.calendar.enums import ExtensionState
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean, format_date, format_number
from chuan.modules.plans.engine.expansion import reworded_note
from chuan.modules.plans.enums import (
    DueKind,
    FateKind,
    FateState,
    RequestState,
)
from chuan.modules.plans.models import (
    Assignment,
    ContributionRequest,
    DeadlineExtension,
    Fate,
    FateDecision,
    FateHeir,
    Plan,
)
from chuan.modules.plans.operations.closing import close_requests
from chuan.modules.plans.operations.extensions import close_outlived
from chuan.modules.plans.queries.assignments import with_body_name
from chuan.modules.plans.queries.fates import (
    reach_of,
    worked_on,
)
from chuan.modules.plans.queries.versions import first_days as version_days

BATCH = 500


@in_vietnamese
def end_extensions(decision: FateDecision, actor: Person, at: datetime) -> None:
    """More time that the bodies asked for: nobody needs it any more."""
    waiting = DeadlineExtension.objects.filter(
        assignment__in=decision.fates.values("assignment"), state=ExtensionState.WAITING
    )
    close_outlived(
        actor=actor,
        extensions=waiting.order_by("pk"),
        reason=_("Cơ quan đã kết thúc hoạt động."),
        at=at,
    )


def pass_on(
    decision: FateDecision, fates: Sequence[Fate], heirs: Sequence[Any], at: datetime
) -> list[Assignment]:
    names = _names(fates)
    made: dict[tuple[int, int, str, date], Assignment] = {}
    for one in heirs:
        key = (one.assignment.task_id, one.organisation_id, one.assignment.role, one.start)
        if one.already is None and key not in made:
            made[key] = _next(one.assignment, one.organisation_id, one.start, names, decision, at)
    Assignment.objects.bulk_create(list(made.values()), batch_size=BATCH)
    rows = {
        (fate.assignment_id, heir.organisation_id): heir
        for fate in fates
        for heir in fate.heirs.all()
    }
    for one in heirs:
        heir = rows[one.assignment.pk, one.organisation_id]
        key = (one.assignment.task_id, one.organisation_id, one.assignment.role, one.start)
        heir.assignment = one.already or made[key]
        heir.was_there = one.already is not None
    FateHeir.objects.bulk_update(list(rows.values()), ["assignment", "was_there"], batch_size=BATCH)
    return list(made.values())


def _names(fates: Sequence[Fate]) -> dict[int, str]:
    rows = with_body_name(Assignment.objects.filter(pk__in=[one.assignment_id for one in fates]))
    return {row.pk: row.body_name for row in rows}  # type: ignore[attr-defined]


@in_vietnamese
def _next(
    one: Assignment,
    organisation_id: int,
    start: date,
    names: Mapping[int, str],
    decision: FateDecision,
    at: datetime,
) -> Assignment:
    why = _("Nhận từ %(name)s từ ngày %(day)s, theo %(basis)s.") % {
        "name": names[one.pk],
        "day": format_date(start),
        "basis": decision.full_basis,
    }
    return Assignment(
        task_id=one.task_id,
        organisation_id=organisation_id,
        role=one.role,
        year=one.year,
        period_start=start,
        period_end=reach_of(one),
        resolved_on=start,
        due_on=one.due_on,
        original_due_on=one.original_due_on,
        due_why=[*one.due_why, _step(why)],
        is_passed_on=True,
        created_at=at,
        updated_at=at,
    )


def _step(text: str) -> dict[str, str]:
    return {"text": text, "rule": "", "source": "", "day": ""}


@in_vietnamese
def close(decision: FateDecision, fates: Sequence[Fate], actor: Person, at: datetime) -> None:
    waiting = _close_requests(fates, actor, at)
    rows = []
    for fate in fates:
        one = fate.assignment
        fate.state = FateState.APPROVED
        fate.before = {
            "period_end": one.period_end.isoformat(),
            "due_on": one.due_on.isoformat() if one.due_on else None,
            "due_why": one.due_why,
            "is_extra": one.is_extra,
            "requests": waiting.get(one.pk, []),
        }
        why = _("%(kind)s từ ngày %(day)s, theo %(basis)s: cơ quan này không còn hạn phải làm.") % {
            "kind": FateKind(decision.kind).label,
            "day": format_date(fate.from_day),
            "basis": decision.full_basis,
        }
        one.closed_on, one.due_on, one.is_extra = fate.from_day, None, False
        one.due_why = [*one.due_why, _step(why)]
        if fate.from_day > one.period_start:
            one.period_end = min(one.period_end, fate.from_day)
        one.version += 1
        one.updated_at = at
        rows.append(one)
    Fate.objects.bulk_update(fates, ["state", "before"], batch_size=BATCH)
    Assignment.objects.bulk_update(
        rows,
        ["closed_on", "due_on", "due_why", "is_extra", "period_end", "version", "updated_at"],
        batch_size=BATCH,
    )


def _close_requests(fates: Sequence[Fate], actor: Person, at: datetime) -> dict[int, list[int]]:
    """Requests that the bodies asked or were asked: nobody can answer or wants them any more."""
    mine = {fate.assignment_id for fate in fates}
    asked = ContributionRequest.objects.filter(
        Q(lead__in=mine) | Q(assignment__in=mine), state=RequestState.ASKED
    )
    why = _("Cơ quan đã kết thúc hoạt động.")
    by_row: dict[int, list[int]] = {}
    for request in close_requests(asked.order_by("pk"), why=why, actor=actor, at=at):
        key = request.lead_id if request.lead_id in mine else request.assignment_id
        by_row.setdefault(key, []).append(request.pk)
    return by_row


def end(
    decision: FateDecision, state: FateState, actor: Person, at: datetime, reason: str
) -> list[int]:
    """Nothing of it holds any body: one that was to go on may be taken out of the register again.

    :returns: who was to go on, for the ledger.
    """
    heirs = FateHeir.objects.filter(fate__decision=decision)
    bodies = sorted(set(heirs.values_list("organisation_id", flat=True)))
    heirs.delete()
    decision.fates.update(state=state)
    decision.state = state
    decision.ended_by, decision.ended_at, decision.end_reason = actor, at, clean(reason)
    decision.version += 1
    decision.save(update_fields=["state", "ended_by", "ended_at", "end_reason", "version"])
    return bodies


def release(fates: Sequence[Fate]) -> list[int]:
    """Delete what was written down for those who were to go on, unless another decision needs it."""
    heirs = [heir for fate in fates for heir in fate.heirs.all()]
    mine = {heir.assignment_id for heir in heirs if heir.assignment_id is not None}
    fresh = set(
        Assignment.objects.filter(pk__in=mine, is_passed_on=True).values_list("pk", flat=True)
    )
    shared = FateHeir.objects.filter(assignment__in=fresh, fate__state=FateState.APPROVED).exclude(
        fate__in=[fate.pk for fate in fates]
    )
    fresh -= set(shared.values_list("assignment_id", flat=True))
    begun = list(with_body_name(worked_on(fresh).select_related("task")).order_by("pk"))
    if begun:
        raise Denied(_why_begun(begun))
    FateHeir.objects.filter(pk__in=[heir.pk for heir in heirs]).update(
        assignment=None, was_there=False
    )
    try:
        with transaction.atomic():
            Assignment.objects.filter(pk__in=fresh).delete()
    except ProtectedError:
        raise Denied(
            _(
                "Phân công đã giao tiếp đã có trong báo cáo của cơ quan nhận nên không hoàn tác được."
            )
        ) from None
    return sorted(fresh)


def _why_begun(rows: Sequence[Any]) -> str:
    first = rows[0]
    return ngettext(
        "%(count)s phân công giao tiếp đã có tiến độ hoặc minh chứng (%(name)s, nhiệm vụ %(code)s) "
        "nên không hoàn tác được. Giữ quyết định này và đề xuất xử lý cho phần còn lại.",
        "%(count)s phân công giao tiếp đã có tiến độ hoặc minh chứng (%(name)s, nhiệm vụ %(code)s…) "
        "nên không hoàn tác được. Giữ quyết định này và đề xuất xử lý cho phần còn lại.",
        len(rows),
    ) % {"count": format_number(len(rows)), "name": first.body_name, "code": first.task.code}


def reopen(decision: FateDecision, fates: Sequence[Fate], at: datetime) -> None:
    """As it was, except for what the plan has taken away since: it ended, or has other words."""
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=decision.plan_id)
    begins = version_days(plan.pk)
    rows, requests = [], []
    for fate in fates:
        one, kept = fate.assignment, fate.before
        one.closed_on = None
        one.period_end = parse_date(kept["period_end"]) or one.period_end
        one.due_on = parse_date(kept["due_on"]) if kept["due_on"] else None
        one.due_why, one.is_extra = kept["due_why"], kept["is_extra"]
        _cap(one, plan, begins)
        one.version += 1
        one.updated_at = at
        rows.append(one)
        requests += kept["requests"]
    Assignment.objects.bulk_update(
        rows,
        ["closed_on", "due_on", "due_why", "is_extra", "period_end", "version", "updated_at"],
        batch_size=BATCH,
    )
    again = ContributionRequest.objects.filter(
        pk__in=requests,
        state=RequestState.WITHDRAWN,
        lead__closed_on__isnull=True,
        assignment__closed_on__isnull=True,
    )
    if plan.ended_at is not None:
        is_over = timezone.localdate(at) not in plan.valid
        again = again.none() if is_over else again.filter(due_on__lte=plan.last_day)
    again.update(
        state=RequestState.ASKED,
        reason="",
        closed_by=None,
        closed_at=None,
        version=F("version") + 1,
    )


@in_vietnamese
def _cap(one: Assignment, plan: Plan, begins: Mapping[int, date]) -> None:
    if one.task.until is not None:
        day = begins[one.task.until]
        # A year that has begun goes on under the wording it began under.
        if one.task.due_kind != DueKind.YEARLY or one.period_start >= day:
            _stop_before(one, day, reworded_note(day))
    if plan.ended_at is not None:
        note = _(
            "Kế hoạch kết thúc ngày %(day)s, trước hạn của nhiệm vụ này: không còn hạn phải hoàn thành."
        ) % {"day": format_date(plan.last_day)}
        _stop_before(one, plan.last_day + timedelta(days=1), note)


def _stop_before(one: Assignment, day: date, note: str) -> None:
    if one.period_start < day:
        one.period_end = min(one.period_end, day)
    if one.due_on is not None and one.due_on >= day:
        one.due_on, one.due_why = None, [*one.due_why, _step(note)]
