"""Taking over a filled workbook of production: all of it, or nothing and everything that is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.core.workbooks.marking import mark
from chuan.core.workbooks.opening import BookRefused
from chuan.core.workbooks.reading import Fault, Reading, Written, read
from chuan.modules.traceability import rules
from chuan.modules.traceability.enums import PIECES
from chuan.modules.traceability.models import (
    FaultyWorkbook,
    Lot,
    Party,
    Place,
    Product,
    Shipment,
    ShippedLot,
)
from chuan.modules.traceability.operations.production import (
    NewLot,
    Shipped,
    faults_of_lot,
    tell_harvest,
    tell_packing,
    tell_receiving,
    tell_shipping,
)
from chuan.modules.traceability.queries.workbook import (
    HARVEST,
    PACKING,
    RECEIVING,
    SHIPPING,
    workbook_of,
)

# When something happened on a day without an hour: in the order in which it does.
_HOURS: Final[Mapping[str, time]] = {
    HARVEST: time(7),
    PACKING: time(12),
    SHIPPING: time(16),
    RECEIVING: time(17),
}
_HOUR = re.compile(r"(\d{1,2})(?:[:hg.](\d{2})?(?::\d{2})?)?")
_OPTIONAL: Final = frozenset({"hour", "expires_on", "uom"})


@dataclass(frozen=True, slots=True)
class Taken:
    """How many lines became events, or everything that is wrong."""

    count: int
    faults: Sequence[Fault]


class _Undo(Exception):
    """Something is wrong: nothing of it stays."""


@transaction.atomic
def take_over_workbook(
    *, actor: Person, party: Party, name: str, content: bytes, at: datetime
) -> Taken:
    """Tell everything a workbook says, as the forms do one by one; with faults nothing is stored
    but the file with comments, for its sender.

    :raises Denied: the actor does not speak for this party.
    :raises BookRefused: the file as a whole cannot be used.
    """
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    rules.tell_production.require(actor, party)
    reading = read(name, content, workbook_of(party))
    told = _Told(actor, party, reading)
    try:
        with transaction.atomic():
            told.tell()
            if told.faults:
                raise _Undo
    except _Undo:
        FaultyWorkbook.objects.update_or_create(
            party=party,
            sent_by=actor,
            defaults={
                "sent_at": at,
                "name": name[:255],
                "content": mark(content, told.faults, name=name),
            },
        )
        record(
            action="traceability.workbook_returned",
            actor=actor,
            subject=party,
            faults=len(told.faults),
        )
        return Taken(0, told.faults)
    if not told.count:
        raise BookRefused(_("Tệp chưa có dòng nào được điền. Điền ít nhất một dòng rồi gửi lại."))
    FaultyWorkbook.objects.filter(party=party, sent_by=actor).delete()
    record(action="traceability.workbook_taken_over", actor=actor, subject=party, lines=told.count)
    return Taken(told.count, ())


@dataclass(slots=True)
class _Line:
    """One filled row, by the keys of its columns."""

    table: str
    cells: dict[str, Written] = field(default_factory=dict)
    at: datetime | None = None

    def value(self, key: str) -> Any:
        return self.cells[key].value

    def chosen(self, key: str) -> int:
        return int(self.cells[key].value)


class _Told:
    """The rows of a workbook, told one after the other; each is undone alone when it is wrong."""

    def __init__(self, actor: Person, party: Party, reading: Reading) -> None:
        self.actor, self.party = actor, party
        self.faults: list[Fault] = list(reading.faults)
        self.broken = {(fault.place.sheet, fault.place.row) for fault in reading.faults}
        # Lots of rows that are wrong already: who uses them is not told off a second time.
        self.spoiled: set[str] = set()
        self.count = 0
        sheets = dict.fromkeys(cell.place.sheet for cell in reading.cells)
        self.sheets = {title: number for number, title in enumerate(sheets)}
        self.lines = self._filled(reading)
        self.numbers = {str(line.value("number")) for line in self.lines if "number" in line.cells}

    def _filled(self, reading: Reading) -> list[_Line]:
        rows: dict[tuple[str, str], _Line] = {}
        for cell in reading.cells:
            line = rows.setdefault((cell.table.key, cell.row.id), _Line(cell.table.key))
            line.cells[cell.column.key] = cell
        return [
            line
            for line in rows.values()
            if any(cell.value not in ("", None) for cell in line.cells.values())
        ]

    def tell(self) -> None:
        acts: dict[str, Callable[[_Line], None]] = {
            HARVEST: self._harvest,
            PACKING: self._packing,
            SHIPPING: self._shipping,
            RECEIVING: self._receiving,
        }
        whole = [line for line in self.lines if self._is_whole(line)]
        for table, act in acts.items():
            mine = [line for line in whole if line.table == table]
            for line in sorted(mine, key=lambda one: str(one.at)):
                self._tell(act, line)
        self.faults.sort(key=self._where)

    def _where(self, fault: Fault) -> tuple[int, int, int, str]:
        """Sheets stand in the order of the form, cells in that of reading."""
        place = fault.place
        return (self.sheets.get(place.sheet, 0), place.row, len(place.column), place.column)

    def _tell(self, act: Callable[[_Line], None], line: _Line) -> None:
        try:
            with transaction.atomic():
                act(line)
            self.count += 1
        except ValidationError as error:
            self._spoil(line)
            told = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
            for name, messages in told.items():
                cell = line.cells.get(name) or next(iter(line.cells.values()))
                self._fault(cell, " ".join(messages), is_of_cell=False)

    def _is_whole(self, line: _Line) -> bool:
        """Whether nothing is missing or wrong in a row by itself; all that is, is noted."""
        first = next(iter(line.cells.values()))
        is_broken = (first.place.sheet, first.place.row) in self.broken
        missing = [
            cell
            for key, cell in line.cells.items()
            if key not in _OPTIONAL and cell.value in ("", None)
        ]
        for cell in missing:
            self._fault(cell, _("Dòng này đã ghi dở: điền nốt ô này, hoặc xóa cả dòng."))
        hour = self._hour(line)
        is_wrong = self._has_faults(line)
        if is_broken or missing or hour is None or is_wrong:
            self._spoil(line)
            return False
        day: date = line.value("day")
        line.at = timezone.make_aware(datetime.combine(day, hour))
        return True

    def _hour(self, line: _Line) -> time | None:
        if "hour" not in line.cells:
            return None
        text = str(line.value("hour")).strip().lower()
        if not text:
            return _HOURS[line.table]
        found = _HOUR.fullmatch(text)
        if found and int(found[1]) < 24 and int(found[2] or 0) < 60:
            return time(int(found[1]), int(found[2] or 0))
        self._fault(line.cells["hour"], _("Ghi giờ và phút, ví dụ 7:30, hoặc để trống."))
        return None

    def _has_faults(self, line: _Line) -> bool:
        """What each cell says wrongly whatever stands beside it; also in a row that is wrong already,
        so that one sending tells everything."""
        told = {key: one.value for key, one in line.cells.items() if one.value not in ("", None)}
        faults: dict[str, str] = {}
        if "number" in told:
            faults = faults_of_lot(
                told["number"], expires_on=told.get("expires_on"), made_on=told.get("day")
            )
        for key, numbers in (
            ("inputs", _numbers_in(told.get("inputs", ""))),
            ("lot", [told["lot"]] if "lot" in told else []),
        ):
            unknown = [text for number in numbers if (text := self._unknown(number))]
            if unknown:
                faults[key] = " ".join(unknown)
        for key, text in faults.items():
            self._fault(line.cells[key], text, is_of_cell=False)
        return bool(faults)

    def _unknown(self, number: str) -> str:
        """Why no lot can be meant by this; "" for one that is known, or told in this file."""
        if _is_of(self.numbers, number):
            return ""
        try:
            self._lot(number, "")
        except ValidationError as error:
            return " ".join(error.messages)
        return ""

    def _spoil(self, line: _Line) -> None:
        if "number" in line.cells:
            self.spoiled.add(str(line.cells["number"].value))

    def _fault(self, cell: Written, advice: str, *, is_of_cell: bool = True) -> None:
        """:param is_of_cell: what may stand in such a cell says how to mend it."""
        kind = cell.column.kind
        expected = kind.hint if is_of_cell else ""
        fault = Fault(cell.place, cell.column.title, kind.shown(cell.value), expected, advice)
        self.faults.append(fault)

    # ------------------------------------------------------------ what a row says
    def _new(self, line: _Line) -> NewLot:
        uom = line.value("uom")
        return NewLot(
            Product.objects.get(pk=line.chosen("product"), party=self.party),
            line.value("number"),
            line.value("quantity"),
            "" if uom == PIECES else uom,
            line.value("expires_on") if "expires_on" in line.cells else None,
        )

    def _place(self, line: _Line) -> Place:
        return Place.objects.get(pk=line.chosen("place"), party=self.party)

    def _harvest(self, line: _Line) -> None:
        tell_harvest(actor=self.actor, new=self._new(line), place=self._place(line), at=_at(line))

    def _packing(self, line: _Line) -> None:
        numbers = _numbers_in(line.value("inputs"))
        if any(_is_of(self.spoiled, one) for one in numbers):
            self._spoil(line)
            return
        inputs = [self._lot(number, "inputs") for number in numbers]
        tell_packing(
            actor=self.actor,
            new=self._new(line),
            inputs=inputs,
            place=self._place(line),
            at=_at(line),
        )

    def _shipping(self, line: _Line) -> None:
        number = line.value("lot")
        if _is_of(self.spoiled, number):
            return
        lot, quantity = self._lot(number, "lot"), line.value("quantity")
        receiver, place = Party.objects.get(pk=line.chosen("receiver")), self._place(line)
        self._require_new(lot, quantity, receiver, place, _at(line))
        tell_shipping(
            actor=self.actor,
            goods=[Shipped(lot, quantity)],
            receiver=receiver,
            place=place,
            at=_at(line),
        )

    def _require_new(
        self, lot: Lot, quantity: Decimal, receiver: Party, place: Place, at: datetime
    ) -> None:
        """:raises ValidationError: the very same was told before, as by a file sent twice. Lots are
        kept apart by their numbers, shipments by nothing else."""
        same = ShippedLot.objects.filter(
            lot=lot,
            quantity=quantity,
            shipment__sender=self.party,
            shipment__receiver=receiver,
            shipment__sent_from=place,
            shipment__sent_at=at,
        )
        if same.exists():
            raise ValidationError(
                {
                    "lot": _(
                        "Chuyến hàng này đã được ghi. Xóa dòng này; nếu là chuyến khác thì ghi giờ khác."
                    )
                }
            )

    def _receiving(self, line: _Line) -> None:
        shipment = Shipment.objects.get(
            pk=int(next(iter(line.cells.values())).row.id), receiver=self.party
        )
        tell_receiving(actor=self.actor, shipment=shipment, place=self._place(line), at=_at(line))

    def _lot(self, text: str, column: str) -> Lot:
        """By its number; where two products have it, by GTIN and number."""
        gtin, slash, number = text.rpartition("/")
        found = Lot.objects.filter(product__party=self.party, number=number)
        if slash:
            found = found.filter(product__gtin=gtin)
        lots = list(found.select_related("product")[:2])
        if len(lots) == 1:
            return lots[0]
        words = (
            _("Nhiều sản phẩm có lô “%(lot)s”: ghi GTIN/số lô.")
            if lots
            else _("Không có lô “%(lot)s” trong tệp này hay trên hệ thống.")
        )
        raise ValidationError({column: words % {"lot": text}})


def _numbers_in(text: str) -> list[str]:
    numbers = [one.strip() for one in re.split(r"[,;\n]", text)]
    return [one for one in numbers if one]


def _is_of(spoiled: set[str], lot: str) -> bool:
    """:param lot: a number, or GTIN and number."""
    return lot.rpartition("/")[2] in spoiled


def _at(line: _Line) -> datetime:
    assert line.at is not None  # noqa: S101 - rows without a moment are left out before
    return line.at
