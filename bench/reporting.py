"""Reports of every body, made by the product's own operations, by several processes at once."""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from datetime import date

from django.db import connection, connections, transaction

from bench.data import NOW, Volume
from chuan.flows.annual_report.enums import ReportSection, ReportState
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import entry, periods, review, submission
from chuan.flows.annual_report.queries.days import proposed_days
from chuan.modules.plans import facade as plans

AT_ONCE = min(4, os.cpu_count() or 1)
SHARE = 40


def reports(volume: Volume, *, year: int) -> ReportingPeriod:
    """Every body's report of the year, entered, signed and accepted."""
    period = _open(volume, year)
    rows = list(period.reports.order_by("organisation").values_list("pk", "organisation_id"))
    staff = {
        body.pk: (clerk, head)
        for body, clerk, head in zip(volume.bodies, volume.clerks, volume.heads, strict=True)
    }
    shares = [rows[start : start + SHARE] for start in range(0, len(rows), SHARE)]
    # Children must not share the parent's connection.
    connections.close_all()
    with multiprocessing.get_context("fork").Pool(AT_ONCE) as pool:
        pool.starmap(
            _write,
            [
                ([(pk, *staff[body]) for pk, body in share], volume.coordinator, number)
                for number, share in enumerate(shares)
            ],
            chunksize=1,
        )
    return period


def unanswered(volume: Volume, *, year: int) -> ReportingPeriod:
    """A period nobody has consolidated: a half missing, a quarter in review, a quarter left out."""
    period = _open(volume, year)
    for number, report in enumerate(rows := list(period.reports.order_by("pk"))):
        if number % 4 == 1:
            report.state = ReportState.SUBMITTED
            report.started_by = report.entered_by = volume.clerks[0]
            report.started_at = NOW
            report.submitted_by, report.submitted_at = volume.heads[0], NOW
            report.first_submitted_at = NOW
        elif number % 4 == 3:
            report.state, report.excluded_from = ReportState.EXCLUDED, ReportState.DRAFT
            report.excluded_by, report.excluded_reason = volume.coordinator, "Sáp nhập."
    fields = [
        "state",
        "started_by",
        "started_at",
        "entered_by",
        "submitted_by",
        "submitted_at",
        "first_submitted_at",
        "excluded_from",
        "excluded_by",
        "excluded_reason",
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # The period is long locked; demonstration plans listen to this clock.
        cursor.execute("SET LOCAL chuan.clock = '2020-01-01'")
        UnitReport.objects.bulk_update(rows, fields, batch_size=500)
    return period


def consolidation(volume: Volume, period: ReportingPeriod) -> tuple[Consolidation, float]:
    """The consolidation of the period's reports, and the seconds it took."""
    began = time.perf_counter()
    made = consolidating.consolidate(actor=volume.coordinator, period=period, at=NOW)
    return made, time.perf_counter() - began


def _open(volume: Volume, year: int) -> ReportingPeriod:
    return periods.open_period(
        actor=volume.coordinator,
        plan_id=volume.plan.pk,
        year=year,
        at=NOW,
        days=replace(
            proposed_days(plans.plan(volume.plan.pk), year),
            opens_on=date(year, 10, 1),
            grace_until=date(year, 12, 31),
            locks_on=date(year + 1, 1, 31),
        ),
    )


def _write(share, coordinator, number) -> None:
    """Some of the reports: what each says differs, as it does in life."""
    with connection.cursor() as cursor:
        # Nothing here need outlive a power cut, so that no commit waits for the disk.
        cursor.execute("SET synchronous_commit TO off")
        # Years that are long locked are reported on, which demonstration plans allow.
        cursor.execute("SET chuan.clock = '2020-01-01'")
    for place, (pk, clerk, head) in enumerate(share):
        report = UnitReport.objects.select_related("period", "organisation").get(pk=pk)
        entry.start_report(actor=clerk, report=report, at=NOW)
        said = f"Đã thực hiện theo kế hoạch; đã kiểm tra {number * SHARE + place} cơ sở."
        report.items.update(narrative=said, is_finished=True)
        report.refresh_from_db()
        report.summary = report.next_year = said
        report.difficulties = said
        report.finished_sections = list(ReportSection.values)
        report.entered_by, report.author_ids = clerk, [clerk.pk]
        report.save()
        report = submission.submit_report(
            actor=head, report=report, revision=report.revision, at=NOW
        )
        review.accept_report(actor=coordinator, report=report, revision=report.revision, at=NOW)
