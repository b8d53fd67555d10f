"""How figures of two former districts are divided, as the demonstration tells it."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.auth.base_user import AbstractBaseUser

from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import ApportionmentKey, SuccessionLink
from chuan.core.orgs.operations.apportioning import confirm_key, state_key

BASIS = "Biên bản thống nhất số liệu bàn giao ngày 20/8/2025 (minh họa)"
WHOLE = Decimal(100)


def state_keys(
    *, stated_by: AbstractBaseUser, confirmed_by: AbstractBaseUser, at: datetime
) -> None:
    """Once: a key for the first split district holds, one for the second waits for confirmation."""
    if ApportionmentKey.objects.exists():
        return
    parts: dict[int, list[SuccessionLink]] = {}
    links = SuccessionLink.objects.filter(share=Share.PARTIAL)
    for link in links.select_related("event", "predecessor").order_by("pk"):
        parts.setdefault(link.predecessor_id, []).append(link)
    for number, taken in enumerate(list(parts.values())[:2]):
        each = (WHOLE / len(taken)).quantize(Decimal(1))
        percents = {link.successor_id: each for link in taken}
        percents[taken[0].successor_id] += min(WHOLE - each * len(taken), Decimal(0))
        key = state_key(
            actor=stated_by,
            event=taken[0].event,
            predecessor=taken[0].predecessor,
            percents=percents,
            basis=BASIS,
            at=at - timedelta(days=6 - number),
        )
        if number == 0:
            confirm_key(actor=confirmed_by, key=key, at=at - timedelta(days=4))
