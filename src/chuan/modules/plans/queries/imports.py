"""Imports on their way: whom names mean, what still is in the way, and what approval would make."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone

from chuan.core.files import queries as files
from chuan.core.files.models import Upload
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import Candidate, Gazetteer
from chuan.modules.plans.engine.comparison import Compared, Difference, compare
from chuan.modules.plans.engine.draft import Draft, Match, from_json
from chuan.modules.plans.engine.expansion import (
    Expansion,
    PartyToResolve,
    PlanToExpand,
    Question,
    StandIn,
    TaskToExpand,
)
from chuan.modules.plans.engine.problems import Problem, problems_of
from chuan.modules.plans.enums import ImportState, PartyKind, PartyRole
from chuan.modules.plans.models import Plan, PlanImport
from chuan.modules.plans.queries.expansion import expand_plan
from chuan.modules.plans.queries.versions import latest_version, tasks_in

CERTAIN = 1.0


def draft_of(plan_import: PlanImport) -> Draft:
    return from_json(plan_import.draft)


def imports_of_file(sha256: str, managed_by_id: int) -> list[PlanImport]:
    """What a department has made of this very file and not put aside, newest first."""
    return list(
        PlanImport.objects.filter(upload__file__sha256=sha256, managed_by=managed_by_id)
        .exclude(state=ImportState.ABANDONED)
        .select_related("plan", "upload__file")
        .order_by("-pk")
    )


def plans_of_decision(draft: Draft, managed_by_id: int) -> list[Plan]:
    """Plans a department already has from the decision with this number, notation and day."""
    document = draft.document
    if not document.number.isdecimal() or document.issued_on is None:
        return []
    return list(
        Plan.objects.filter(
            managed_by=managed_by_id,
            document__number=int(document.number),
            document__notation=document.notation,
            document__issued_on=document.issued_on,
        ).select_related("document")
    )


# ---------------------------------------------------------------- whom names mean


def day_of(draft: Draft) -> date:
    """The day on which the names of a draft are looked up: that of the decision, once known."""
    return draft.document.issued_on or draft.document.stamped_on or timezone.localdate()


def candidates_for(draft: Draft) -> dict[str, list[Candidate]]:
    """Whom each name may mean, best first, by the key of the name."""
    gazetteer = Gazetteer(day_of(draft))
    return {key: gazetteer.match(name) for key, name in draft.names.items()}


def certain_matches(draft: Draft) -> dict[str, Match]:
    """Names that leave no doubt, apart from those a person decided."""
    found = {}
    for key, candidates in candidates_for(draft).items():
        decided = draft.matches.get(key)
        if decided is not None and decided.is_decided:
            continue
        if not candidates and key in draft.open_names:
            found[key] = Match(PartyKind.OPEN)
        if not candidates:
            continue
        best, *others = candidates
        if best.confidence < CERTAIN:
            continue
        if any(other.confidence >= CERTAIN for other in others):
            continue
        found[key] = match_of(best)
    return found


def issuer_of(draft: Draft) -> Organisation | None:
    """The body that issued the decision, when the register leaves no doubt."""
    found = Gazetteer(day_of(draft)).match(draft.document.issuer)
    certain = [
        one.organisation_id
        for one in found
        if one.confidence >= CERTAIN and one.organisation_id is not None
    ]
    if len(certain) != 1:
        return None
    return Organisation.objects.filter(pk=certain[0]).first()


def match_of(candidate: Candidate, *, is_decided: bool = False) -> Match:
    kind = PartyKind(candidate.kind)
    if kind == PartyKind.OPEN:
        return Match(kind, is_decided=is_decided)
    return Match(kind, candidate.group_id, candidate.organisation_id, is_decided)


# ---------------------------------------------------------------- what approval would make


def draft_to_expand(draft: Draft) -> PlanToExpand | None:
    """The draft as far as its names are known; None while its days are not."""
    first, last = draft.document.issued_on, draft.last_day
    if first is None or last is None or last <= first:
        return None
    return PlanToExpand(
        first_day=first,
        last_day=last,
        tasks=tuple(
            TaskToExpand(
                key=task.key,
                code=task.code,
                due_kind=task.due_kind,
                due_on=task.due_on,
                time_text=task.time_text,
                parties=(
                    *_parties(draft, task.lead, PartyRole.LEAD),
                    *_parties(draft, task.coordinating, PartyRole.COORDINATING),
                ),
            )
            for task in draft.tasks
            if task.due_kind is not None
        ),
        stand_ins=tuple(
            StandIn(
                one.from_day,
                one.group_id,
                one.organisation_id,
                one.by_group_id,
                one.by_organisation_id,
            )
            for one in draft.stand_ins
        ),
    )


def _parties(draft: Draft, names: tuple[str, ...], role: PartyRole) -> list[PartyToResolve]:
    found = []
    for name in names:
        match = draft.match(name)
        if match is not None:
            found.append(
                PartyToResolve(role, match.kind, name, match.group_id, match.organisation_id)
            )
    return found


def expansion_of_draft(draft: Draft) -> Expansion | None:
    """What approval would make of the draft; nothing is written. None while its days are unknown."""
    plan = draft_to_expand(draft)
    return None if plan is None else expand_plan(plan)


def questions_ahead(draft: Draft) -> tuple[Question, ...]:
    """Parties that will have nobody in a later year, told as soon as the file is read: days the
    parser only took from stamps do for that."""
    read = replace(draft.document, issued_on=draft.document.issued_on or draft.document.stamped_on)
    expansion = expansion_of_draft(replace(draft, document=read))
    return expansion.questions if expansion else ()


def problems_in(draft: Draft, expansion: Expansion | None) -> list[Problem]:
    return problems_of(draft, expansion.questions if expansion else ())


@dataclass(frozen=True, slots=True)
class YearPreview:
    """How many assignments begin in a year, and how many bodies have work in it."""

    year: int
    lead: int
    coordinating: int
    bodies: int


@dataclass(frozen=True, slots=True)
class Preview:
    years: tuple[YearPreview, ...]
    by_task: Mapping[int | str, int]

    @property
    def total(self) -> int:
        return sum(one.lead + one.coordinating for one in self.years)

    @property
    def lead_total(self) -> int:
        return sum(one.lead for one in self.years)


def preview_of(expansion: Expansion) -> Preview:
    """Counts for a person to judge before anything is created."""
    roles: Counter[tuple[int, PartyRole]] = Counter()
    bodies: dict[int, set[int]] = defaultdict(set)
    by_task: Counter[int | str] = Counter()
    for owed in expansion.owed:
        roles[owed.period_start.year, owed.role] += 1
        bodies[owed.period_start.year].add(owed.organisation_id)
        by_task[owed.task] += 1
    years = tuple(
        YearPreview(
            year,
            roles[year, PartyRole.LEAD],
            roles[year, PartyRole.COORDINATING],
            len(bodies[year]),
        )
        for year in sorted(bodies)
    )
    return Preview(years, by_task)


# ---------------------------------------------------------------- the same file again


def compare_with_plan(plan: Plan, draft: Draft) -> list[Difference]:
    """Where a plan as it stands and a draft differ, task by task."""
    stored = [
        Compared(
            task.code,
            task.text,
            tuple(p.name for p in task.parties.all() if p.role == PartyRole.LEAD),
            tuple(p.name for p in task.parties.all() if p.role == PartyRole.COORDINATING),
            task.time_text,
        )
        for task in tasks_in(plan.pk, latest_version(plan.pk))
    ]
    return compare(stored, _compared(draft))


def compare_drafts(one: Draft, other: Draft) -> list[Difference]:
    return compare(_compared(one), _compared(other))


def bytes_of(upload: Upload) -> bytes:
    return files.read_bytes(upload)


def _compared(draft: Draft) -> list[Compared]:
    return [
        Compared(task.code, task.text, task.lead, task.coordinating, task.time_text)
        for task in draft.tasks
    ]
