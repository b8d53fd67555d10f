"""What somebody has typed and not told yet."""

from __future__ import annotations

from chuan.core.people.models import Person
from chuan.modules.plans.models import Assignment, UpdateDraft


def update_draft_of(assignment: Assignment, person: Person) -> UpdateDraft | None:
    return UpdateDraft.objects.filter(assignment=assignment, person=person).first()
