"""Reports that hang on bodies, told to whoever reorganises them."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.orgs.queries.dependents import SAMPLES, Affected, Found, Sample
from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import HAS_ACCEPTED_CONTENT, ReportState
from chuan.flows.annual_report.models import ReportItem, UnitReport
from chuan.flows.annual_report.queries.reports import reports_visible_to


def reports_hanging_on(affected: Affected, reader: object) -> Found:
    """Reports over days from the reorganisation on, of bodies it ends or changes."""
    hanging = UnitReport.objects.filter(
        organisation__in=affected.existing, period__data_to__gt=affected.on
    )
    count = hanging.count()
    if not isinstance(reader, Person) or not rules.see_reports.allows(reader):
        return Found(count)
    rows = reports_visible_to(reader).filter(pk__in=hanging)
    return Found(
        count,
        tuple(
            Sample(
                one.period.title,
                ReportState(one.state).label,
                reverse("annual_report:show", args=[one.pk]),
            )
            for one in rows.order_by("period__year", "pk")[:SAMPLES]
        ),
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
