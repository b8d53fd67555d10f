"""Where the goods of a recall went, drawn: what it began with, which products, whom they are with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import TypeVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.lib.language import shown_number
from chuan.modules.traceability.engine.picture import MOST_IN_COLUMN, How, Line
from chuan.modules.traceability.models import Recall
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.recalls import flows_of
from chuan.modules.traceability.web.pictures import Drawn, svg
from chuan.modules.traceability.web.recall_tables import items_address

_Key = TypeVar("_Key", bound=Hashable)
_START = "start"


def recall_svg(recall: Recall) -> SafeString | None:
    """None while nothing was found. One query, however many goods there are."""
    flows = list(flows_of(recall))
    if not flows:
        return None
    products: Counter[tuple[str, str]] = Counter()
    places: Counter[tuple[str, str, str, str]] = Counter()
    for flow in flows:
        products[flow["product"], flow["product_name"]] += flow["total"]
        places[_place_of(flow)] += flow["total"]
    kept, more_products = _fullest(products)
    stops, more_places = _fullest(places)
    key_of = {one: f"p{number}" for number, one in enumerate(kept)}
    stop_of = {one: f"s{number}" for number, one in enumerate(stops)}
    lines: Counter[tuple[str, str]] = Counter()
    for flow in flows:
        source = key_of.get((flow["product"], flow["product_name"]), "p-rest")
        lines[source, stop_of.get(_place_of(flow), "s-rest")] += flow["total"]
    columns = [
        [_start(recall)],
        [Drawn(key_of[one], _count(products[one]), (_product(*one),), "") for one in kept]
        + _rest("p-rest", products, more_products, ""),
        [
            Drawn(stop_of[one], _count(places[one]), _stop(one), _address(recall, one))
            for one in stops
        ]
        + _rest("s-rest", places, more_places, "#o-dau"),
    ]
    drawn = [Line(_START, box.key, How.MADE, 1) for box in columns[1]]
    drawn += [Line(*ends, How.MADE, count) for ends, count in sorted(lines.items())]
    return svg(columns, drawn, label=_("Sơ đồ hàng phải thu hồi, từ trái sang phải"))


def _place_of(flow: Mapping[str, str]) -> tuple[str, str, str, str]:
    return flow["place"], flow["place_name"], flow["holder"], flow["holder_name"]


def _fullest(counts: Counter[_Key]) -> tuple[list[_Key], list[_Key]]:
    ranked = sorted(counts, key=lambda one: (-counts[one], str(one)))
    if len(ranked) <= MOST_IN_COLUMN:
        return ranked, []
    return ranked[: MOST_IN_COLUMN - 1], ranked[MOST_IN_COLUMN - 1 :]


def _rest(key: str, counts: Counter[_Key], left: list[_Key], url: str) -> list[Drawn]:
    if not left:
        return []
    words = ngettext("và %(n)s ô khác", "và %(n)s ô khác", len(left))
    total = sum(counts[one] for one in left)
    title = words % {"n": shown_number(len(left))}
    return [Drawn(key, title, (_count(total),), url, is_soft=True)]


def _count(count: int) -> str:
    return ngettext("%(n)s mã hàng", "%(n)s mã hàng", count) % {"n": shown_number(count)}


def _start(recall: Recall) -> Drawn:
    begins = [master.shown(one) for one in recall.identifiers[:3]]
    if len(recall.identifiers) > len(begins):
        begins.append("…")
    if recall.place:
        begins.append(master.names_of([recall.place]).get(recall.place, master.shown(recall.place)))
    return Drawn(_START, _("Bắt đầu từ"), begins, "", is_focus=True)


def _product(uri: str, name: str) -> str:
    return name or (master.shown(uri) if uri else _("Kiện hàng"))


def _stop(one: tuple[str, str, str, str]) -> tuple[str, str]:
    _place, name, _holder, holder = one
    return name or _("Không rõ nơi"), holder


def _address(recall: Recall, one: tuple[str, str, str, str]) -> str:
    place, _name, holder, holder_name = one
    return items_address(recall, holder=holder, name=holder_name, place=place)
