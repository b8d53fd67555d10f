"""Whose eyes the module's files are for."""

from __future__ import annotations

from chuan.core.documents.models import DocumentFile
from chuan.core.files.models import Upload
from chuan.core.people.models import Person
from chuan.lib.periods import Period
from chuan.modules.plans import rules
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import Assignment, Evidence
from chuan.modules.plans.queries.assignments import assignments_visible_to, in_period
from chuan.modules.plans.queries.extensions import extensions_visible_to
from chuan.modules.plans.queries.plans import imports_visible_to, plans_visible_to


def may_read_file(person: Person, upload: Upload) -> bool:
    """Evidence for those who see its assignment, and what coordinating bodies show also for those
    that lead the same task; a decision for those who see its plan or its import."""
    if _is_visible_evidence(person, upload):
        return True
    if extensions_visible_to(person).filter(upload=upload).exists():
        return True
    if imports_visible_to(person).filter(upload=upload).exists():
        return True
    documents = DocumentFile.objects.filter(upload=upload).values("document")
    return plans_visible_to(person).filter(document__in=documents).exists()


def _is_visible_evidence(person: Person, upload: Upload) -> bool:
    shown_for = Evidence.objects.filter(upload=upload).values("assignment")
    if assignments_visible_to(person).filter(pk__in=shown_for).exists():
        return True
    helped = Assignment.objects.filter(pk__in=shown_for, role=PartyRole.COORDINATING)
    return any(leads_beside(person, assignment) for assignment in helped)


def leads_beside(person: Person, assignment: Assignment) -> bool:
    """Whether one of the person's bodies leads the task that this one coordinates in, in the same
    days. Bodies that lead side by side do not see each other's evidence."""
    if assignment.role != PartyRole.COORDINATING:
        return False
    return Assignment.objects.filter(
        in_period(Period(assignment.period_start, assignment.period_end)),
        task=assignment.task_id,
        role=PartyRole.LEAD,
        organisation__in=rules.readable_organisation_ids(person),
    ).exists()
