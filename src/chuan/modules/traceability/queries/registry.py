"""What is known of parties, places and products, and to whom."""

from __future__ import annotations

from decimal import Decimal
from functools import reduce
from operator import or_

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Greatest

from chuan.core.files.models import Upload
from chuan.core.people.models import Person
from chuan.lib.vietnamese import fold
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import (
    Certificate,
    Lot,
    Party,
    Place,
    Product,
    Shipment,
    ShippedLot,
)
from chuan.modules.traceability.rules.registry import MEMBERS

# Between a place and whose it is.
_OF = " – "
_MOST_SUGGESTED = 500
_MOST_MEANT = 100


def parties_visible_to(person: Person) -> QuerySet[Party]:
    """Watchers see every party, others those whose organisation they belong to."""
    if rules.see_everything.allows(person):
        return Party.objects.all()
    return Party.objects.filter(organisation__in=person.organisation_ids(*MEMBERS))


def parties_told_by(person: Person) -> QuerySet[Party]:
    """The parties a person may tell production of, by name."""
    own = Party.objects.filter(organisation__in=person.organisation_ids(*MEMBERS))
    return own.order_by("sort_key", "pk")


def takes_part(person: Person) -> bool:
    """Whether traceability concerns this person at all. Asked once for a page: kept on the person."""
    if rules.see_everything.allows(person):
        return True
    kept: bool | None = person.__dict__.get("_takes_part")
    if kept is None:
        ids = person.organisation_ids(*MEMBERS)
        kept = bool(ids) and Party.objects.filter(organisation__in=ids).exists()
        person.__dict__["_takes_part"] = kept
    return kept


def places_visible_to(person: Person) -> QuerySet[Place]:
    return Place.objects.filter(party__in=parties_visible_to(person)).select_related("party")


def words_of_place(place: Place) -> str:
    """A place with whose it is, as somebody picks it from a list."""
    words = f"{place.name}{_OF}{place.party.name}"
    return f"{words} ({place.local_code})" if place.local_code else words


def words_of_places() -> list[str]:
    """What a field suggests; of very many the first, for all are understood."""
    places = Place.objects.select_related("party").order_by("sort_key", "pk")
    return [words_of_place(one) for one in places[:_MOST_SUGGESTED]]


def places_called(text: str) -> list[Place]:
    """Places somebody means by their name, code of the trade or words of `words_of_place`; tone marks
    do not matter. What fits exactly goes before what only contains it."""
    told = fold(text)
    keys = {told, fold(text.rpartition(_OF)[0])} - {""}
    candidates = Place.objects.select_related("party").order_by("sort_key", "pk")
    found = list(
        candidates.filter(reduce(or_, (Q(search_key__contains=one) for one in keys)))[:_MOST_MEANT]
    )
    exact = [one for one in found if fold(words_of_place(one)) == told]
    named = [one for one in found if told in (fold(one.name), fold(one.local_code))]
    return exact or named or [one for one in found if told in one.search_key]


def products_visible_to(person: Person) -> QuerySet[Product]:
    return Product.objects.filter(party__in=parties_visible_to(person)).select_related("party")


def lots_visible_to(person: Person) -> QuerySet[Lot]:
    return Lot.objects.filter(product__party__in=parties_visible_to(person)).select_related(
        "product", "made_in"
    )


def shipments_of(lot: Lot) -> QuerySet[ShippedLot]:
    """What left of a lot, and for whom; the newest first."""
    parts = ShippedLot.objects.filter(lot=lot).select_related("shipment__receiver")
    return parts.order_by("-shipment__sent_at", "-pk")


def left_of(lot: Lot) -> Decimal:
    """How much of a lot was not shipped yet, in its unit."""
    found = with_what_is_left(Lot.objects.filter(pk=lot.pk)).get()
    left: Decimal = found.left  # type: ignore[attr-defined]
    return left


def shipments_expected(parties: QuerySet[Party]) -> QuerySet[Shipment]:
    """What was sent to these and has not come, the oldest first."""
    return (
        Shipment.objects.filter(receiver__in=parties, received_at=None)
        .select_related("sender", "receiver")
        .prefetch_related("lots__lot__product")
        .order_by("sent_at", "pk")
    )


def papers_of(product: Product, lot: str = "") -> QuerySet[Certificate]:
    """Papers of a product that are shown, and those of one lot of it; the newest first."""
    return (
        Certificate.objects.filter(product=product, withdrawn_at=None, lot__in=["", lot])
        .select_related("file")
        .order_by("-issued_on", "pk")
    )


def every_paper_of(product: Product) -> QuerySet[Certificate]:
    """Papers of a product and of all its lots that are shown; the newest first."""
    return (
        Certificate.objects.filter(product=product, withdrawn_at=None)
        .select_related("file")
        .order_by("-issued_on", "pk")
    )


def may_read_file(person: Person, upload: Upload) -> bool:
    """Pictures and papers of products: whoever sees the product. Strangers read them elsewhere."""
    of_this = Q(picture=upload) | Q(certificates__file=upload)
    return products_visible_to(person).filter(of_this).exists()


def with_what_is_left(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """Lots with `left`: how much of each was not shipped yet, in its unit."""
    gone = ShippedLot.objects.filter(lot=OuterRef("pk")).order_by().values("lot")
    sent = Coalesce(Subquery(gone.annotate(sum=Sum("quantity")).values("sum")), Decimal(0))
    return lots.annotate(left=Greatest(F("quantity") - sent, Decimal(0)))
