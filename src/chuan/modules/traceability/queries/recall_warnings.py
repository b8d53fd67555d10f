"""Recalls in force, as whoever scans a label must see them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import OuterRef, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.modules.traceability.engine.keys import read
from chuan.modules.traceability.enums import RecallState
from chuan.modules.traceability.models import Product, Recall, RecallItem
from chuan.modules.traceability.queries.recalled import recalls_scanned
from chuan.modules.traceability.queries.recalls import newest_run
from chuan.modules.traceability.queries.warnings import SafetyWarning

_LOT = "/10/"
# Numbers of lots that a warning names; whoever has another one is told that there are more.
MOST_LOTS = 12
# Recalls on the public list, and lots that are looked through for their numbers.
MOST_RECALLS = 200
MOST_LISTED = 5000


def warnings_of(levels: Sequence[str]) -> list[SafetyWarning]:
    """Recalls in force that concern this.

    Whoever typed the number under a barcode named a product and no lot: of this, recalls of some of
    its lots are told too, with the numbers to look for on the label.

    :param levels: canonical links, an item, its lot, its product.
    """
    concerned = recalls_scanned(levels)
    rows = Recall.objects.filter(pk__in=concerned) if concerned else Recall.objects.none()
    return [
        _warning(
            recall,
            () if concerned[recall.pk] else _lots_of(recall, levels[0]),
            is_whole=concerned[recall.pk],
        )
        for recall in rows.order_by("-issued_at", "pk")
    ]


@dataclass(frozen=True, slots=True)
class RecalledProduct:
    """A product of the register with the lots of it that are recalled; none named: look at the page."""

    gtin: str
    name: str
    party: str
    lots: Sequence[str]
    more_lots: int


@dataclass(frozen=True, slots=True)
class RecallInForce:
    """One recall as everybody may read it."""

    warning: SafetyWarning
    products: Sequence[RecalledProduct]


def recalls_in_force() -> list[RecallInForce]:
    """What pages of scanned goods say, of all goods at once: the newest first."""
    recalls = list(
        Recall.objects.filter(state=RecallState.ISSUED).order_by("-issued_at", "pk")[:MOST_RECALLS]
    )
    lots: dict[int, dict[str, set[str]]] = {recall.pk: {} for recall in recalls}
    found = RecallItem.objects.filter(
        recall__in=recalls, last_in=newest_run(OuterRef("recall"))
    ).exclude(product="")
    for recall_id, product in found.values_list("recall", "product").distinct():
        lots[recall_id][product] = set()
    told = found.filter(is_lot=True).order_by("recall", "uri").values_list("recall", "uri")
    links = [(recall.pk, link) for recall in recalls for link in recall.identifiers]
    for recall_id, link in (*told[:MOST_LISTED], *links):
        key = read(link.removesuffix("/*"))
        if key is None or key.ai != "01":
            continue
        product = key.link.split(_LOT)[0].split("/21/")[0]
        numbers = lots[recall_id].setdefault(product, set())
        if key.qualifier_ai == "10":
            numbers.add(key.qualifier)
    registered = _registered({link for of_one in lots.values() for link in of_one})
    return [
        RecallInForce(
            _warning(recall, (), is_whole=True),
            [
                RecalledProduct(
                    known.gtin,
                    known.name,
                    known.party.name,
                    sorted(numbers)[:MOST_LOTS],
                    max(0, len(numbers) - MOST_LOTS),
                )
                for link, numbers in sorted(lots[recall.pk].items())
                if (known := registered.get(link))
            ],
        )
        for recall in recalls
    ]


def _registered(links: Collection[str]) -> dict[str, Product]:
    gtins = {key.gtin for link in links if (key := read(link)) and key.gtin}
    rows = Product.objects.filter(gtin__in=gtins, is_confirmed=True).select_related("party")
    return {product.uri: product for product in rows}


def _lots_of(recall: Recall, product: str) -> list[str]:
    """The numbers of the lots that a recall is about, as labels have them."""
    begin = f"{product}{_LOT}"
    found = recall.items.filter(
        product=product, uri__startswith=begin, last_in=newest_run(Value(recall.pk))
    )
    links = {*found.values_list("uri", flat=True), *recall.identifiers}
    keys = [read(link) for link in links if link.startswith(begin) and not link.endswith("/*")]
    return sorted({key.qualifier for key in keys if key})


def _warning(recall: Recall, lots: Sequence[str], *, is_whole: bool) -> SafetyWarning:
    return SafetyWarning(
        title=recall.title,
        told_on=timezone.localdate(recall.issued_at),
        is_recall=True,
        text=recall.public_text,
        scope="" if is_whole else _scope(lots),
        todo=(
            *(() if is_whole else (_("Xem số lô in trên nhãn."),)),
            _("Ngừng sử dụng, giữ nguyên hàng."),
            _("Mang trả nơi bán hoặc báo cơ quan chức năng."),
        ),
        decision=recall.basis,
        phone=recall.phone,
    )


def _scope(lots: Sequence[str]) -> str:
    if not lots:
        return _("Một phần hàng của sản phẩm này đang bị thu hồi. Hãy quét mã trên từng gói hàng.")
    named = ", ".join(lots[:MOST_LOTS])
    if len(lots) > MOST_LOTS:
        named = _("%(lots)s và %(more)d lô khác") % {
            "lots": named,
            "more": len(lots) - MOST_LOTS,
        }
    return _("Một số lô của sản phẩm này đang bị thu hồi: %s.") % named
