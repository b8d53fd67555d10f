"""What a producer without a system of its own tells: harvests, packing, shipping, receiving.

Each becomes events like those of everybody else, through the same capture.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.language import shown_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.enums import ErrorBehaviour, Scope
from chuan.modules.traceability.models import (
    AccessKey,
    Lot,
    Party,
    Place,
    Product,
    Shipment,
    ShippedLot,
)
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.operations.keys import digest_of
from chuan.modules.traceability.operations.recalls import search_for_recall
from chuan.modules.traceability.queries.recalled import every_recall_of
from chuan.modules.traceability.queries.registry import left_of

MOST_INPUTS = 50
# Of the letters GS1 allows in a lot number, those that people read out and addresses carry plainly.
_LOT_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
# Telephones say the minute: what is told of one minute happened in the order in which it was told.
_ONE_STEP = timedelta(seconds=2)
_MDA = {"cbvmda": "urn:epcglobal:cbv:mda"}


@dataclass(frozen=True, slots=True)
class NewLot:
    """Goods made together: `quantity` in `uom` (UN/ECE Recommendation 20), pieces when that is ""."""

    product: Product
    number: str
    quantity: Decimal
    uom: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Shipped:
    """Some of a lot on its way."""

    lot: Lot
    quantity: Decimal


@transaction.atomic
def tell_harvest(*, actor: Person, new: NewLot, place: Place, at: datetime) -> Lot:
    """A lot began: it was picked, caught or bought from people who keep no records.

    :raises ValidationError: at the field that is wrong; nothing was stored.
    """
    party = _party_of(actor, new.product, place)
    lot = _begin(new, place, at)
    event = {
        **_event("ObjectEvent", at, "commissioning", place),
        "action": "ADD",
        "disposition": "https://ref.gs1.org/cbv/Disp-active",
        "quantityList": [_some(lot.product, lot.number, lot.quantity, lot.uom)],
        "ilmd": _ilmd(lot),
    }
    capture_told(party, [event])
    record(action="traceability.harvest_told", actor=actor, subject=lot, number=lot.number)
    return lot


@transaction.atomic
def tell_packing(
    *, actor: Person, new: NewLot, inputs: Sequence[Lot], place: Place, at: datetime
) -> Lot:
    """A lot was made from others, none of which was being recalled then.

    :param inputs: lots of the same party, made before.
    :raises ValidationError: at the field that is wrong; nothing was stored.
    """
    party = _party_of(actor, new.product, place)
    if not 0 < len(inputs) <= MOST_INPUTS:
        raise ValidationError({"inputs": _("Chọn từ 1 đến 50 lô nguyên liệu.")})
    for one in inputs:
        if one.product.party_id != party.pk:
            raise ValidationError({"inputs": _("Chỉ chọn lô của đơn vị mình.")})
    _still_there(inputs, "inputs")
    at = _after(inputs, at, "inputs")
    recalls = _not_recalled(inputs, at, "inputs")
    lot = _begin(new, place, at)
    event = {
        **_event("TransformationEvent", at, "commissioning", place),
        "disposition": "https://ref.gs1.org/cbv/Disp-active",
        "inputQuantityList": [{"epcClass": one.uri} for one in inputs],
        "outputQuantityList": [_some(lot.product, lot.number, lot.quantity, lot.uom)],
        "ilmd": _ilmd(lot),
    }
    capture_told(party, [event])
    record(
        action="traceability.packing_told",
        actor=actor,
        subject=lot,
        number=lot.number,
        inputs=[one.pk for one in inputs],
    )
    _look_again(recalls)
    return lot


@transaction.atomic
def tell_shipping(
    *, actor: Person, goods: Sequence[Shipped], receiver: Party, place: Place, at: datetime
) -> str:
    """Goods left for somebody as one shipment; returns its canonical link, to be put on a label.

    A party with a company prefix numbers shipments as GS1 does (SSCC), another gets a unique name.
    What was being recalled then does not leave, nor more of a lot than was made of it.

    :raises ValidationError: at the field that is wrong; nothing was stored.
    """
    party = _party_of(actor, place=place)
    if not goods:
        raise ValidationError({"lot": _("Chọn ít nhất một lô để xuất.")})
    for one in goods:
        if one.lot.product.party_id != party.pk:
            raise ValidationError({"lot": _("Chỉ chọn lô của đơn vị mình.")})
        if one.quantity <= 0:
            raise ValidationError({"quantity": _("Số lượng phải lớn hơn 0.")})
    _still_there([one.lot for one in goods], "lot")
    at = _after([one.lot for one in goods], at, "lot")
    recalls = _not_recalled([one.lot for one in goods], at, "lot")
    _no_more_than_is_left(goods)
    if receiver == party:
        raise ValidationError({"receiver": _("Bên nhận phải là đơn vị khác.")})
    _not_ahead(at)
    shipment = _next_shipment(party)
    packed = {
        **_event("AggregationEvent", at - timedelta(seconds=1), "packing", place),
        "action": "ADD",
        "parentID": shipment,
        "childQuantityList": [
            _some(one.lot.product, one.lot.number, one.quantity, one.lot.uom) for one in goods
        ],
    }
    left = {
        **_event("ObjectEvent", at, "shipping", place),
        "action": "OBSERVE",
        "disposition": "https://ref.gs1.org/cbv/Disp-in_transit",
        "epcList": [shipment],
        "sourceList": [{"type": _side("owning_party"), "source": party.uri}],
        "destinationList": [{"type": _side("owning_party"), "destination": receiver.uri}],
    }
    # Whoever has left a place is no longer there.
    del left["bizLocation"]
    capture_told(party, [packed, left])
    sent = Shipment.objects.create(
        uri=shipment, sender=party, receiver=receiver, sent_from=place, sent_at=at
    )
    ShippedLot.objects.bulk_create(
        ShippedLot(shipment=sent, lot=one.lot, quantity=one.quantity) for one in goods
    )
    record(
        action="traceability.shipping_told",
        actor=actor,
        subject=party,
        shipment=shipment,
        receiver=receiver.pk,
    )
    _look_again(recalls)
    return shipment


@transaction.atomic
def tell_receiving(*, actor: Person, shipment: Shipment, place: Place, at: datetime) -> Shipment:
    """Goods that somebody sent have come.

    :param place: of the party they were sent to.
    :raises ValidationError: at the field that is wrong, or they came already; nothing was stored.
    """
    # First, as whoever sends a workbook of it does.
    party = _party_of(actor, place=place)
    found = (
        Shipment.objects.select_for_update(of=("self",))
        .select_related("sender", "receiver")
        .filter(pk=shipment.pk)
        .first()
    )
    if found is None:
        raise ValidationError({"shipment": _("Bên giao vừa bỏ chuyến hàng này vì ghi nhầm.")})
    shipment = found
    if party.pk != shipment.receiver_id:
        raise ValidationError({"place": _("Địa điểm này không phải của bên nhận.")})
    if shipment.received_at is not None:
        raise ValidationError({"shipment": _("Chuyến hàng này đã ghi nhận rồi.")})
    _not_ahead(at)
    if _minute(at) < _minute(shipment.sent_at):
        raise ValidationError({"day": _("Thời điểm nhận phải sau thời điểm xuất.")})
    at = max(at, shipment.sent_at + _ONE_STEP)
    shipment.received_in, shipment.received_at = place, at
    shipment.save(update_fields=["received_in", "received_at"])
    came = {
        **_event("ObjectEvent", at, "receiving", place),
        "action": "OBSERVE",
        "disposition": "https://ref.gs1.org/cbv/Disp-in_progress",
        "epcList": [shipment.uri],
        "sourceList": [{"type": _side("owning_party"), "source": shipment.sender.uri}],
        "destinationList": [{"type": _side("owning_party"), "destination": party.uri}],
    }
    capture_told(party, [came])
    record(action="traceability.receiving_told", actor=actor, subject=party, shipment=shipment.uri)
    return shipment


def _party_of(actor: Person, product: Product | None = None, place: Place | None = None) -> Party:
    """The party that speaks, locked: two of its people number shipments one after the other.

    :raises ValidationError: the place is somebody else's.
    """
    asked = product.party_id if product is not None else place.party_id if place else 0
    party = Party.objects.select_for_update(no_key=True).get(pk=asked)
    rules.tell_production.require(actor, party)
    if place is not None and place.party_id != party.pk:
        raise ValidationError({"place": _("Địa điểm này không phải của đơn vị có sản phẩm.")})
    return party


def faults_of_lot(number: str, *, expires_on: date | None, made_on: date | None) -> dict[str, str]:
    """What is wrong with how a lot is told, by field, whatever else is known of it."""
    faults = {}
    if not _LOT_NUMBER.fullmatch(number):
        faults["number"] = _("Số lô gồm tối đa 20 chữ cái không dấu, chữ số, dấu chấm, gạch.")
    if expires_on is not None and made_on is not None and expires_on < made_on:
        faults["expires_on"] = _("Hạn dùng phải sau ngày làm ra.")
    return faults


def _begin(new: NewLot, place: Place, at: datetime) -> Lot:
    faults = faults_of_lot(new.number, expires_on=new.expires_on, made_on=timezone.localdate(at))
    if faults:
        raise ValidationError(faults)
    if not new.product.is_confirmed:
        raise ValidationError({"product": _("Mã GTIN này còn chờ cơ quan phụ trách xác nhận.")})
    _not_ahead(at)
    if Lot.objects.filter(product=new.product, number=new.number).exists():
        raise ValidationError({"number": _("Sản phẩm này đã có lô mang số đó.")})
    lot = Lot(
        product=new.product,
        number=new.number,
        made_at=at,
        made_in=place,
        expires_on=new.expires_on,
        quantity=new.quantity,
        uom=new.uom,
    )
    lot.full_clean()
    lot.save()
    return lot


def _not_ahead(at: datetime) -> None:
    # Clocks of telephones differ by minutes.
    if at > timezone.now() + timedelta(minutes=10):
        raise ValidationError({"day": _("Thời điểm này chưa đến.")})


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _still_there(lots: Sequence[Lot], field: str) -> None:
    """:raises ValidationError: at `field`: one was taken back while this was typed. The party is locked,
    so none is from now on."""
    if Lot.objects.filter(pk__in=[one.pk for one in lots]).count() < len({one.pk for one in lots}):
        raise ValidationError({field: _("Một lô đã chọn vừa bị bỏ vì ghi nhầm. Chọn lại lô.")})


def _after(lots: Iterable[Lot], at: datetime, field: str) -> datetime:
    """The moment told, or shortly after the newest of these was made within the same minute.

    :raises ValidationError: at `field`: one was made only afterwards.
    """
    for one in lots:
        if _minute(one.made_at) > at:
            words = _("Lô %(lot)s đến %(made)s mới được làm ra. Sửa ngày giờ của việc này.") % {
                "lot": one.number,
                "made": f"{timezone.localtime(one.made_at):%H:%M, %d/%m/%Y}",
            }
            raise ValidationError({field: words})
        at = max(at, one.made_at + _ONE_STEP)
    return at


def _not_recalled(lots: Iterable[Lot], at: datetime, field: str) -> set[int]:
    """The recalls that concern them by now. What happened before the order is told as it happened.

    :raises ValidationError: at `field`: one was being recalled.
    """
    recalls = every_recall_of([one.uri for one in lots])
    for one in lots:
        for recall in recalls.get(one.uri, ()):
            if recall.issued_at is not None and at >= recall.issued_at:
                words = _(
                    "Lô %(lot)s đang bị thu hồi theo %(basis)s: ngừng bán, để riêng."
                    " Muốn chuyển đi xử lý thì hỏi cơ quan ra quyết định."
                ) % {"lot": one.number, "basis": recall.basis}
                raise ValidationError({field: words})
    return {recall.pk for of_one in recalls.values() for recall in of_one}


def _look_again(recalls: Iterable[int]) -> None:
    """What was made of recalled goods is recalled too, and must not leave until the night finds it."""
    for recall_id in sorted(recalls):
        search_for_recall.after_commit(recall_id=recall_id)


def _no_more_than_is_left(goods: Sequence[Shipped]) -> None:
    wanted: dict[int, Decimal] = {}
    for one in goods:
        wanted[one.lot.pk] = wanted.get(one.lot.pk, Decimal(0)) + one.quantity
        left = left_of(one.lot)
        if wanted[one.lot.pk] > left:
            words = _("Lô %(lot)s làm ra %(made)s, còn %(left)s chưa xuất.") % {
                "lot": one.lot.number,
                "made": shown_number(one.lot.quantity.normalize()),
                "left": shown_number(left.normalize()),
            }
            raise ValidationError({"quantity": words})


def _next_shipment(party: Party) -> str:
    if not party.company_prefix:
        return f"urn:uuid:{uuid.uuid4()}"
    party.shipment_count += 1
    party.save(update_fields=["shipment_count"])
    width = 16 - len(party.company_prefix)
    digits = f"0{party.company_prefix}{party.shipment_count:0{width}}"
    return f"{ROOT}00/{with_check_digit(digits)}"


def _event(kind: str, at: datetime, step: str, place: Place) -> dict[str, Any]:
    local = timezone.localtime(at)
    return {
        "type": kind,
        # Named by what it says, it would stay wrong if it was taken back and told again just so.
        "eventID": f"urn:uuid:{uuid.uuid4()}",
        "eventTime": local.isoformat(timespec="milliseconds"),
        "eventTimeZoneOffset": f"{local:%z}"[:3] + ":" + f"{local:%z}"[3:],
        "bizStep": f"https://ref.gs1.org/cbv/BizStep-{step}",
        "readPoint": {"id": place.uri},
        "bizLocation": {"id": place.uri},
    }


def _some(product: Product, number: str, quantity: Decimal, uom: str) -> dict[str, Any]:
    some: dict[str, Any] = {"epcClass": product.lot_uri(number), "quantity": float(quantity)}
    return {**some, "uom": uom} if uom else some


def _ilmd(lot: Lot) -> dict[str, str]:
    told = {"cbvmda:lotNumber": lot.number}
    if lot.expires_on:
        told["cbvmda:itemExpirationDate"] = lot.expires_on.isoformat()
    return told


def _side(kind: str) -> str:
    return f"https://ref.gs1.org/cbv/SDT-{kind}"


def capture_told(party: Party, events: list[dict[str, Any]]) -> None:
    key, _made = AccessKey.objects.get_or_create(
        name=f"form {party.code}",
        revoked_at=None,
        defaults={
            # Nobody knows its text: it opens nothing to anybody outside.
            "digest": digest_of(secrets.token_urlsafe(32)),
            "scopes": [Scope.CAPTURE.value],
            "party": party,
            "created_at": timezone.now(),
        },
    )
    envelope = {
        "@context": [CONTEXT, _MDA],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": timezone.now().isoformat(),
        "epcisBody": {},
    }
    capture_document(
        key=key,
        document=Document(events, dict(_MDA), envelope),
        behaviour=ErrorBehaviour.ROLLBACK,
    )
