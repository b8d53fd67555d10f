"""Makers of periods, reports and consolidations, and of the people around them.

Reports are brought to a state by the operations themselves, so that no test looks at a report that
could not exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import factory
import pytest
import time_machine
from django.test import override_settings

from chuan.core.indicators import registry
from chuan.core.indicators.registry import Figure, Row, Unit
from chuan.core.legal.models import StatutoryParameter
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.enums import ReportSection, ReportState
from chuan.flows.annual_report.models import (
    Consolidation,
    ReportExtension,
    ReportingPeriod,
    UnitReport,
)
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import entry, periods, review, submission
from chuan.flows.annual_report.queries.entry import needed_sections
from chuan.flows.annual_report.queries.parts import revision_of
from chuan.lib.registry import Registry
from chuan.modules.plans.testing import (
    AssignmentFactory,
    EvidenceFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
    leader_of,
)

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
YEAR = 2026
# While the period of 2026 is open: it is due on 19 November.
IN_TIME = datetime(2026, 11, 10, 9, tzinfo=VIETNAM)


class ReportingPeriodFactory(factory.django.DjangoModelFactory):
    """The yearly period of 2026 of a plan: open from 5 October, due on 19 November."""

    class Meta:
        model = ReportingPeriod

    plan = factory.SubFactory(PlanFactory)
    managed_by = factory.SelfAttribute("plan.managed_by")
    year = YEAR
    phrase = factory.LazyAttribute(lambda period: f"năm {period.year}")
    title = factory.LazyAttribute(lambda period: f"Báo cáo {period.phrase}")
    data_from = factory.LazyAttribute(lambda period: date(period.year - 1, 12, 15))
    data_to = factory.LazyAttribute(lambda period: date(period.year, 11, 1))
    opens_on = factory.LazyAttribute(lambda period: date(period.year, 10, 5))
    due_on = factory.LazyAttribute(lambda period: date(period.year, 11, 19))
    grace_until = factory.LazyAttribute(lambda period: date(period.year, 11, 26))
    locks_on = factory.LazyAttribute(lambda period: date(period.year + 1, 1, 1))
    opened_by = factory.SelfAttribute("plan.approved_by")
    opened_at = datetime(2026, 10, 5, 8, tzinfo=VIETNAM)


class ReportExtensionFactory(factory.django.DjangoModelFactory):
    """Ten days more for a report, asked for by its head in time, waiting."""

    class Meta:
        model = ReportExtension

    reason = "Chờ số liệu của các xã."
    due_on_before = factory.LazyAttribute(lambda row: row.report.period.due_on)
    proposed_due_on = factory.LazyAttribute(lambda row: row.due_on_before + timedelta(days=10))
    asked_by = factory.SubFactory(
        PersonFactory,
        role=Role.UNIT_HEAD,
        organisation=factory.SelfAttribute("..report.organisation"),
    )
    asked_at = IN_TIME


def with_period_rules() -> None:
    """The statutory parameters that say which days a yearly period has."""
    for code, value in {
        "reports.yearly_cutoff": {
            "from": {"years_back": 1, "month": 12, "day": 15},
            "to": {"years_back": 0, "month": 12, "day": 14},
        },
        "reports.early_cutoff": {"months_back": 1},
        "reports.yearly_period": {
            "opens_days_before_due": 45,
            "grace_working_days": 5,
            "last_day": {"month": 12, "day": 31},
        },
        "reports.days_to_mend": 5,
    }.items():
        if not StatutoryParameter.objects.filter(code=code).exists():
            StatutoryParameterFactory(code=code, value=value)


@dataclass
class Shelf:
    """Two indicators whose numbers a test sets: `counts` and `shares` by organisation id.

    A count has as many rows; a share is (part, whole). Everybody's is the sum.
    """

    counts: dict[int, int] = field(default_factory=dict)
    shares: dict[int, tuple[int, int]] = field(default_factory=dict)

    def count(
        self,
        _period: object,
        organisation: Organisation | None,
        _plan_id: int | None = None,
        *,
        with_rows: bool = True,
    ) -> Figure:
        """Số cuộc kiểm tra đã kết thúc trong kỳ."""
        number = (
            sum(self.counts.values()) if organisation is None else self.counts.get(organisation.pk)
        )
        if number is None:
            return Figure(value=None)
        rows = tuple(Row(f"Cuộc kiểm tra {n}", f"/ke-hoach/{n}/") for n in range(1, number + 1))
        return Figure.count(number, rows if organisation and with_rows else ())

    def share(
        self,
        _period: object,
        organisation: Organisation | None,
        _plan_id: int | None = None,
        *,
        with_rows: bool = True,
    ) -> Figure:
        """Số phép thử đạt chia cho tổng số phép thử trong kỳ."""
        if organisation is None:
            parts = list(self.shares.values())
            return Figure.share(sum(p for p, _w in parts), sum(w for _p, w in parts))
        part, whole = self.shares.get(organisation.pk, (0, 0))
        return Figure.share(part, whole)

    def put(self, patch: object) -> Shelf:
        """Replace the process's shelf for one test: `shelf.put(monkeypatch)`."""
        patch.setattr(registry, "_shelf", Registry(of="indicator"))  # type: ignore[attr-defined]
        for code, title, unit, compute in (
            ("tests.inspections", "Số cuộc kiểm tra", Unit.COUNT, self.count),
            ("tests.passed", "Tỷ lệ đạt", Unit.PERCENT, self.share),
        ):
            registry.indicator(code=code, title=title, unit=unit)(compute)
        return self


