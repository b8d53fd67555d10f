"""A lot that has to come back: its numbered packages, where the cartons went, and the recall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.utils import timezone

from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.documents import Document
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.engine.model import CONTEXT
from chuan.modules.traceability.enums import ErrorBehaviour, Outcome, Scope
from chuan.modules.traceability.models import AccessKey, Lot, Party, Place, Recall
from chuan.modules.traceability.operations import recalls
from chuan.modules.traceability.operations.capture import capture_document
from chuan.modules.traceability.operations.keys import add_key
from chuan.modules.traceability.queries.recalls import STILL_OUT

_CBV = "https://ref.gs1.org/cbv/"
_MDA = {"cbvmda": "urn:epcglobal:cbv:mda"}
# Where the importer takes its goods: a place that stands in nobody's register here.
_ABROAD: Final = f"{ROOT}414/{with_check_digit('880123400001')}"
# Cartons of the demonstration, far from the numbers that forms give out.
_FIRST_CARTON: Final = 900_000_001
_SOLD: Final = 5
_WHERE_ABROAD: Final[dict[str, Any]] = {
    "epcisMasterData": {
        "vocabularyList": [
            {
                "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                "vocabularyElementList": [
                    {
                        "id": _ABROAD,
                        "attributes": [
                            {
                                "id": "urn:epcglobal:cbv:mda:name",
                                "attribute": "Kho ở cảng Busan (minh họa)",
                            },
                            {"id": "urn:epcglobal:cbv:mda:countryCode", "attribute": "KR"},
                        ],
                    }
                ],
            }
        ]
    }
}


@dataclass(frozen=True, slots=True)
class Stage:
    """Who plays: by their keys in `demo.toml`."""

    parties: dict[str, Party]
    places: dict[str, Place]
    lots: dict[str, Lot]


def tell_of_cartons(stage: Stage, told: dict[str, Any]) -> None:
    """The packages of a lot get numbers and cartons; cartons go out, are opened, and sold from."""
    lot = stage.lots[told["lot"]]
    maker = stage.places["dong-goi"]
    count, size = told["count"], told["packages"]
    packages = [
        f"{lot.product.uri}/21/{lot.number}-{number:03}" for number in range(1, count * size + 1)
    ]
    cartons = [_carton(lot.product.party, number) for number in range(count)]
    inside = {carton: packages[at * size : (at + 1) * size] for at, carton in enumerate(cartons)}
    said = _Teller(told["packed_ago"])
    born = said.happened(0, 8, "commissioning", "active", maker, action="ADD", epcList=packages)
    packed = [
        said.packing(0, 9, "packing", maker, carton, children)
        for carton, children in inside.items()
    ]
    _capture(
        _machine(lot.product.party, "máy in nhãn"),
        {**born, "ilmd": {"cbvmda:lotNumber": lot.number}},
        *packed,
        *_sent(said, stage, told["to"], cartons),
    )
    home, shop = stage.places["kho"], stage.places["quay"]
    bound = [cartons[number - 1] for number in told["to"]["phan-phoi"]]
    opened, on_the_way = inside[bound[0]], bound[1]
    to_shop = _carton(lot.product.party, count)
    half = opened[: len(opened) // 2]
    _capture(
        _machine(stage.parties["phan-phoi"], "phần mềm kho"),
        said.happened(3, 15, "receiving", "in_progress", home, epcList=bound),
        said.packing(6, 8, "unpacking", home, bound[0], opened),
        said.packing(6, 9, "packing", home, to_shop, half),
        said.sent(6, 10, home, stage.parties["cua-hang"].uri, shop.uri, [to_shop]),
        said.sent(40, 16, home, stage.parties["cua-hang"].uri, shop.uri, [on_the_way]),
    )
    _capture(
        _machine(stage.parties["cua-hang"], "máy tính tiền"),
        said.happened(6, 17, "receiving", "in_progress", shop, epcList=[to_shop]),
        said.packing(7, 7, "unpacking", shop, to_shop, half),
        said.happened(7, 8, "stocking", "sellable_accessible", shop, epcList=half),
        said.happened(20, 18, "retail_selling", "retail_sold", shop, epcList=half[:_SOLD]),
    )
    landed = cartons[told["to"]["nhap-khau"][0] - 1]
    _capture(
        _machine(stage.parties["nhap-khau"], "phần mềm nhập khẩu"),
        said.happened(14, 9, "receiving", "in_progress", _ABROAD, epcList=[landed]),
        header=_WHERE_ABROAD,
    )


def _sent(
    said: _Teller, stage: Stage, bound_for: dict[str, list[int]], cartons: Sequence[str]
) -> list[dict[str, Any]]:
    ends = {"phan-phoi": stage.places["kho"].uri, "nhap-khau": _ABROAD}
    return [
        said.sent(
            2,
            10,
            stage.places["dong-goi"],
            stage.parties[party].uri,
            ends[party],
            [cartons[number - 1] for number in numbers],
        )
        for party, numbers in bound_for.items()
    ]


def _carton(party: Party, number: int) -> str:
    return f"{ROOT}00/{with_check_digit(f'0{party.company_prefix}{_FIRST_CARTON + number}')}"


@dataclass(frozen=True, slots=True)
class _Teller:
    """Events so many days after the first of them."""

    ago: int

    def happened(
        self, days: int, hour: int, step: str, disposition: str, place: Place | str, **more: Any
    ) -> dict[str, Any]:
        where = {"id": place if isinstance(place, str) else place.uri}
        return {
            "type": "ObjectEvent",
            **self._when_and_why(days, hour, step),
            "action": "OBSERVE",
            "disposition": f"{_CBV}Disp-{disposition}",
            "readPoint": where,
            "bizLocation": where,
            **more,
        }

    def packing(
        self, days: int, hour: int, step: str, place: Place, parent: str, children: list[str]
    ) -> dict[str, Any]:
        return {
            "type": "AggregationEvent",
            **self._when_and_why(days, hour, step),
            "action": "ADD" if step == "packing" else "DELETE",
            "disposition": f"{_CBV}Disp-in_progress",
            "readPoint": {"id": place.uri},
            "bizLocation": {"id": place.uri},
            "parentID": parent,
            "childEPCs": children,
        }

    def sent(
        self, days: int, hour: int, place: Place, party: str, end: str, cartons: list[str]
    ) -> dict[str, Any]:
        return {
            "type": "ObjectEvent",
            **self._when_and_why(days, hour, "shipping"),
            "action": "OBSERVE",
            "disposition": f"{_CBV}Disp-in_transit",
            "readPoint": {"id": place.uri},
            "epcList": cartons,
            "sourceList": [{"type": f"{_CBV}SDT-owning_party", "source": place.party.uri}],
            "destinationList": [
                {"type": f"{_CBV}SDT-owning_party", "destination": party},
                {"type": f"{_CBV}SDT-location", "destination": end},
            ],
        }

    def _when_and_why(self, days: int, hour: int, step: str) -> dict[str, str]:
        day = timezone.localdate() - timedelta(days=self.ago - days)
        at = timezone.make_aware(datetime.combine(day, time(hour)))
        return {
            "eventTime": at.isoformat(timespec="milliseconds"),
            "eventTimeZoneOffset": "+07:00",
            "bizStep": f"{_CBV}BizStep-{step}",
        }


def _machine(party: Party, what: str) -> AccessKey:
    """Nobody is told the text of these keys: they open nothing."""
    key, _text = add_key(
        name=f"{what}, {party.name}"[:100], scopes=[Scope.CAPTURE], by="demo", party=party
    )
    return key


def _capture(key: AccessKey, *events: dict[str, Any], header: Mapping[str, Any] = {}) -> None:
    envelope = {
        "@context": [CONTEXT, _MDA],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": timezone.now().isoformat(),
        "epcisHeader": dict(header),
        "epcisBody": {},
    }
    capture_document(
        key=key,
        document=Document(list(events), dict(_MDA), envelope),
        behaviour=ErrorBehaviour.ROLLBACK,
    )


def load_recall(stage: Stage, told: dict[str, Any], *, keeper: Person, leader: Person) -> Recall:
    """Looked for; where a decision is told, ordered, and partly in."""
    recall = recalls.open_recall(
        actor=keeper,
        organisation_id=min(keeper.organisation_ids(*rules.INSPECTION)),
        title=told["title"],
        reason=told["reason"],
        advice=told.get("advice", ""),
        identifiers=[stage.lots[number].uri for number in told["lots"]],
        at=_ago(told["opened_ago"], 9),
    )
    if "basis" not in told:
        return recall
    recall = recalls.issue_recall(
        actor=leader,
        recall=recall,
        basis=told["basis"],
        advice=told["advice"],
        public_text=told["public_text"],
        phone=told["phone"],
        version=recall.version,
        at=_ago(told["issued_ago"], 14),
    )
    recalls.notify_holders(
        actor=keeper, recall=recall, wanted=None, at=_ago(told["issued_ago"], 15)
    )
    for one in told["outcome"]:
        place = stage.places[one["at"]]
        recalls.record_outcome(
            actor=keeper,
            recall=recall,
            items=recall.items.filter(STILL_OUT, place=place.uri, fate="held"),
            outcome=Outcome(one["outcome"]),
            happened_on=timezone.localdate() - timedelta(days=one["ago"]),
            note=one["note"],
            where=f"{place.name}, {place.party.name}",
            at=_ago(one["ago"], 16),
        )
    return recall


def _ago(days: int, hour: int) -> datetime:
    day = timezone.localdate() - timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour)))
