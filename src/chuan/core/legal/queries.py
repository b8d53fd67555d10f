from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.legal.models import LegalSource, SourceRelation, StatutoryParameter
from chuan.core.ui.finding import Found, Hit, found_in
from chuan.core.ui.search import folded_contains
from chuan.lib.vietnamese import format_date


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
    found = statutes([code], on=on)
    if code not in found:
        raise NoStatutoryValue(
            _("Chưa có tham số %(code)s cho ngày %(day)s. Bổ sung ở mục Căn cứ pháp lý.")
            % {"code": code, "day": format_date(on)}
        )
    return found[code]


def statutes(codes: Iterable[str], *, on: date) -> dict[str, Statute]:
    """The values of several parameters on a day, by code, in one query; those unset are left out."""
    rows = StatutoryParameter.objects.filter(
        code__in=list(codes), valid__contains=on
    ).select_related("source")
    return {
        row.code: Statute(
            code=row.code,
            title=row.title,
            value=row.value,
            source=row.source.notation,
            clause=row.clause,
            is_verified=row.source.is_verified,
        )
        for row in rows
    }


def in_force(on: date) -> Q:
    """Sources that apply on a day; one whose beginning is not known counts as begun."""
    return (Q(effective_from__isnull=True) | Q(effective_from__lte=on)) & (
        Q(effective_to__isnull=True) | Q(effective_to__gt=on)
    )


def sources(*, text: str = "") -> QuerySet[LegalSource]:
    """Legal sources with `parameter_count`, newest first; `text` looks in notation, title, issuer."""
    found = LegalSource.objects.annotate(parameter_count=Count("parameters"))
    if text:
        found = found.filter(folded_contains(text, "notation", "title", "issuer"))
    return found.order_by("-issued_on", "notation", "pk")


def parameters_of(source: LegalSource) -> QuerySet[StatutoryParameter]:
    return source.parameters.order_by("code", "valid", "pk")


def relations_of(source: LegalSource) -> QuerySet[SourceRelation]:
    """What the source does to others and what others do to it."""
    return (
        SourceRelation.objects.filter(Q(source=source) | Q(target=source))
        .select_related("source", "target")
        .order_by("kind", "source__notation", "pk")
    )


def history_of(code: str) -> QuerySet[StatutoryParameter]:
    """Every value one parameter has had, newest first."""
    return (
        StatutoryParameter.objects.filter(code=code)
        .select_related("source")
        .order_by("-valid", "pk")
    )


def find_sources(_person: object, text: str, start: int, limit: int) -> Found:
    """Legal sources in the search across everything."""
    rows = sources(text=text)
    return found_in(
        rows,
        start,
        limit,
        lambda row: Hit(
            title=row.title, url=reverse("legal:show", args=[row.pk]), ref=row.notation
        ),
    )
