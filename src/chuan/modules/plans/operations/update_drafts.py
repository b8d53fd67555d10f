"""Keeping what is typed about an assignment until it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from chuan.core.people.models import Person
from chuan.modules.plans import rules
from chuan.modules.plans.models import Assignment, UpdateDraft


@transaction.atomic
def keep_update_draft(
    *, actor: Person, assignment: Assignment, typed: Mapping[str, str], at: datetime
) -> UpdateDraft:
    """Keep a person's text as it stands, however unfinished; the one kept before is replaced.

    Nothing is told by it and nobody else reads it, so the ledger has no line of it.

    :raises Denied: the person may not tell progress here.
    """
    rules.post_update.require(actor, assignment, timezone.localdate(at))
    draft, _made = UpdateDraft.objects.update_or_create(
        assignment=assignment, person=actor, defaults={"content": dict(typed), "saved_at": at}
    )
    return draft


@transaction.atomic
def drop_update_draft(*, actor: Person, assignment: Assignment) -> None:
    """Forget what the person typed; also when there is nothing kept."""
    UpdateDraft.objects.filter(assignment=assignment, person=actor).delete()
