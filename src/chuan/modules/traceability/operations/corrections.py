"""Taking back what a producer told through forms and had typed wrong.

Nothing is rewritten: each event is declared wrong by another one, as the standard has it, and the row
beside it goes. The right thing is then told anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
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


@dataclass(frozen=True, slots=True)
class _Kind:
    """What is different for what can be taken back.

    `event_count` are the events its own form told of it, `goods` the links of what it is about;
    `refusal` says what others build on it, or nothing.
    """

    action: str
    event_count: int
    teller: Callable[[Any], int]
    goods: Callable[[Any], list[str]]
    refusal: Callable[[Any], str]
    forget: Callable[[Any], object]


@transaction.atomic
def take_back(*, actor: Person, told: Lot | Shipment, reason: str, at: datetime) -> None:
    """A lot or a shipment was told wrongly: its events are declared wrong, and its row goes.

    The number of a lot is free again, that of a shipment is not used again.

    :raises Denied: the actor does not speak for the party that told it.
    :raises ValidationError: some of it is being recalled, others build on it (it was shipped, made into
        something, received), it is in an archive, or no reason is given.
    """
    kind = _KINDS[type(told)]
    party = Party.objects.select_for_update(no_key=True).get(pk=kind.teller(told))
    rules.tell_production.require(actor, party)
    why = _reason(reason)
    row = _still_there(told)
    _not_recalled(kind.goods(row))
    refusal = kind.refusal(row)
    if refusal:
        raise ValidationError(refusal)
    _declare_wrong(party, row.uri, kind.event_count, at)
    record(action=kind.action, actor=actor, subject=party, told=row.uri, reason=why)
    kind.forget(row)


def _goods_in(shipment: Shipment) -> list[str]:
    lots = shipment.lots.select_related("lot__product")
    return [shipment.uri, *(one.lot.uri for one in lots)]


def _shipped(lot: Lot) -> str:
    is_shipped = ShippedLot.objects.filter(lot=lot).exists()
    return _("Lô này đã xuất hàng. Bỏ chuyến hàng ghi nhầm trước.") if is_shipped else ""


def _received(shipment: Shipment) -> str:
    if shipment.received_at is None:
        return ""
    return _("Bên nhận đã ghi nhận chuyến hàng này, không bỏ được nữa.")


def _forget_shipment(shipment: Shipment) -> None:
    shipment.lots.all().delete()
    shipment.delete()


_KINDS: dict[type, _Kind] = {
    # The making of it.
    Lot: _Kind(
        "traceability.lot_taken_back",
        1,
        lambda lot: lot.product.party_id,
        lambda lot: [lot.uri],
        _shipped,
        Lot.delete,
    ),
    # Packing and leaving.
    Shipment: _Kind(
        "traceability.shipment_taken_back",
        2,
        lambda shipment: shipment.sender_id,
        _goods_in,
        _received,
        _forget_shipment,
    ),
}


def _reason(text: str) -> str:
    said = clean(text)
    if not said:
        raise ValidationError({"reason": _("Ghi nhầm điều gì, một câu.")})
    return said


def _still_there(told: Lot | Shipment) -> Lot | Shipment:
    """The row, locked.

    :raises ValidationError: somebody else took it back while this person looked at it.
    """
    rows = type(told)._default_manager.select_for_update(of=("self",))
    row = rows.filter(pk=told.pk).first()
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
