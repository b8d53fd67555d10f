from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models, transaction
from django.utils import timezone

from chuan.core.audit.models import Entry


class NotInTransaction(RuntimeError):
    """A ledger line was written outside the transaction of the change it describes."""


def record(
    *,
    action: str,
    actor: AbstractBaseUser | None,
    subject: models.Model,
    by: str = "",
    **details: Any,
) -> Entry:
    """Write one line in the ledger, in the same transaction as the change itself.

    Either both are kept or neither is: a change with no line, or a line with no
    change, would each make the ledger worthless as evidence.

    :param by: the job that acts when there is no actor, for example ``plans.reconcile``.
    :raises NotInTransaction: no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(action)
    return Entry.objects.create(**_line(action, actor, subject, by, details))


def record_many(
    *,
    action: str,
    actor: AbstractBaseUser | None,
    subjects: list[models.Model],
    by: str = "",
    **details: Any,
) -> None:
    """Write one line for each subject of the same action, in one statement."""
    if not transaction.get_connection().in_atomic_block:
        raise NotInTransaction(action)
    Entry.objects.bulk_create(
        [Entry(**_line(action, actor, subject, by, details)) for subject in subjects],
        batch_size=2000,
    )


def _line(
    action: str,
    actor: AbstractBaseUser | None,
    subject: models.Model,
    by: str,
    details: dict[str, Any],
) -> dict[str, Any]:
    return {
        "action": action,
        "actor": actor,
        "actor_name": (str(actor) if actor else by)[:200],
        "subject_model": subject._meta.label,
        "subject_id": str(subject.pk),
        "subject_name": str(subject)[:500],
        "details": details,
        "recorded_at": timezone.now(),
    }
