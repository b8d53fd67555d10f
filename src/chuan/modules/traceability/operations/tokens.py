"""Page tokens that are good for nothing more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from chuan.modules.traceability import rules
from chuan.modules.traceability.models import AccessKey, ForgottenToken
from chuan.modules.traceability.queries.tokens import digest_of


@transaction.atomic
def forget_token(*, key: AccessKey, token: str, until: datetime) -> None:
    """Let nobody go on with this token. Nothing of it was kept, so the ledger has no line of it.

    :param until: when its signature ends by itself.
    :raises Denied: the key is neither for reading events nor for capturing them.
    """
    if not rules.capture_events.allows(key):
        rules.query_events.require(key)
    ForgottenToken.objects.get_or_create(digest=digest_of(token), defaults={"until": until})


def clear_tokens(*, at: datetime) -> None:
    """Forget those that have ended by themselves."""
    ForgottenToken.objects.filter(until__lt=at).delete()
