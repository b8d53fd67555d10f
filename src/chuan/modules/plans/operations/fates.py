"""Deciding what becomes of the duties of bodies that are no more: one proposes, another approves.

Nothing goes anywhere by itself, and nothing is lost: the assignment of the body that is gone stays
to be read, closed from a day on, and leads to those that go on with it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean, format_date
from chuan.modules.plans import rules
from chuan.modules.plans.enums import (
    LIVE_FATES,
    PASSED_ON,
    FateKind,
    FateState,
)
from chuan.modules.plans.models import (
    Assignment,
    Fate,
    FateDecision,
    FateHeir,
    Plan,
)
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.fate_effects import (
    BATCH,
    close,
    end,
    end_extensions,
    pass_on,
    release,
    reopen,
)
from chuan.modules.plans.operations.telling import (
    duties_handed_back,
    duties_passed_on,
    duties_proposed,
)
from chuan.modules.plans.queries.fates import (
    alive_on,
    first_days,
    last_versions,
    left_over,
    passed_on,
    reach_of,
    vanished_bodies,
)
from chuan.modules.plans.queries.substitutions import document_named_in
from chuan.modules.plans.queries.versions import first_days as version_days


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
    end_extensions(decision, actor, at)
    fates = _fates_with_rows(decision)
    if any(fate.assignment.closed_on or fate.assignment.done_on for fate in fates):
        raise ValidationError(_decided_meanwhile())
    chosen = [(fate.assignment, fate.from_day) for fate in fates]
    receivers = {
        fate.assignment.organisation_id: [heir.organisation_id for heir in fate.heirs.all()]
        for fate in fates
    }
    _check_still(decision, fates, receivers, timezone.localdate(at))
    created = pass_on(decision, fates, passed_on(chosen, receivers), at)
    close(decision, fates, actor, at)
    _settle(fates, at)
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
    heirs = end(decision, FateState.HANDED_BACK, actor, at, reason)
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
    released = release(fates)
    reopen(decision, fates, at)
    _settle(fates, at)
    heirs = end(decision, FateState.UNDONE, actor, at, reason)
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


def _settle(fates: Iterable[Fate], at: datetime) -> None:
    settle_any_of({one.assignment.task_id for one in fates}, at=at)


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
