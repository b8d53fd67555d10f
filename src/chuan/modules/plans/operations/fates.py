"""Deciding what becomes of the duties of bodies that are no more: one proposes, another approves.

Nothing goes anywhere by itself, and nothing is lost: the assignment of the body that is gone stays
to be read, closed from a day on, and leads to those that go on with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError, Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.audit.operations import record
from chuan.core.calendar.enums import ExtensionState
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import clean, format_date, format_number
from chuan.modules.plans import rules
from chuan.modules.plans.engine.expansion import reworded_note
from chuan.modules.plans.enums import (
    LIVE_FATES,
    PASSED_ON,
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
from chuan.modules.plans.operations.telling import (
    duties_handed_back,
    duties_passed_on,
    duties_proposed,
)
from chuan.modules.plans.queries.assignments import with_body_name
from chuan.modules.plans.queries.fates import (
    alive_on,
    first_days,
    last_versions,
    left_over,
    passed_on,
    reach_of,
    vanished_bodies,
    worked_on,
)
from chuan.modules.plans.queries.substitutions import document_named_in
from chuan.modules.plans.queries.versions import first_days as version_days

BATCH = 500


@transaction.atomic
def propose_fates(
    *,
    actor: Person,
    plan: Plan,
    kind: FateKind,
    assignment_ids: Collection[int],
    basis: str,
    at: datetime,
    receivers: Mapping[int, Collection[int]] | None = None,
    from_day: date | None = None,
    clause: str = "",
    note: str = "",
) -> FateDecision:
    """Propose one decision for open assignments of bodies that are no more.

    :param receivers: who goes on, by the body that is no more; one body each for a transfer or a
        department, one or more for a clone, none when they are closed or lapse.
    :param from_day: the first day on which the bodies owe nothing more; left out, for each the first
        day without it.
    :raises Denied: the actor does not run the plan.
    :raises ValidationError: no basis, nothing chosen, something that is not open or is decided
        already, nobody to go on, one who is no more either, or a day before the body's end.
    """
    on = timezone.localdate(at)
    rules.propose_fates.require(actor, plan, on)
    basis = clean(basis)
    if not basis:
        raise ValidationError({"basis": _("Nhập văn bản làm căn cứ.")})
    ended = vanished_bodies(on, plan)
    chosen = _chosen(plan, ended, assignment_ids)
    days = {one.organisation_id: from_day or ended[one.organisation_id] for one in chosen}
    _check_days(chosen, ended, days, kind)
    _check_wordings(plan, chosen, kind)
    receivers = _checked_receivers(kind, chosen, receivers or {}, on)

    decision = FateDecision.objects.create(
        plan=plan,
        kind=kind,
        from_day=from_day,
        basis=basis,
        clause=clean(clause),
        basis_document=document_named_in(basis),
        note=clean(note),
        proposed_by=actor,
        proposed_at=at,
    )
    fates = [
        Fate(
            decision=decision,
            assignment=one,
            body_ended_on=ended[one.organisation_id],
            from_day=days[one.organisation_id],
        )
        for one in chosen
    ]
    try:
        with transaction.atomic():
            Fate.objects.bulk_create(fates, batch_size=BATCH)
    except IntegrityError:
        raise ValidationError(_decided_meanwhile()) from None
    FateHeir.objects.bulk_create(
        [
            FateHeir(fate=fate, organisation_id=heir)
            for fate in fates
            for heir in receivers.get(fate.assignment.organisation_id, ())
        ],
        batch_size=BATCH,
    )
    record(
        action="plans.fates_proposed",
        actor=actor,
        subject=decision,
        plan=plan.pk,
        kind=str(kind),
        assignments=len(fates),
        bodies=sorted(days),
        basis=decision.full_basis,
    )
    duties_proposed(decision, len(fates), by=actor)
    return decision


@transaction.atomic
def approve_fates(
    *, actor: Person, decision: FateDecision, version: int, at: datetime
) -> FateDecision:
    """Let a proposal hold: the assignments are closed, and whoever goes on has their own.

    A body that has the task in those days already goes on with what it has.

    :raises Denied: the actor proposed it or is not of the department.
    :raises Conflict: it is not what the actor looked at.
    :raises ValidationError: something was done or closed meanwhile, the plan ended or was amended so
        that nothing is left to pass on, or a body that was to go on is no more.
    """
    decision = _locked(decision)
    rules.approve_fates.require(actor, decision)
    if decision.version != version:
        raise rules.Conflict(decision)
    _end_extensions(decision, actor, at)
    fates = _fates_with_rows(decision)
    if any(fate.assignment.closed_on or fate.assignment.done_on for fate in fates):
        raise ValidationError(_decided_meanwhile())
    chosen = [(fate.assignment, fate.from_day) for fate in fates]
    receivers = {
        fate.assignment.organisation_id: [heir.organisation_id for heir in fate.heirs.all()]
        for fate in fates
    }
    _check_still(decision, fates, receivers, timezone.localdate(at))
    created = _pass_on(decision, fates, passed_on(chosen, receivers), at)
    _close(decision, fates, actor, at)
    decision.state = FateState.APPROVED
    decision.approved_by, decision.approved_at = actor, at
    decision.version += 1
    decision.save(update_fields=["state", "approved_by", "approved_at", "version"])
    record(
        action="plans.fates_approved",
        actor=actor,
        subject=decision,
        plan=decision.plan_id,
        kind=decision.kind,
        proposed_by=str(decision.proposed_by),
        closed=[fate.assignment_id for fate in fates],
        created=[one.pk for one in created],
    )
    duties_passed_on(decision, {one.organisation_id for one in created})
    return decision


@transaction.atomic
def hand_back_fates(
    *, actor: Person, decision: FateDecision, at: datetime, reason: str = ""
) -> FateDecision:
    """Put a proposal aside: its assignments wait for another.

    :raises ValidationError: another person sends it back and does not say why.
    """
    decision = _locked(decision)
    rules.hand_back_fates.require(actor, decision)
    if decision.proposed_by_id != actor.pk and not reason.strip():
        raise ValidationError({"reason": _("Ghi lý do trả lại để người đề xuất biết.")})
    heirs = _end(decision, FateState.HANDED_BACK, actor, at, reason)
    record(
        action="plans.fates_handed_back",
        actor=actor,
        subject=decision,
        reason=decision.end_reason,
        heirs=heirs,
    )
    if decision.proposed_by_id != actor.pk:
        duties_handed_back(decision)
    return decision


@transaction.atomic
def undo_fates(
    *, actor: Person, decision: FateDecision, version: int, at: datetime, reason: str
) -> FateDecision:
    """Take an approved decision back: the assignments are as they were before it.

    :raises Denied: somebody has worked on what was passed on, or it is in a report.
    :raises Conflict: it is not what the actor looked at.
    :raises ValidationError: no reason is given.
    """
    decision = _locked(decision)
    rules.undo_fates.require(actor, decision)
    if decision.version != version:
        raise rules.Conflict(decision)
    if not reason.strip():
        raise ValidationError({"reason": _("Nhập lý do hoàn tác.")})
    fates = _fates_with_rows(decision)
    released = _release(fates)
    _reopen(decision, fates, at)
    heirs = _end(decision, FateState.UNDONE, actor, at, reason)
    record(
        action="plans.fates_undone",
        actor=actor,
        subject=decision,
        reason=decision.end_reason,
        reopened=[fate.assignment_id for fate in fates],
        released=released,
        heirs=heirs,
    )
    return decision


# ---------------------------------------------------------------- checking a proposal


def _chosen(plan: Plan, ended: Mapping[int, date], ids: Collection[int]) -> list[Assignment]:
    if not ids:
        raise ValidationError({"assignments": _("Chọn ít nhất một phân công.")})
    found = left_over(ended, plan).filter(pk__in=ids).select_related("task")
    rows = list(found.select_for_update(of=("self",)))
    live = Fate.objects.filter(assignment__in=ids, state__in=LIVE_FATES)
    if len(rows) != len(set(ids)) or live.exists():
        raise ValidationError(_decided_meanwhile())
    return sorted(rows, key=lambda row: row.pk)


def _decided_meanwhile() -> str:
    return _("Có phân công đã hoàn thành hoặc đã có quyết định khác. Tải lại trang rồi chọn lại.")


def _check_days(
    chosen: Iterable[Assignment],
    ended: Mapping[int, date],
    days: Mapping[int, date],
    kind: FateKind,
) -> None:
    for one in chosen:
        first, day = ended[one.organisation_id], days[one.organisation_id]
        if day < first:
            message = _("Chọn ngày từ %(day)s trở đi: trước ngày đó cơ quan còn hoạt động.")
            raise ValidationError({"from_day": message % {"day": format_date(first)}})
        if kind in PASSED_ON and day >= reach_of(one):
            message = _("Có phân công đã hết kỳ trước ngày %(day)s nên không giao tiếp được.")
            raise ValidationError({"from_day": message % {"day": format_date(day)}})


def _checked_receivers(
    kind: FateKind,
    chosen: Sequence[Assignment],
    receivers: Mapping[int, Collection[int]],
    on: date,
) -> dict[int, list[int]]:
    if kind not in PASSED_ON:
        return {}
    bodies = {one.organisation_id for one in chosen}
    found = {pk: list(dict.fromkeys(receivers.get(pk, ()))) for pk in bodies}
    versions = last_versions([pk for pk, heirs in found.items() if not heirs])
    if versions:
        message = _("Chưa có cơ quan nhận cho %(names)s. Chọn cơ quan nhận hoặc cách xử lý khác.")
        names = ", ".join(sorted(one.short_name for one in versions.values())[:5])
        raise ValidationError({"receivers": message % {"names": names}})
    if kind != FateKind.CLONE and any(len(heirs) > 1 for heirs in found.values()):
        raise ValidationError({"receivers": _("Cách xử lý này chỉ giao cho một cơ quan.")})
    _require_alive({pk for heirs in found.values() for pk in heirs}, on)
    _check_begun(chosen, found)
    return found


def _check_begun(chosen: Iterable[Assignment], receivers: Mapping[int, Collection[int]]) -> None:
    begun = first_days({pk for heirs in receivers.values() for pk in heirs})
    for one in chosen:
        reach = reach_of(one)
        late = [pk for pk in receivers[one.organisation_id] if begun[pk] >= reach]
        if late:
            message = _(
                "Cơ quan nhận chưa hoạt động trước ngày %(day)s, khi kỳ của phân công đã hết."
            )
            raise ValidationError({"receivers": message % {"day": format_date(reach)}})


def _check_wordings(plan: Plan, chosen: Iterable[Assignment], kind: FateKind) -> None:
    """What begins only after its wording was replaced is owed by nobody: it is closed, not passed on."""
    if kind not in PASSED_ON:
        return
    begins = version_days(plan.pk)
    for one in chosen:
        until = one.task.until
        if until is not None and one.period_start >= begins[until]:
            message = _(
                "Nhiệm vụ %(code)s năm %(year)s đã được quyết định sửa đổi thay từ ngày %(day)s nên "
                "không giao tiếp được. Đóng phân công này."
            )
            raise ValidationError(
                message
                % {"code": one.task.code, "year": one.year, "day": format_date(begins[until])}
            )


def _require_alive(ids: Collection[int], on: date) -> None:
    gone = set(ids) - alive_on(ids, on)
    if gone:
        names = ", ".join(sorted(one.short_name for one in last_versions(gone).values())[:5])
        message = _("%(names)s không còn hoạt động nên không nhận nhiệm vụ được.")
        raise ValidationError({"receivers": message % {"names": names}})


# ---------------------------------------------------------------- approving


def _locked(decision: FateDecision) -> FateDecision:
    return (
        FateDecision.objects.select_for_update(of=("self",))
        .select_related("plan", "proposed_by")
        .get(pk=decision.pk)
    )


def _check_still(
    decision: FateDecision,
    fates: Sequence[Fate],
    receivers: Mapping[int, Collection[int]],
    on: date,
) -> None:
    """What held when it was proposed: the plan may have ended or changed since, and the bodies too."""
    # Nobody ends the plan, or gives it another version, meanwhile.
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=decision.plan_id)
    if on not in plan.valid:
        message = _(
            "Kế hoạch đã kết thúc ngày %(day)s nên không duyệt được nữa. Trả lại đề xuất này."
        )
        raise ValidationError(message % {"day": format_date(plan.last_day)})
    rows, kind = [fate.assignment for fate in fates], FateKind(decision.kind)
    ended = {fate.assignment.organisation_id: fate.body_ended_on for fate in fates}
    days = {fate.assignment.organisation_id: fate.from_day for fate in fates}
    _check_days(rows, ended, days, kind)
    _check_wordings(plan, rows, kind)
    _require_alive({pk for heirs in receivers.values() for pk in heirs}, on)
    _check_begun(rows, receivers)


def _fates_with_rows(decision: FateDecision) -> list[Fate]:
    """The fates with their assignments as they are now, held until the end of the transaction."""
    fates = list(decision.fates.prefetch_related("heirs").order_by("pk"))
    ids = [fate.assignment_id for fate in fates]
    held = (
        Assignment.objects.filter(pk__in=ids)
        .select_related("task")
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    rows = {row.pk: row for row in held}
    for fate in fates:
        fate.assignment = rows[fate.assignment_id]
    return fates


@in_vietnamese
def _end_extensions(decision: FateDecision, actor: Person, at: datetime) -> None:
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


def _pass_on(
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
def _close(decision: FateDecision, fates: Sequence[Fate], actor: Person, at: datetime) -> None:
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


# ---------------------------------------------------------------- ending a decision


def _end(
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


def _release(fates: Sequence[Fate]) -> list[int]:
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


def _reopen(decision: FateDecision, fates: Sequence[Fate], at: datetime) -> None:
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
