"""Reports that hang on bodies, told to whoever reorganises them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.orgs.queries.dependents import Affected, Found, Sample
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import HAS_ACCEPTED_CONTENT, UNDECIDED, ReportState
from chuan.flows.annual_report.models import ReportItem, UnitReport
from chuan.flows.annual_report.queries.reports import listed, reports_visible_to


def open_reports_hanging_on(affected: Affected, reader: object) -> Found:
    """Reports a body that ends has not brought to an end: still written, mended or in review."""
    return _found(_open_of_the_ended(affected), reader)


def reports_hanging_on(affected: Affected, reader: object) -> Found:
    """All others over days from the reorganisation on, of bodies it ends or changes."""
    hanging = UnitReport.objects.filter(
        organisation__in=affected.existing, period__data_to__gt=affected.on
    ).exclude(pk__in=_open_of_the_ended(affected))
    return _found(hanging, reader)


def _open_of_the_ended(affected: Affected) -> QuerySet[UnitReport]:
    return UnitReport.objects.filter(organisation__in=affected.ended, state__in=UNDECIDED)


def _found(hanging: QuerySet[UnitReport], reader: object) -> Found:
    count = hanging.count()
    if not isinstance(reader, Person) or not rules.see_reports.allows(reader):
        return Found(count)
    rows: QuerySet[Any] = listed(reports_visible_to(reader).filter(pk__in=hanging))
    return Found(count, rows.order_by("period__year", "period", "body_sort", "pk"), _report)


def _report(one: UnitReport) -> Sample:
    return Sample(
        _("%(report)s, %(name)s") % {"report": one.period.title, "name": one.body_name},  # type: ignore[attr-defined]
        ReportState(one.state).label,
        reverse("annual_report:show", args=[one.pk]),
    )


def reports_forbid_reversal(affected: Affected) -> str:
    """A report over days from the reorganisation on, of one of its bodies, has been approved.

    Or somebody has begun one for a body that would never have existed.
    """
    approved = UnitReport.objects.filter(
        organisation__in=affected.all,
        period__data_to__gt=affected.on,
        state__in=HAS_ACCEPTED_CONTENT,
    ).count()
    if approved:
        return _(
            "Đã duyệt %(count)s báo cáo có số liệu sau ngày sắp xếp của các cơ quan trong sự kiện."
        ) % {"count": approved}
    begun = UnitReport.objects.filter(organisation__in=affected.begun)
    started = begun.count() - untouched_reports(affected).count() if affected.begun else 0
    if started:
        return _("Cơ quan do sự kiện này lập đã nhập %(count)s báo cáo.") % {"count": started}
    return ""


def untouched_reports(affected: Affected) -> QuerySet[UnitReport]:
    """Reports the system asked new bodies for and nobody has opened."""
    return UnitReport.objects.filter(
        ~Exists(ReportItem.objects.filter(report=OuterRef("pk"))),
        organisation__in=affected.begun,
        state=ReportState.DRAFT,
        started_by__isnull=True,
    )