@contextmanager
def furnishing(files: Path) -> Iterator[Shelf]:
    """While what all tests of a file begin with is made: in time, with a shelf of its own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        override_settings(CHUAN_FILES=files),
        time_machine.travel(IN_TIME, tick=False),
    ):
        yield Shelf().put(patch)


@dataclass
class Situation:
    """A department, its plan, some bodies with their people, and the period they report for."""

    department: Organisation
    province: Organisation
    period: ReportingPeriod
    coordinator: Person
    leader: Person
    bodies: list[Organisation]
    clerks: list[Person]
    heads: list[Person]

    @property
    def reports(self) -> list[UnitReport]:
        found = {
            report.organisation_id: report
            for report in self.period.reports.select_related("period", "organisation")
        }
        return [found[body.pk] for body in self.bodies]

    @property
    def report(self) -> UnitReport:
        return self.reports[0]

    def start(self, number: int = 0, at: datetime = IN_TIME) -> UnitReport:
        return entry.start_report(actor=self.clerks[number], report=self.reports[number], at=at)

    def fill(self, number: int = 0, at: datetime = IN_TIME, text: str = "") -> UnitReport:
        """Started, every leading task and section written and finished."""
        report = self.reports[number]
        if report.started_at is None:
            report = self.start(number, at)
        clerk = self.clerks[number]
        for item in report.items.order_by("pk"):
            entry.save_item(
                actor=clerk,
                item=item,
                version=item.version,
                narrative=text or f"Đã tổ chức hội nghị phổ biến lần {number + 1}.",
                outlook="",
                achievement="substantial",
                percent=80,
                is_finished=True,
                at=at,
            )
        for section, texts in (
            (ReportSection.SUMMARY, {"summary": "Hoàn thành các nhiệm vụ chính."}),
            (
                ReportSection.DIFFICULTIES,
                {
                    "difficulties": "Thiếu kinh phí thử nghiệm mẫu.",
                    "proposals": "Bố trí kinh phí từ đầu năm.",
                },
            ),
            (ReportSection.NEXT_YEAR, {"next_year": "Tiếp tục tập huấn cho cấp xã."}),
        ):
            if section not in needed_sections(report.period):
                continue
            report.refresh_from_db()
            entry.save_section(
                actor=clerk,
                report=report,
                section=section,
                version=report.version,
                texts=texts,
                is_finished=True,
                at=at,
            )
        report.refresh_from_db()
        return report

    def submit(self, number: int = 0, at: datetime = IN_TIME) -> UnitReport:
        report = self.reports[number]
        if report.state == ReportState.DRAFT:
            report = self.fill(number, at)
        return submission.submit_report(
            actor=self.heads[number], report=report, revision=report.revision, at=at
        )

    def return_it(
        self, number: int = 0, at: datetime = IN_TIME, text: str = "Bổ sung số liệu."
    ) -> UnitReport:
        report = self.reports[number]
        if report.state == ReportState.DRAFT:
            report = self.submit(number, at)
        review.comment_on_report(
            actor=self.coordinator,
            report=report,
            item=report.items.order_by("pk").first(),
            field="narrative",
            text=text,
            at=at,
        )
        return review.return_report(
            actor=self.coordinator,
            report=report,
            due_on=(at + timedelta(days=7)).date(),
            note="",
            at=at,
        )

    def accept(self, number: int = 0, at: datetime = IN_TIME) -> UnitReport:
        report = self.reports[number]
        if report.state == ReportState.DRAFT:
            report = self.submit(number, at)
        return review.accept_report(
            actor=self.coordinator, report=report, revision=report.revision, at=at
        )

    def exclude(
        self, number: int = 0, at: datetime = IN_TIME, reason: str = "Gửi nhầm biểu năm trước."
    ) -> UnitReport:
        return review.exclude_report(
            actor=self.coordinator, report=self.reports[number], reason=reason, at=at
        )

    def consolidate(self, at: datetime = IN_TIME) -> Consolidation:
        return consolidating.consolidate(actor=self.coordinator, period=self.period, at=at)

    def close(self, consolidation: Consolidation, at: datetime = IN_TIME) -> Consolidation:
        consolidation.refresh_from_db()
        return consolidating.close_consolidation(
            actor=self.leader,
            consolidation=consolidation,
            revision=revision_of(consolidation),
            at=at,
        )

    def report_in(self, state: ReportState, number: int = 0) -> UnitReport:
        """A report brought to a state by those who bring reports there."""
        {
            ReportState.DRAFT: lambda: self.start(number),
            ReportState.SUBMITTED: lambda: self.submit(number),
            ReportState.RETURNED: lambda: self.return_it(number),
            ReportState.ACCEPTED: lambda: self.accept(number),
            ReportState.CONSOLIDATED: lambda: (self.accept(number), self.consolidate()),
            ReportState.CLOSED: lambda: (self.accept(number), self.close(self.consolidate())),
            ReportState.EXCLUDED: lambda: (self.submit(number), self.exclude(number)),
        }[state]()
        return self.reports[number]


def a_situation(
    bodies: int = 1, tasks: int = 1, *, beside: Situation | None = None, **period_fields
) -> Situation:
    """Bodies that each lead the same yearly tasks of one plan, with the period of 2026 open.

    The tasks have evidence, so that they may be called complete.

    :param beside: the bodies and people of this one lead the tasks of another plan as well, which
        another department runs.
    """
    province = beside.province if beside else OrganisationFactory(province=True)
    department = OrganisationFactory(
        name="Sở Công Thương" if beside else "Sở Khoa học và Công nghệ",
        notation="SCT" if beside else "SKHCN",
        head_position="Giám đốc",
        seat="Gia Lai",
        parent=province,
    )
    plan = PlanFactory(managed_by=department)
    made_tasks = [TaskFactory(plan=plan) for _number in range(tasks)]
    if beside:
        organisations, clerks = beside.bodies, beside.clerks
    else:
        organisations = [OrganisationFactory(parent=province) for _number in range(bodies)]
        clerks = [clerk_of(body) for body in organisations]
    for body, clerk in zip(organisations, clerks, strict=True):
        for task in made_tasks:
            assignment = AssignmentFactory(task=task, organisation=body, year=YEAR)
            EvidenceFactory(
                assignment=assignment, added_by=clerk, upload=None, link="https://example.vn/1"
            )
    period = ReportingPeriodFactory(plan=plan, **period_fields)
    periods.reconcile_reports(period=period, at=period.opened_at)
    return Situation(
        department=department,
        province=province,
        period=period,
        coordinator=coordinator_of(plan),
        leader=leader_of(plan),
        bodies=organisations,
        clerks=clerks,
        heads=beside.heads if beside else [head_of(body) for body in organisations],
    )


def auditor() -> Person:
    return PersonFactory(role=Role.AUDITOR)


def provincial_leader() -> Person:
    return PersonFactory(role=Role.PROVINCIAL_LEADER)


def administrator() -> Person:
    return PersonFactory(role=Role.SYSTEM_ADMINISTRATOR)


def number(text: str | None) -> Decimal | None:
    """A number as snapshots keep it."""
    return None if text is None else Decimal(text)
