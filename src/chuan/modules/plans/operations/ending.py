"""Ending a plan before its time: by a decision of its own, or because another takes its place."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
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
from chuan.modules.plans.queries.ending import begun_by, not_begun_by


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
    begun stay with all that was told and proven, without a deadline after the last day. When another plan takes its place,
    that plan's decision is recorded as replacing this one's.

    :raises Denied: the actor does not run the plan, or it is over or ended already.
    :raises Conflict: somebody decided something about the plan since that version.
    :raises ValidationError: no basis; a day outside the plan's own; or a plan to take its place
        that is of another department, not in force the day after, or this very one.
    """
    plan = Plan.objects.select_for_update(of=("self",)).select_related("document").get(pk=plan.pk)
    rules.end_plan.require(actor, plan, timezone.localdate(at))
    if plan.version != version:
        raise rules.Conflict(plan)
    _check(plan, last_day, basis, replaced_by)

    begun = max(last_day, timezone.localdate(at))
    dropped = _drop(plan, begun)
    _cut(plan, last_day, begun, at)
    plan.valid = DateRange(plan.valid.lower, last_day + timedelta(days=1))
    plan.end_basis, plan.replaced_by = basis, replaced_by
    plan.ended_by, plan.ended_at = actor, at
    plan.open_questions = 0
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
    _gone, by_model = not_begun_by(plan, begun).delete()
    return by_model.get(Assignment._meta.label, 0)


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
