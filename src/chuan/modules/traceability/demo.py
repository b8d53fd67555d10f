"""A chain of dried mangoes, invented and marked so: what a scanned label opens, and a recall."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from django.core.files.base import ContentFile
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.models import Organisation
from chuan.core.people.models import Person
from chuan.modules.traceability.demo_asking import subscribe_software
from chuan.modules.traceability.demo_recalls import Stage, load_recall, tell_of_cartons
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.models import Lot, Party, Place, ProblemReport, Product, Shipment
from chuan.modules.traceability.operations import links, pictures, production, registry, reports
from chuan.modules.traceability.operations.findings import check_chains
from chuan.modules.traceability.operations.links import NewLink
from chuan.modules.traceability.operations.production import NewLot, Shipped
from chuan.modules.traceability.queries.linking import plan_of
from chuan.modules.traceability.queries.recalled import recalls_of

CONTENT = Path(__file__).parent / "data" / "demo.toml"


@transaction.atomic
def load_chains(
    *,
    keeper: Person,
    leader: Person,
    producer: Person,
    organisation: Organisation,
    say: Callable[[str], None],
) -> None:
    """Once; every step by the operations people use.

    :param keeper: of the department in charge.
    :param leader: of the same department; orders what the keeper looked for.
    :param producer: who tells what the first business does, a member of `organisation`.
    """
    if Party.objects.filter(is_demo=True).exists():
        return
    told = tomllib.loads(CONTENT.read_text("utf-8"))
    parties = {
        one["key"]: registry.add_party(
            actor=keeper,
            facts=_without(one, "key", "own"),
            organisation=organisation if one.get("own") else None,
            is_demo=True,
        )
        for one in told["party"]
    }
    places = {
        one["key"]: registry.add_place(
            actor=keeper,
            party=parties[one["party"]],
            facts=_degrees(_without(one, "key", "party")),
        )
        for one in told["place"]
    }
    products = {one["key"]: _product(keeper, parties, one) for one in told["product"]}
    today = timezone.localdate()
    for one in told["certificate"]:
        registry.add_certificate(
            actor=keeper,
            product=products[one["product"]],
            title=one["title"],
            number=one.get("number", ""),
            issuer=one["issuer"],
            issued_on=today - timedelta(days=one["issued_ago"]),
            valid_until=today + timedelta(days=one["good_for"]),
        )
    lots: dict[str, Lot] = {}
    for step in sorted(told["step"], key=lambda one: (-one["ago"], one["hour"])):
        _tell(step, producer, today, parties, places, products, lots)
    for one in told["links"]:
        _lead(one, producer, parties, products)
    _report(products, lots)
    stage = Stage(parties, places, lots)
    tell_of_cartons(stage, told["cartons"])
    for one in told["recall"]:
        load_recall(stage, one, keeper=keeper, leader=leader)
    subscribe_software(parties["htx"])
    check_chains(until=timezone.now())
    say(
        f"truy xuất nguồn gốc: {len(products)} sản phẩm, {len(lots)} lô hàng,"
        f" {len(told['recall'])} đợt thu hồi minh họa"
    )


def labels_to_scan() -> list[tuple[str, str]]:
    """What is worth scanning, in words, and where that leads on this server: goods, the same recalled,
    and a pallet of them."""
    found = Lot.objects.filter(product__party__is_demo=True, product__picture__isnull=False)
    lots = list(found.select_related("product").order_by("-made_at", "pk"))
    recalled = recalls_of([lot.uri for lot in lots])
    told = [
        (words, lot.uri)
        for words, is_recalled in (("lô hàng | a lot", False), ("đang thu hồi | recalled", True))
        for lot in [one for one in lots if (one.uri in recalled) is is_recalled][:1]
    ]
    pallets = Shipment.objects.filter(lots__lot__in=lots, uri__startswith=f"{ROOT}00/")
    told += [("kiện hàng | a pallet", one.uri) for one in pallets.order_by("-sent_at", "pk")[:1]]
    return [
        (words, reverse("scan:show", args=[unquote(uri.removeprefix(ROOT))])) for words, uri in told
    ]


def _product(keeper: Person, parties: dict[str, Party], one: dict[str, Any]) -> Product:
    picture = None
    if "picture" in one:
        path = CONTENT.parent / one["picture"]
        file = ContentFile(path.read_bytes(), name=path.name)
        picture = pictures.store_picture(actor=keeper, file=file)
    return registry.add_product(
        actor=keeper,
        party=parties[one["party"]],
        gtin=with_check_digit(one["gtin"]),
        facts=_without(one, "key", "party", "gtin", "picture"),
        picture=picture,
    )


def _tell(
    step: dict[str, Any],
    producer: Person,
    today: date,
    parties: dict[str, Party],
    places: dict[str, Place],
    products: dict[str, Product],
    lots: dict[str, Lot],
) -> None:
    at = _moment(today - timedelta(days=step["ago"]), step["hour"])
    place = places[step["place"]]
    if step["what"] == "ship":
        goods = [Shipped(lots[step["lot"]], Decimal(step["quantity"]))]
        production.tell_shipping(
            actor=producer, goods=goods, receiver=parties[step["to"]], place=place, at=at
        )
        return
    good_for = step.get("good_for")
    new = NewLot(
        products[step["product"]],
        step["lot"],
        Decimal(step["quantity"]),
        step.get("uom", ""),
        timezone.localdate(at) + timedelta(days=good_for) if good_for else None,
    )
    if step["what"] == "harvest":
        lots[new.number] = production.tell_harvest(actor=producer, new=new, place=place, at=at)
    else:
        inputs = [lots[number] for number in step["from"]]
        lots[new.number] = production.tell_packing(
            actor=producer, new=new, inputs=inputs, place=place, at=at
        )


def _lead(
    one: dict[str, Any], actor: Person, parties: dict[str, Party], products: dict[str, Product]
) -> None:
    """A file of links, stored or waiting for its sender."""
    party, at = parties[one["party"]], timezone.now()
    said = [
        NewLink(
            products[row["product"]].gtin,
            row["type"],
            row["href"],
            row["title"],
            row.get("language", ""),
        )
        for row in one["rows"]
    ]
    file = links.keep_link_file(actor=actor, party=party, name=one["name"], links=said, at=at)
    if one.get("loaded"):
        shown = plan_of(party, said).counts
        links.load_link_file(actor=actor, file=file, shown=shown, at=at)


def _report(products: dict[str, Product], lots: dict[str, Lot]) -> None:
    """Something for the department to look into."""
    lot = lots["S-2611"]
    reports.report_problem(
        uri=lot.uri,
        kind=ProblemReport.Kind.WRONG,
        text="Trên gói in hạn dùng khác với trang này, chênh nhau đúng một tháng.",
        where_bought="Cửa hàng đặc sản (minh họa)",
        at=timezone.now(),
    )


def _moment(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))


def _degrees(facts: dict[str, Any]) -> dict[str, Any]:
    for name in ("latitude", "longitude"):
        if name in facts:
            facts[name] = Decimal(facts[name])
    return facts


def _without(facts: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name not in names}
