"""Recalls as those see them who hold some of the goods."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet

from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Party, Recall, RecallAnswer, RecallItem, RecallNotice
from chuan.modules.traceability.queries.recalls import STILL_OUT, concerned_by
from chuan.modules.traceability.queries.registry import parties_told_by
from chuan.modules.traceability.rules.registry import MEMBERS


@dataclass(frozen=True, slots=True)
class Told:
    """The last thing a business was told of a recall, and whether it has answered since."""

    notice: RecallNotice
    is_answered: bool


def notices_of(person: Person) -> QuerySet[RecallNotice]:
    """What the businesses this person speaks for were told, of recalls in force or ended, whatever they
    were called by then."""
    return RecallNotice.objects.filter(holder__in=_parties_by_name(person)).select_related(
        "recall__organisation", "recall__opened_by", "recall__issued_by"
    )


def notices_to(person: Person) -> list[Told]:
    """Of each recall the last thing told to each business, in force first, the newest first."""
    called = _parties_by_name(person)
    newest: dict[tuple[int, int], RecallNotice] = {}
    for notice in notices_of(person).order_by("-pk"):
        newest.setdefault((notice.recall_id, called[notice.holder].pk), notice)
    answers = RecallAnswer.objects.filter(
        recall__in={recall for recall, _party in newest}, holder__in=called
    ).order_by("pk")
    answered = {(one.recall_id, called[one.holder].pk): one.answered_at for one in answers}
    told = [
        # Told anew, it has more goods, or has not done what it said.
        Told(notice, is_answered=which in answered and answered[which] >= notice.sent_at)
        for which, notice in newest.items()
    ]
    return sorted(told, key=lambda one: one.notice.recall.state != RecallState.ISSUED)


def waiting_for(person: Person) -> list[RecallNotice]:
    """What somebody's businesses were told of recalls in force and have not answered."""
    if not person.organisation_ids(*MEMBERS):
        return []
    return [
        one.notice
        for one in notices_to(person)
        if one.notice.recall.state == RecallState.ISSUED and not one.is_answered
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
    return _parties_by_name(person)[notice.holder]


def goods_of(notice: RecallNotice, party: Party) -> QuerySet[RecallItem]:
    """What the last search found with this holder and is still out."""
    found = concerned_by(notice.recall).filter(STILL_OUT, holder__in=party.uris)
    return found.order_by("place_name", "uri", "pk")


def answers_of(notice: RecallNotice, party: Party) -> QuerySet[RecallAnswer]:
    answers = RecallAnswer.objects.filter(recall=notice.recall_id, holder__in=party.uris)
    return answers.select_related("answered_by").order_by("-pk")


def _parties_by_name(person: Person) -> dict[str, Party]:
    return {uri: party for party in parties_told_by(person) for uri in party.uris}
