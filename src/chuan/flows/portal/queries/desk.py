"""What a department can open to the public, and what it has opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, QuerySet

from chuan.core.people.models import Person
from chuan.flows.annual_report.enums import ConsolidationState
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.portal import rules
from chuan.flows.portal.enums import PublicationKind
from chuan.flows.portal.models import LIVE, Publication
from chuan.flows.portal.queries.drafts import documents_stay_inside
from chuan.flows.portal.queries.public import says_too_much
from chuan.modules.plans import facade as plans


@dataclass(frozen=True, slots=True)
class Desk:
    """One plan with everything of it that is, or can be, public."""

    plan: plans.PlanRef
    publication: Publication | None
    # With each, whether its documents stay inside for what they count.
    results: tuple[tuple[Consolidation, Publication | None, bool], ...]
    answers: tuple[tuple[plans.DifficultyRef, Publication | None], ...]

    @property
    def must_renew(self) -> bool:
        """Something of it is out of sight, or shown in part, until it is published anew."""
        shown = [
            self.publication,
            *(row[1] for row in self.results),
            *(row[1] for row in self.answers),
        ]
        return any(getattr(one, "says_too_much", False) for one in shown)


def desks(person: Person) -> list[Desk]:
    """Plans whose publishing this person does or watches, newest first; five queries, one a plan and
    four a closed period."""
    departments = person.organisation_ids(*rules.DESK)
    if person.holds(*set(rules.READERS) - set(rules.DESK)):
        found = plans.every_plan()
    else:
        found = plans.plans_managed_by(departments)
    ids = [plan.id for plan in found]
    live = {_key(one): one for one in live_of(ids)}
    closed = _closed(ids)
    return [
        Desk(
            plan=plan,
            publication=live.get((PublicationKind.PLAN, plan.id, None)),
            results=tuple(
                (
                    made,
                    live.get((PublicationKind.RESULTS, plan.id, made.period_id)),
                    documents_stay_inside(made),
                )
                for made in closed
                if made.period.plan_id == plan.id
            ),
            answers=tuple(
                (one, live.get((PublicationKind.ANSWER, plan.id, one.id)))
                for one in reversed(plans.difficulties_of(plan.id))
                if one.answered_at is not None
            ),
        )
        for plan in found
    ]


def live_of(plan_ids: Iterable[int]) -> QuerySet[Publication]:
    """Each with `says_too_much`: part or all of it is out of sight until it is published anew."""
    return (
        Publication.objects.filter(LIVE, plan__in=plan_ids)
        .annotate(says_too_much=ExpressionWrapper(says_too_much(), output_field=BooleanField()))
        .defer("content")
    )


def _key(one: Publication) -> tuple[str, int, int | None]:
    return one.kind, one.plan_id, one.period_id or one.difficulty_id


def _closed(plan_ids: Iterable[int]) -> list[Consolidation]:
    """The last closed consolidation of each period, newest period first."""
    rows = (
        Consolidation.objects.filter(period__plan__in=plan_ids, state=ConsolidationState.CLOSED)
        .select_related("period")
        .defer("snapshot")
        .order_by("-period__data_to", "period", "-number")
    )
    newest: dict[int, Consolidation] = {}
    for made in rows:
        newest.setdefault(made.period_id, made)
    return list(newest.values())
