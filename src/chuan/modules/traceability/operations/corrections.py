"""Taking back what a producer told through forms and had typed wrong.

Nothing is rewritten: each event is declared wrong by another one, as the standard has it, and the row
beside it goes. The right thing is then told anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Lot, Party, Shipment, ShippedLot
from chuan.modules.traceability.operations.production import capture_told
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.recalled import recalls_of
from chuan.modules.traceability.store import reading, tracing

# The making of a lot; packing and leaving of a shipment.
_OF_A_LOT, _OF_A_SHIPMENT = 1, 2
_Row = TypeVar("_Row", bound=Model)


@transaction.atomic
def take_back_lot(*, actor: Person, lot: Lot, reason: str, at: datetime) -> None:
    """A lot was told wrongly: its harvest or packing is declared wrong, its number is free again.

    :raises Denied: the actor does not speak for its party.
    :raises ValidationError: it is being recalled, something was shipped of it or made from it, it is in
        an archive, or no reason is given.
    """
    party = _locked(actor, lot.product.party_id)
    why = _reason(reason)
    found = Lot.objects.select_for_update(of=("self",)).select_related("product").filter(pk=lot.pk)
    lot = _still_there(found)
    _not_recalled([lot.uri])
    if ShippedLot.objects.filter(lot=lot).exists():
        raise ValidationError(_("Lô này đã xuất hàng. Bỏ chuyến hàng ghi nhầm trước."))
    _declare_wrong(party, lot.uri, _OF_A_LOT, at)
    record(
        action="traceability.lot_taken_back",
        actor=actor,
        subject=party,
        lot=lot.number,
        product=lot.product_id,
        reason=why,
    )
    lot.delete()


@transaction.atomic
def take_back_shipment(*, actor: Person, shipment: Shipment, reason: str, at: datetime) -> None:
    """A shipment was told wrongly: nothing left. Its number is not used again.

    :raises Denied: the actor does not speak for its sender.
    :raises ValidationError: some of it is being recalled, it was received, it is in an archive, or no
        reason is given.
    """
    party = _locked(actor, shipment.sender_id)
    why = _reason(reason)
    shipment = _still_there(Shipment.objects.select_for_update(of=("self",)).filter(pk=shipment.pk))
    lots = shipment.lots.select_related("lot__product")
    _not_recalled([shipment.uri, *(one.lot.uri for one in lots)])
    if shipment.received_at is not None:
        raise ValidationError(_("Bên nhận đã ghi nhận chuyến hàng này, không bỏ được nữa."))
    _declare_wrong(party, shipment.uri, _OF_A_SHIPMENT, at)
    record(
        action="traceability.shipment_taken_back",
        actor=actor,
        subject=party,
        shipment=shipment.uri,
        reason=why,
    )
    shipment.lots.all().delete()
    shipment.delete()


def _locked(actor: Person, party_id: int) -> Party:
    party = Party.objects.select_for_update(no_key=True).get(pk=party_id)
    rules.tell_production.require(actor, party)
    return party


def _reason(text: str) -> str:
    said = clean(text)
    if not said:
        raise ValidationError({"reason": _("Ghi nhầm điều gì, một câu.")})
    return said


def _still_there(found: QuerySet[_Row]) -> _Row:
    """:raises ValidationError: somebody else took it back while this person looked at it."""
    row = found.first()
    if row is None:
        raise ValidationError(_("Việc này vừa được bỏ rồi."))
    return row


def _not_recalled(uris: Collection[str]) -> None:
    """:raises ValidationError: one is: where recalled goods are and went must not be made unsaid."""
    recall = next(iter(recalls_of(uris).values()), None)
    if recall is not None:
        raise ValidationError(
            _("Hàng này đang bị thu hồi theo %(basis)s, không bỏ được. Hỏi cơ quan ra quyết định.")
            % {"basis": recall.basis}
        )


def _declare_wrong(party: Party, uri: str, told: int, at: datetime) -> None:
    """:raises ValidationError: more was told of this thing than its own forms told, or what they told is
    in an archive."""
    ident = tracing.idents_of([uri]).get(uri)
    if ident is None:
        return
    chain = tracing.StoredChain()
    events = {one.event for one in chain.appearances([ident], roles=(), most=told + 1, fanout=1)}
    if len(events) > told:
        raise ValidationError(_("Đã có việc khác ghi theo sau: hàng này không bỏ được nữa."))
    if len(events) < told and here_since() is not None:
        raise ValidationError(
            _("Việc này ghi đã lâu, đã đưa vào kho lưu trữ. Muốn bỏ thì hỏi cơ quan phụ trách.")
        )
    if events:
        capture_told(party, [_declaration(kept, at) for kept in reading.kept(events)])


def _declaration(kept: reading.Kept, at: datetime) -> dict[str, Any]:
    told = json.loads(kept.row.body)
    told.pop("recordTime", None)
    declared = {"declarationTime": at.isoformat(), "reason": "incorrect_data"}
    return {**told, "errorDeclaration": declared}
