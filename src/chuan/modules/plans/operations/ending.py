"""Ending a plan before its time: by a decision of its own, or because another takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Model, ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.documents.enums import RelationKind
from chuan.core.documents.operations import relate
from chuan.core.people.models import Person
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.operations.closing import close_requests
from chuan.modules.plans.operations.extensions import close_outlived
from chuan.modules.plans.queries.ending import begun_by, not_begun_by, outliving
from chuan.modules.plans.queries.extensions import waiting_among
from chuan.modules.plans.queries.fates import fates_that_came_to_nothing


@transaction.atomic
def end_plan(
    *,
    actor: Person,
    plan: Plan,
    version: int,
    last_day: date,
    basis: str,
    at: datetime,
    replaced_by: Plan | None = None,
) -> Plan:
    """Let a plan end on a day before the one its decision named.

    Assignments of periods that have not begun are owed no more and are taken out; those that have
    begun stay with all that was told and proven, without a deadline after the last day. Requests
    for contributions that nobody could answer any more are closed, and both sides told, as is what was
    asked for of more time where no deadline remains. When another plan takes its place, that plan's decision is recorded as replacing this one's.

    :raises Denied: the actor does not run the plan, or it is over or ended already.
    :raises Conflict: somebody decided something about the plan since that version.
    :raises ValidationError: no basis; a day outside the plan's own, or before work that is in a
        report or told of already; or a plan to take its place that is of another department, not in force the
        day after, or this very one.
    """
    plan = Plan.objects.select_for_update(of=("self",)).select_related("document").get(pk=plan.pk)
    rules.end_plan.require(actor, plan, timezone.localdate(at))
    if plan.version != version:
        raise rules.Conflict(plan)
    _check(plan, last_day, basis, replaced_by)

    begun = max(last_day, timezone.localdate(at))
    dropped = _drop(plan, begun)
    # What loses its day needs no more time.
    close_outlived(
        actor=actor,
        extensions=waiting_among(
            Q(assignment__task__plan=plan, assignment__due_on__gt=last_day)
        ).select_related("assignment"),
        reason=_why_closed(last_day),
        at=at,
    )
    _cut(plan, last_day, begun, at)
    closed = close_requests(
        outliving(plan, last_day, timezone.localdate(at)),
        why=_why_closed(last_day),
        actor=actor,
        at=at,
    )
    plan.valid = DateRange(plan.valid.lower, last_day + timedelta(days=1))
    plan.end_basis, plan.replaced_by = basis, replaced_by
    plan.ended_by, plan.ended_at = actor, at
    plan.questions.filter(from_day__gt=last_day).delete()
    plan.open_questions = plan.questions.count()
    plan.version += 1
    plan.save()
    if replaced_by is not None:
        _relate(actor, replaced_by, plan)
    record(
        action="plans.plan_ended",
        actor=actor,
        subject=plan,
        last_day=last_day.isoformat(),
        basis=basis,
        replaced_by=replaced_by.pk if replaced_by else None,
        assignments_dropped=dropped,
        requests_closed=[request.pk for request in closed],
    )
    return plan


def _check(plan: Plan, last_day: date, basis: str, replaced_by: Plan | None) -> None:
    if not basis:
        raise ValidationError({"basis": _("Nhập văn bản làm căn cứ.")})
    if not plan.valid.lower <= last_day < plan.last_day:
        raise ValidationError(
            {
                "last_day": _("Chọn ngày từ %(first)s đến trước %(last)s.")
                % {"first": format_date(plan.valid.lower), "last": format_date(plan.last_day)}
            }
        )
    if replaced_by is None:
        return
    follows = last_day + timedelta(days=1)
    if (
        replaced_by.pk == plan.pk
        or replaced_by.managed_by_id != plan.managed_by_id
        or follows not in replaced_by.valid
    ):
        message = _("Chọn kế hoạch của cùng cơ quan theo dõi, đang thực hiện vào ngày %(day)s.")
        raise ValidationError({"replaced_by": message % {"day": format_date(follows)}})


def _drop(plan: Plan, begun: date) -> int:
    dropped = not_begun_by(plan, begun)
    try:
        with transaction.atomic():
            fates_that_came_to_nothing(dropped).delete()
            _gone, by_model = dropped.delete()
    except ProtectedError as error:
        raise _kept(error.protected_objects) from None
    return by_model.get(Assignment._meta.label, 0)


def _kept(kept: Iterable[Model]) -> ValidationError:
    """Which work is kept by something upstairs, and the day that leaves it in place."""
    ids = {
        getattr(one, field.attname)
        for one in kept
        for field in one._meta.concrete_fields
        if field.related_model is Assignment
    }
    last = (
        Assignment.objects.filter(pk__in=ids)
        .select_related("task")
        .order_by("-period_start", "task__position", "pk")[0]
    )
    message = _(
        "Nhiệm vụ %(code)s năm %(year)s đã có trong báo cáo hoặc đã có nội dung ghi nhận, "
        "không bỏ được. Chọn ngày cuối từ %(day)s trở đi."
    ) % {"code": last.task.code, "year": last.year, "day": format_date(last.period_start)}
    return ValidationError({"last_day": message})


@in_vietnamese
def _why_closed(last_day: date) -> str:
    return _("Kế hoạch kết thúc ngày %(day)s.") % {"day": format_date(last_day)}


@in_vietnamese
def _cut(plan: Plan, last_day: date, begun: date, at: datetime) -> None:
    note = _(
        "Kế hoạch kết thúc ngày %(day)s, trước hạn của nhiệm vụ này: không còn hạn phải hoàn thành."
    ) % {"day": format_date(last_day)}
    end = last_day + timedelta(days=1)
    running = list(begun_by(plan, last_day, begun).select_for_update(of=("self",)))
    for row in running:
        if row.period_start < end:
            row.period_end = min(row.period_end, end)
        if row.done_on is None and row.due_on is not None and row.due_on > last_day:
            row.due_on = None
            row.due_why = [
                *row.due_why,
                {"text": str(note), "rule": "", "source": "", "day": ""},
            ]
        row.version += 1
        row.updated_at = at
    Assignment.objects.bulk_update(
        running, ["period_end", "due_on", "due_why", "version", "updated_at"], batch_size=500
    )


def _relate(actor: Person, newer: Plan, older: Plan) -> None:
    symbol = older.document.symbol
    said = newer.document.relations.filter(kind=RelationKind.REPLACES, target_symbol__iexact=symbol)
    if newer.document_id != older.document_id and not said.exists():
        relate(actor=actor, document=newer.document, kind=RelationKind.REPLACES, symbol=symbol)
