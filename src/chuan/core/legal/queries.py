from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chuan.core.legal.models import StatutoryParameter


class NoStatutoryValue(LookupError):
    """Nothing in the table says what the law sets on the day asked about."""


@dataclass(frozen=True, slots=True)
class Statute:
    """What the law sets on one day, and where it says so."""

    code: str
    title: str
    value: Any
    source: str
    clause: str
    is_verified: bool

    @property
    def citation(self) -> str:
        return f"{self.clause}, {self.source}" if self.clause else self.source


def statute(code: str, *, on: date) -> Statute:
    """The value of a statutory parameter on a day.

    :raises NoStatutoryValue: no row covers the day; the message names the code and the day.
    """
    row = (
        StatutoryParameter.objects.filter(code=code, valid__contains=on)
        .select_related("source")
        .first()
    )
    if row is None:
        raise NoStatutoryValue(
            f"Chưa có tham số {code} cho ngày {on:%d/%m/%Y}. Bổ sung ở mục Căn cứ pháp lý."
        )
    return Statute(
        code=row.code,
        title=row.title,
        value=row.value,
        source=row.source.notation,
        clause=row.clause,
        is_verified=row.source.is_verified,
    )
