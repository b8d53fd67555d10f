"""Taking hold of a row before changing it, and noticing that somebody else was faster."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone

from chuan.core.people.models import Person
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import StepKind
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportingPeriod,
    ReportStep,
    UnitReport,
)


def day_of(at: datetime) -> date:
    """The day in the province on which an instant falls."""
    return timezone.localdate(at)


def locked_report(report: UnitReport) -> UnitReport:
    # `of` keeps the lock off the period, which everybody reads.
    return (
        UnitReport.objects.select_for_update(of=("self",))
        .select_related("period", "organisation", "submitted_by", "entered_by")
        .get(pk=report.pk)
    )


def locked_period(period: ReportingPeriod) -> ReportingPeriod:
    """Whatever adds reports up, or takes one out, holds the period first, so that two coordinators
    never wait for each other's reports."""
    return ReportingPeriod.objects.select_for_update(no_key=True).get(pk=period.pk)


def locked_consolidation(consolidation: Consolidation) -> Consolidation:
    return (
        Consolidation.objects.select_for_update(of=("self",))
        .select_related("period")
        .get(pk=consolidation.pk)
    )


def require_unchanged(row: models.Model, field: str, seen: int) -> None:
    """:raises Conflict: the row's counter is not the one the page was drawn with."""
    if getattr(row, field) != seen:
        raise rules.Conflict(row)


def note_step(
    report: UnitReport, kind: StepKind, actor: Person | None, at: datetime, **details: Any
) -> None:
    ReportStep.objects.create(report=report, kind=kind, made_by=actor, made_at=at, **details)


def note_steps(
    reports: Iterable[UnitReport],
    kind: StepKind,
    actor: Person | None,
    at: datetime,
    **details: Any,
) -> None:
    ReportStep.objects.bulk_create(
        [
            ReportStep(report=report, kind=kind, made_by=actor, made_at=at, **details)
            for report in reports
        ]
    )
