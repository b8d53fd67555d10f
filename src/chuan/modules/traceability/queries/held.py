"""Recalls as those see them who hold some of the goods."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Party, Recall, RecallAnswer, RecallItem, RecallNotice
from chuan.modules.traceability.queries.recalls import STILL_OUT, concerned_by
from chuan.modules.traceability.queries.registry import parties_told_by
from chuan.modules.traceability.rules.registry import MEMBERS


def notices_of(person: Person) -> QuerySet[RecallNotice]:
    """What the businesses this person speaks for were told, of recalls in force or ended."""
    uris = [party.uri for party in parties_told_by(person)]
    return RecallNotice.objects.filter(holder__in=uris).select_related(
        "recall__organisation", "recall__opened_by", "recall__issued_by"
    )


def notices_to(person: Person) -> list[RecallNotice]:
    """Of each recall the last thing told to each business, in force first, the newest first."""
    answers = RecallAnswer.objects.filter(recall=OuterRef("recall"), holder=OuterRef("holder"))
    rows = notices_of(person).annotate(is_answered=Exists(answers)).order_by("-pk")
    newest: dict[tuple[int, str], RecallNotice] = {}
    for notice in rows:
        newest.setdefault((notice.recall_id, notice.holder), notice)
    return sorted(newest.values(), key=lambda one: one.recall.state != RecallState.ISSUED)


def waiting_for(person: Person) -> list[RecallNotice]:
    """What somebody's businesses were told of recalls in force and have not answered."""
    if not person.organisation_ids(*MEMBERS):
        return []
    told = notices_to(person)
    return [
        one
        for one in told
        if one.recall.state == RecallState.ISSUED and not one.is_answered  # type: ignore[attr-defined]
    ]


def to_decide(person: Person) -> list[Recall]:
    """Recalls that wait for this leader's order, the oldest first."""
    bodies = person.organisation_ids(Role.DEPARTMENT_LEADER)
    if not bodies:
        return []
    waiting = Recall.objects.filter(state=RecallState.DRAFT, organisation__in=bodies)
    return list(waiting.exclude(opened_by=person).order_by("pk"))


def party_told(person: Person, notice: RecallNotice) -> Party:
    """The business a notice went to."""
    return next(one for one in parties_told_by(person) if one.uri == notice.holder)


def goods_of(notice: RecallNotice) -> QuerySet[RecallItem]:
    """What the last search found with this holder and is still out."""
    found = concerned_by(notice.recall).filter(STILL_OUT, holder=notice.holder)
    return found.order_by("place_name", "uri", "pk")


def answers_of(notice: RecallNotice) -> QuerySet[RecallAnswer]:
    answers = RecallAnswer.objects.filter(recall=notice.recall_id, holder=notice.holder)
    return answers.select_related("answered_by").order_by("-pk")
