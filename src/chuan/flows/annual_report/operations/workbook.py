"""A report written offline: its workbook comes back, is looked at, and taken over as a whole."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.core.workbooks import reading as workbooks
from chuan.core.workbooks.reading import Change
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.models import FilledWorkbook, ReportFigure, UnitReport
from chuan.flows.annual_report.operations import entry
from chuan.flows.annual_report.operations.locks import day_of, locked_report, require_unchanged
from chuan.flows.annual_report.queries import workbook as queries
from chuan.flows.annual_report.queries.entry import SECTION_FIELDS, needed_sections
from chuan.lib.rules import Denied

# Days a workbook waits for its sender.
KEPT_FOR = timedelta(days=14)


class NotTakenOver(Denied):
    """Nothing was written; `faults` says everything that has to be mended in the file."""

    def __init__(self, faults: list[workbooks.Fault]) -> None:
        text = ngettext(
            "Tệp còn %(count)s chỗ cần sửa nên chưa ghi gì vào báo cáo.",
            "Tệp còn %(count)s chỗ cần sửa nên chưa ghi gì vào báo cáo.",
            len(faults),
        )
        super().__init__(text % {"count": len(faults)})
        self.faults = faults


class Undecided(Denied):
    """Cells were changed in the file and on the pages, and nobody chose; `keys` names them."""

    def __init__(self, keys: list[str]) -> None:
        super().__init__(_("Chọn bản giữ lại ở mọi ô đã đổi cả hai nơi."))
        self.keys = keys


@transaction.atomic
def send_back_workbook(
    *, actor: Person, report: UnitReport, name: str, content: bytes, at: datetime
) -> FilledWorkbook:
    """Keep a filled workbook for its sender to look at; it changes nothing in the report yet.

    :raises BookRefused: not this report's workbook, or one that cannot be read.
    :raises Denied: not a clerk of the body, or the report is not being written.
    """
    report = locked_report(report)
    rules.fill_in_workbook.require(actor, report, on=day_of(at))
    workbooks.read(name, content, queries.workbook_of(report))
    filled, _is_new = FilledWorkbook.objects.update_or_create(
        report=report,
        sent_by=actor,
        defaults={
            "name": name,
            "content": content,
            "sha256": hashlib.sha256(content).hexdigest(),
            "sent_at": at,
        },
    )
    record(
        action="annual_report.workbook_sent_back",
        actor=actor,
        subject=report,
        sha256=filled.sha256,
        size=len(content),
    )
    return filled


@transaction.atomic
def take_over_workbook(
    *,
    actor: Person,
    filled: FilledWorkbook,
    revision: int,
    chosen: Mapping[str, str],
    at: datetime,
) -> int:
    """Write what the workbook says into the report, all of it or nothing; return how many cells.

    `revision` is that of the report its changes were shown against; `chosen` says for every cell both
    sides changed which one stays (`queries.workbook.FROM_FILE`, `STORED`).

    :raises Conflict: the report was changed since.
    :raises NotTakenOver: something in the file is wrong.
    :raises Undecided: a cell both sides changed was not chosen.
    :raises BookRefused: the form is another one by now.
    :raises Denied: somebody else sent it, not a clerk of the body, or the report is not being written.
    """
    report = locked_report(filled.report)
    filled = FilledWorkbook.objects.select_for_update().get(pk=filled.pk)
    filled.report = report
    rules.use_workbook.require(actor, filled, on=day_of(at))
    require_unchanged(report, "revision", revision)
    intake = queries.look_at(report, filled, chosen)
    known = {queries.FROM_FILE, queries.STORED}
    open_keys = [one.key for one in intake.conflicts if chosen.get(one.key) not in known]
    if open_keys:
        raise Undecided(open_keys)
    if intake.faults:
        raise NotTakenOver(intake.faults)
    taken = intake.taken(chosen)
    _Writing(actor, report, taken, at).write()
    _drop(filled)
    record(
        action="annual_report.workbook_taken_over",
        actor=actor,
        subject=report,
        sha256=filled.sha256,
        cells=[change.key for change in taken],
    )
    return len(taken)


@transaction.atomic
def drop_workbook(*, actor: Person, filled: FilledWorkbook, at: datetime) -> None:
    """Send a workbook away without taking anything from it.

    :raises Denied: somebody else sent it, or the report is not being written.
    """
    report = locked_report(filled.report)
    filled.report = report
    rules.use_workbook.require(actor, filled, on=day_of(at))
    _drop(filled)
    record(
        action="annual_report.workbook_dropped", actor=actor, subject=report, sha256=filled.sha256
    )


def sweep_workbooks(*, at: datetime) -> int:
    """Remove workbooks nobody came back to; return how many."""
    removed, _by_table = FilledWorkbook.objects.filter(sent_at__lt=at - KEPT_FOR).delete()
    return removed


def _drop(filled: FilledWorkbook) -> None:
    FilledWorkbook.objects.filter(pk=filled.pk).delete()


class _Writing:
    """The same operations as the pages use, row by row, inside one transaction."""

    def __init__(
        self, actor: Person, report: UnitReport, taken: list[Change], at: datetime
    ) -> None:
        self.actor, self.report, self.taken, self.at = actor, report, taken, at

    def write(self) -> None:
        self._items()
        self._figures()
        self._sections()

    def _items(self) -> None:
        changed = queries.by_row(self.taken, queries.ITEMS)
        for item in self.report.items.filter(pk__in=map(int, changed)).order_by("pk"):
            row: dict[str, Any] = {
                "narrative": item.narrative,
                "outlook": item.outlook,
                "achievement": item.achievement,
                "percent": item.percent,
                "is_finished": item.is_finished,
                **changed[str(item.pk)],
            }
            if row["percent"] is not None:
                row["percent"] = int(row["percent"])
            entry.save_item(
                actor=self.actor, item=item, version=item.version, at=self.at, replies=None, **row
            )

    def _figures(self) -> None:
        changed = queries.by_row(self.taken, queries.FIGURES)
        if not changed:
            return
        table = next(
            one.written.table for one in self.taken if one.written.table.key == queries.FIGURES
        )
        stored = {row.id: row.values for row in table.rows}
        for figure in self.report.figures.filter(pk__in=map(int, changed)).order_by("pk"):
            row, new = stored[str(figure.pk)], changed[str(figure.pk)]
            # An estimate may be above the old number and below the new one, or the other way round.
            if new.keys() & {"outlook"} and row["outlook"] is not None:
                self._estimate(figure, None)
            if new.keys() & set(queries.OVERRIDE_FIELDS):
                self._override(figure, {**row, **new})
            if new.get("outlook") is not None:
                self._estimate(figure, new["outlook"])

    def _override(self, figure: ReportFigure, row: Mapping[str, Any]) -> None:
        given = queries.override_of(row)
        figure.refresh_from_db()
        version = figure.version
        if queries.is_no_override(given):
            entry.drop_override(actor=self.actor, figure=figure, version=version, at=self.at)
            return
        entry.override_figure(
            actor=self.actor,
            figure=figure,
            version=version,
            value=given.value,
            numerator=given.numerator,
            denominator=given.denominator,
            reason=given.reason,
            at=self.at,
        )

    def _estimate(self, figure: ReportFigure, outlook: Any) -> None:
        figure.refresh_from_db()
        entry.estimate_year(
            actor=self.actor, figure=figure, version=figure.version, outlook=outlook, at=self.at
        )

    def _sections(self) -> None:
        changed = queries.by_row(self.taken, queries.SECTIONS)
        for section in needed_sections(self.report.period):
            names = SECTION_FIELDS[section]
            if not changed.keys() & set(names):
                continue
            report = UnitReport.objects.get(pk=self.report.pk)
            was = section in report.finished_sections
            entry.save_section(
                actor=self.actor,
                report=report,
                section=section,
                version=report.version,
                texts={
                    name: changed.get(name, {}).get("text", getattr(report, name)) for name in names
                },
                is_finished=changed.get(names[0], {}).get("is_finished", was),
                at=self.at,
            )
