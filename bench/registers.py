"""Rows of the registers beside the plan: who looked as another person, keys of split bodies, goods,
what citizens told, recalls. They grow with the bodies."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from bench.data import ALWAYS, BATCH, NOW, Volume
from chuan.core.access.models import Viewing
from chuan.core.orgs.enums import Share
from chuan.core.orgs.models import (
    ApportionedShare,
    ApportionmentKey,
    ChangeEvent,
    Organisation,
)
from chuan.core.orgs.testing import ChangeEventFactory, SuccessionLinkFactory
from chuan.lib.vietnamese import sort_key
from chuan.modules.traceability.models import Party, Place, ProblemReport, Product, Recall

PLACES_EACH, PRODUCTS_EACH = 2, 3
BODIES_TO_A_RECALL = 8
PARTS, KEYS = 6, 12


@transaction.atomic
def fill(volume: Volume) -> tuple[ChangeEvent, Organisation]:
    """Returns a split and the body that was split, with `KEYS` keys."""
    _viewings(volume)
    _goods(volume)
    _recalls(volume)
    return _split(volume)


def _viewings(volume: Volume) -> None:
    Viewing.objects.bulk_create(
        [
            Viewing(
                person=clerk,
                asked_by=volume.coordinator,
                asked_at=NOW - timedelta(minutes=n),
                reason="Hỏi vì sao không thấy nút gửi",
                answered_by=clerk,
                answered_at=NOW - timedelta(minutes=n),
            )
            for n, clerk in enumerate(volume.clerks)
        ],
        batch_size=BATCH,
    )


def _goods(volume: Volume) -> None:
    names = [f"Cơ sở thử {n}" for n in range(len(volume.bodies))]
    parties = Party.objects.bulk_create(
        [
            Party(name=name, address="Thử nghiệm", is_demo=True, sort_key=sort_key(name))
            for name in names
        ],
        batch_size=BATCH,
    )
    Place.objects.bulk_create(
        [
            Place(
                party=party,
                kind=Place.Kind.FARM,
                name=f"Vùng trồng {number} của {party.name}",
                address="Thử nghiệm",
                sort_key=party.sort_key,
            )
            for party in parties
            for number in range(PLACES_EACH)
        ],
        batch_size=BATCH,
    )
    products = Product.objects.bulk_create(
        [
            Product(
                gtin=f"{8_930_000_000_000 + 10 * (PRODUCTS_EACH * n + number):014d}",
                party=party,
                name=f"Sản phẩm {number} của {party.name}",
                category="Nông sản",
                origin="Thử nghiệm",
                target_market="Việt Nam",
                sort_key=party.sort_key,
            )
            for n, party in enumerate(parties)
            for number in range(PRODUCTS_EACH)
        ],
        batch_size=BATCH,
    )
    ProblemReport.objects.bulk_create(
        [
            ProblemReport(
                uri=product.uri,
                kind=ProblemReport.Kind.WRONG,
                text="Hạn dùng trên gói khác với trang này.",
                sent_at=NOW - timedelta(minutes=n),
            )
            for n, product in enumerate(products)
        ],
        batch_size=BATCH,
    )


def _recalls(volume: Volume) -> None:
    Recall.objects.bulk_create(
        [
            Recall(
                organisation=volume.department,
                title=f"Đợt thu hồi thử {n}",
                reason="Kết quả thử nghiệm không đạt",
                identifiers=[f"https://id.gs1.org/01/{8_930_000_000_000 + 10 * n:014d}"],
                opened_by=volume.coordinator,
                opened_at=NOW - timedelta(hours=n),
            )
            for n in range(len(volume.bodies) // BODIES_TO_A_RECALL)
        ],
        batch_size=BATCH,
    )


def _split(volume: Volume) -> tuple[ChangeEvent, Organisation]:
    body, *heirs = volume.bodies[: PARTS + 1]
    event = ChangeEventFactory(effective_on=ALWAYS.lower + timedelta(days=366))
    for heir in heirs:
        SuccessionLinkFactory(event=event, predecessor=body, successor=heir, share=Share.PARTIAL)
    for number in range(KEYS):
        ended = number + 1 < KEYS
        key = ApportionmentKey.objects.create(
            event=event,
            predecessor=body,
            basis=f"Biên bản thống nhất lần {number + 1}",
            stated_by=volume.coordinator,
            stated_at=NOW,
            ended_by=volume.leader if ended else None,
            ended_at=NOW if ended else None,
        )
        ApportionedShare.objects.bulk_create(
            ApportionedShare(key=key, successor=heir, percent=100 // PARTS) for heir in heirs
        )
    return event, body
