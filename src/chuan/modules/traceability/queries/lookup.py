"""Goods by the words people have for them: the number of a lot, the name of a product, its bar code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from chuan.core.ui.search import folded_contains
from chuan.modules.traceability.engine.keys import read
from chuan.modules.traceability.models import Lot, Product
from chuan.modules.traceability.store.rows import fetched

MOST = 20
# Of one product, what machines told of and no form knows.
_LOTS_IN_EVENTS = """
SELECT uri FROM traceability_ident WHERE uri >= %s AND uri < %s ORDER BY id DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Goods:
    """A lot that may be meant; `made_on` is known of lots told through forms."""

    uri: str
    product: str
    lot: str
    made_on: date | None


def goods_like(text: str, *, product_uri: str = "") -> list[Goods]:
    """Lots of which the number or the product's name contains `text`, the newest first; with
    `product_uri` (canonical link of a GTIN) that product's lots, from events too. At most `MOST`."""
    lots = Lot.objects.select_related("product").order_by("-made_at", "-pk")
    products = Product.objects.filter(is_confirmed=True)
    if product_uri:
        key = read(product_uri)
        products = products.filter(gtin=key.gtin if key else "")
        lots = lots.filter(product__in=products)
    else:
        products = products.filter(folded_contains(text, "search_key"))
        lots = lots.filter(product__in=products) | lots.filter(number__icontains=text)
    told = [_told(lot) for lot in lots[:MOST]]
    names = {product.uri: product.name for product in products.order_by("name")[:MOST]}
    seen = {one.uri for one in told}
    for uri, name in names.items():
        if len(told) >= MOST:
            break
        rows = fetched(_LOTS_IN_EVENTS, [f"{uri}/10/", f"{uri}/100", MOST])
        more = [Goods(found, name, _lot_in(found), None) for (found,) in rows if found not in seen]
        told += more[: MOST - len(told)]
    return told


def newest_goods(count: int) -> list[Goods]:
    """The lots told last, for whoever has no number at hand."""
    lots = Lot.objects.select_related("product").order_by("-made_at", "-pk")
    return [_told(lot) for lot in lots[:count]]


def _told(lot: Lot) -> Goods:
    return Goods(lot.uri, lot.product.name, lot.number, timezone.localdate(lot.made_at))


def _lot_in(uri: str) -> str:
    key = read(uri)
    return key.qualifier if key else uri
