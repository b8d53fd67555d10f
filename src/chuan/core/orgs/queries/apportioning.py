"""Keys for dividing the figures of bodies that went over in parts."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from django.db.models import QuerySet

from chuan.core.orgs.enums import ChangeKind, EventState, Share
from chuan.core.orgs.models import ApportionedShare, ApportionmentKey, ChangeEvent, SuccessionLink


def keys_that_hold() -> dict[int, dict[int, Decimal]]:
    """What part of a body's figures each successor counts for, from 0 to 1, by predecessor and
    successor. Where a body gave parts away in several events nothing can be said: it is left out."""
    shares = ApportionedShare.objects.filter(
        key__confirmed_at__isnull=False,
        key__ended_at=None,
        key__event__state=EventState.COMMITTED,
    ).exclude(key__event__kind=ChangeKind.TRANSFER)
    found: dict[int, dict[int, Decimal]] = defaultdict(dict)
    events: dict[int, set[int]] = defaultdict(set)
    rows = shares.order_by("pk").values_list(
        "key__predecessor", "key__event", "successor", "percent"
    )
    for predecessor, event, successor, percent in rows:
        found[predecessor][successor] = percent / 100
        events[predecessor].add(event)
    return {pk: parts for pk, parts in found.items() if len(events[pk]) == 1}


def keys_of(event: ChangeEvent, predecessor_id: int) -> QuerySet[ApportionmentKey]:
    """Every key stated about what a body gave away in an event, the newest first."""
    return (
        ApportionmentKey.objects.filter(event=event, predecessor=predecessor_id)
        .select_related("stated_by", "confirmed_by", "ended_by", "event")
        .prefetch_related("shares")
        .order_by("-pk")
    )


def split_in(event: ChangeEvent) -> dict[int, list[int]]:
    """Who took a part, by those who went over in parts in an event."""
    found: dict[int, list[int]] = defaultdict(list)
    links = SuccessionLink.objects.filter(event=event, share=Share.PARTIAL).order_by("pk")
    for predecessor, successor in links.values_list("predecessor", "successor"):
        found[predecessor].append(successor)
    return dict(found)
