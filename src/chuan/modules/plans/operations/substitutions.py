"""Deciding who takes the place of a group or a body that is no more, while the plan runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.expansion import Question, StandIn
from chuan.modules.plans.models import Plan, Substitution
from chuan.modules.plans.operations.assignments import Reconciliation, reconcile_assignments
from chuan.modules.plans.queries.expansion import expansion_of, expansion_with
from chuan.modules.plans.queries.substitutions import (
    asks_still,
    document_named_in,
    first_day_for,
    question_about,
)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and what was created by it."""

    substitution: Substitution
    reconciliation: Reconciliation


@transaction.atomic
def decide_substitution(
    *, actor: Person, plan: Plan, version: int, stand_in: StandIn, basis: str, at: datetime
) -> Decided:
    """Say who stands in for a party from a day on, and write down what they owe from then.

    With neither group nor body named to stand in, the duty lapses. A decision from the same day
    that led to nobody gives way to this one; the ledger has both.

    :raises Denied: the actor does not run the plan, or it is over.
    :raises Conflict: somebody decided something about the plan since that version.
    :raises ValidationError: no basis; nobody asks about this party; a day that would take work from
        bodies that are still there; or somebody to stand in who is no more on the day either.
    """
    plan = Plan.objects.select_for_update().get(pk=plan.pk)
    rules.decide_substitution.require(actor, plan, timezone.localdate(at))
    if plan.version != version:
        raise rules.Conflict(plan)
    question = question_about(
        expansion_of(plan).questions, stand_in.group_id, stand_in.organisation_id
    )
    if question is None:
        raise ValidationError(_("Việc này không còn phải quyết định. Tải lại trang."))
    _check(plan, question, stand_in, basis)

    same = plan.substitutions.filter(
        group=stand_in.group_id,
        organisation=stand_in.organisation_id,
        from_day=stand_in.from_day,
    )
    before = [one.basis for one in same]
    same.delete()
    substitution = Substitution.objects.create(
        plan=plan,
        group_id=stand_in.group_id,
        organisation_id=stand_in.organisation_id,
        by_group_id=stand_in.by_group_id,
        by_organisation_id=stand_in.by_organisation_id,
        from_day=stand_in.from_day,
        basis=basis,
        basis_document=document_named_in(basis),
        decided_by=actor,
        decided_at=at,
    )
    plan.version += 1
    plan.save(update_fields=["version"])
    found = reconcile_assignments(plan, at=at, actor=actor)
    record(
        action="plans.substitution_decided",
        actor=actor,
        subject=plan,
        of=question.name,
        group=stand_in.group_id,
        organisation=stand_in.organisation_id,
        by_group=stand_in.by_group_id,
        by_organisation=stand_in.by_organisation_id,
        from_day=stand_in.from_day.isoformat(),
        basis=basis,
        in_place_of=before,
        created=found.created,
    )
    return Decided(substitution, found)


def _check(plan: Plan, question: Question, stand_in: StandIn, basis: str) -> None:
    if not basis:
        raise ValidationError({"basis": _("Nhập văn bản làm căn cứ.")})
    first = first_day_for(plan, question)
    if not first <= stand_in.from_day <= question.on:
        raise ValidationError(
            {
                "from_day": _("Chọn ngày từ %(first)s đến %(last)s.")
                % {"first": format_date(first), "last": format_date(question.on)}
            }
        )
    if asks_still(expansion_with(plan, stand_in), question):
        raise ValidationError(
            {
                "by": _("Cơ quan hoặc nhóm được chọn cũng không có ai vào ngày %(day)s.")
                % {"day": format_date(question.on)}
            }
        )
