"""Recalls people may see, and what has become of them: counted by place, never item by item."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.enums import Fate, Outcome
from chuan.modules.traceability.models import Recall, RecallItem, RecallNotice, RecallRun
from chuan.modules.traceability.queries.master import parties_called

# Goods that may still be got hold of.
STILL_OUT = Q(outcome__in=[Outcome.OPEN, Outcome.FOUND]) & ~Q(
    fate__in=[Fate.CONSUMED, Fate.PACKED, Fate.DESTROYED, Fate.ENDED]
)


def recalls_visible_to(person: Person) -> QuerySet[Recall]:
    """Those of the bodies somebody works in; oversight sees all."""
    if person.holds(*rules.OVERSIGHT):
        return Recall.objects.all()
    return Recall.objects.filter(organisation__in=person.organisation_ids(*rules.INSPECTION))


def last_run(recall: Recall) -> RecallRun | None:
    return recall.runs.order_by("-number").first()


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of a recall's identifiers came to what."""

    total: int
    still_out: int
    by_outcome: dict[str, int]
    by_fate: dict[str, int]
    products: int
    holders: int


def newest_run(recall: OuterRef | Value) -> Subquery:
    """The last search of a recall: goods it did not find any more are no part of the recall."""
    runs = RecallRun.objects.filter(recall=recall).order_by("-number")
    return Subquery(runs.values("pk")[:1])


def concerned_by(recall: Recall) -> QuerySet[RecallItem]:
    """What the last search found; an event declared wrong takes goods out of a recall."""
    return recall.items.filter(last_in=newest_run(Value(recall.pk)))


def progress_of(recall: Recall) -> Progress:
    """In two statements, however many items there are."""
    items = concerned_by(recall)
    rows = list(items.values("outcome", "fate").annotate(n=Count("pk")))
    told = items.aggregate(
        out=Count("pk", filter=STILL_OUT),
        products=Count("product", distinct=True, filter=~Q(product="")),
        holders=Count("holder_name", distinct=True, filter=~Q(holder_name="")),
    )
    by_outcome: dict[str, int] = dict.fromkeys(Outcome.values, 0)
    by_fate: dict[str, int] = dict.fromkeys(Fate.values, 0)
    for row in rows:
        by_outcome[row["outcome"]] += row["n"]
        by_fate[row["fate"]] += row["n"]
    return Progress(
        total=sum(by_fate.values()),
        still_out=told["out"],
        by_outcome=by_outcome,
        by_fate=by_fate,
        products=told["products"],
        holders=told["holders"],
    )


def places_of(recall: Recall) -> QuerySet[RecallItem, Any]:
    """One row for each holder and place: how many identifiers, how many still to get hold of."""
    return (
        concerned_by(recall)
        .values("holder", "holder_name", "place", "place_name")
        .annotate(
            total=Count("pk"),
            out=Count("pk", filter=STILL_OUT),
            found=Count("pk", filter=Q(outcome=Outcome.FOUND)),
            returned=Count("pk", filter=Q(outcome=Outcome.RETURNED)),
            destroyed=Count("pk", filter=Q(outcome=Outcome.DESTROYED)),
            transit=Count("pk", filter=Q(fate=Fate.IN_TRANSIT)),
            newest=Max("seen_at"),
        )
        .order_by("-out", "-total", "holder_name", "place_name", "place")
    )


def flows_of(recall: Recall) -> QuerySet[RecallItem, Any]:
    """How many of each product are with whom and where."""
    return (
        concerned_by(recall)
        .values("product", "product_name", "holder", "holder_name", "place", "place_name")
        .annotate(total=Count("pk"))
        .order_by("product", "holder", "holder_name", "place")
    )


def items_of(recall: Recall) -> QuerySet[RecallItem]:
    return recall.items.select_related("found_in", "last_in")


def changed_since(run: RecallRun) -> QuerySet[RecallItem]:
    """What this search found for the first time."""
    return RecallItem.objects.filter(found_in=run)


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody to be told: how many identifiers they have, and when they were told last."""

    uri: str
    name: str
    item_count: int
    told_count: int | None
    notice: RecallNotice | None


def holders_of(recall: Recall) -> list[Holder]:
    """Everybody who has goods that may still be got hold of, the one with most first."""
    rows = (
        concerned_by(recall)
        .filter(STILL_OUT)
        .values("holder", "holder_name")
        .annotate(n=Count("pk"))
        .order_by("-n", "holder_name", "holder")
    )
    told = list(recall.notices.order_by("pk"))
    # Whoever was told under a name it had before was told.
    called = {
        uri: party.uri
        for party in parties_called({notice.holder for notice in told})
        for uri in party.uris
    }
    notices: dict[tuple[str, str], RecallNotice] = {}
    for notice in told:
        notices[called.get(notice.holder, notice.holder), notice.holder_name] = notice
    return [
        Holder(
            row["holder"],
            row["holder_name"],
            row["n"],
            notice.told_count if notice else None,
            notice,
        )
        for row in rows
        for notice in [notices.get((called.get(row["holder"], row["holder"]), row["holder_name"]))]
    ]


def in_list(person: Person) -> QuerySet[Recall]:
    """Recalls with what their last search found, for a list."""
    runs = RecallRun.objects.filter(recall=OuterRef("pk")).order_by("-number")
    out = (
        RecallItem.objects.filter(
            STILL_OUT, recall=OuterRef("pk"), last_in=newest_run(OuterRef("recall"))
        )
        .order_by()
        .values("recall")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return recalls_visible_to(person).annotate(
        item_count=Subquery(runs.values("item_count")[:1]),
        new_count=Subquery(runs.values("new_count")[:1]),
        last_run_at=Subquery(runs.values("run_at")[:1]),
        out_count=Coalesce(Subquery(out), 0),
    )
