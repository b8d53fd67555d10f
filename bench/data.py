"""Rows for measuring: one plan of 21 tasks over six years, for any number of bodies.

Written straight to the tables: how fast rows are made is not what is measured here.
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.urls import reverse

from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.documents.models import OfficialDocument
from chuan.core.files.models import StoredFile, Upload
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Group, GroupRule, Organisation, OrganisationVersion
from chuan.core.people.enums import Role
from chuan.core.people.models import Membership, Person
from chuan.flows.annual_report.enums import ReportSection
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod
from chuan.flows.annual_report.operations import consolidation as consolidating
from chuan.flows.annual_report.operations import entry, periods, review, submission
from chuan.flows.annual_report.queries.days import proposed_days
from chuan.modules.plans import facade as plans
from chuan.modules.plans.enums import (
    Achievement,
    DifficultyState,
    DueKind,
    EvidenceKind,
    PartyKind,
    PartyRole,
)
from chuan.modules.plans.models import (
    Assignment,
    Difficulty,
    Evidence,
    Party,
    Plan,
    ProgressUpdate,
    Section,
    Task,
)

VIETNAM = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 10, 9, 0, tzinfo=VIETNAM)
YEARS = range(2025, 2031)
ALWAYS = DateRange(date(2020, 1, 1), None)


@dataclass(frozen=True)
class Volume:
    plan: Plan
    department: Organisation
    bodies: list[Organisation]
    coordinator: Person
    leader: Person
    clerk: Person
    head: Person


@transaction.atomic
def make(bodies: int, *, evidence: int) -> Volume:
    """One plan led by every body on every task and year: bodies × 21 × 6 assignments."""
    load_legal_sources()
    load_day_exceptions()
    province = _body("tinh", "Ủy ban nhân dân tỉnh Thử", OrgKind.PROVINCE, None, home=True)
    department = _body("so", "Sở Khoa học và Công nghệ", OrgKind.PROVINCIAL, province)
    communes = Organisation.objects.bulk_create(
        [Organisation(key=f"xa-{n}", is_demo=True) for n in range(bodies)]
    )
    OrganisationVersion.objects.bulk_create(
        [
            OrganisationVersion(
                organisation=commune,
                valid=ALWAYS,
                name=f"Ủy ban nhân dân xã Thử nghiệm số {n}",
                short_name=f"UBND xã Thử nghiệm số {n}",
                kind=OrgKind.COMMUNE,
                subtype="xã",
                parent=province,
                sort_key=f"{n:06d}",
            )
            for n, commune in enumerate(communes)
        ],
        batch_size=2000,
    )
    group = Group.objects.create(code="xa", name="UBND cấp xã", phrases=["UBND các xã"])
    GroupRule.objects.create(group=group, kinds=[OrgKind.COMMUNE], under=province, valid=ALWAYS)

    coordinator = _person("theo-doi", Role.DEPARTMENT_COORDINATOR, department)
    leader = _person("lanh-dao", Role.DEPARTMENT_LEADER, department)
    clerk = _person("dau-moi", Role.UNIT_CLERK, communes[0])
    head = _person("thu-truong", Role.UNIT_HEAD, communes[0])

    decision = OfficialDocument.objects.create(
        kind="QĐ",
        number=1,
        notation="QĐ-UBND",
        issued_on=date(2025, 3, 25),
        issuer=province,
        issuer_name="UBND tỉnh",
        held_by=department,
        subject="Kế hoạch thử",
        registered_at=NOW,
    )
    plan = Plan.objects.create(
        document=decision,
        title="Kế hoạch thử",
        short_title="Kế hoạch thử",
        managed_by=department,
        valid=DateRange(date(2025, 3, 25), date(2031, 1, 1)),
        report_due_day=20,
        report_due_month=11,
        approved_by=coordinator,
        approved_at=NOW,
    )
    tasks = _tasks(plan, group)
    assignments = _assignments(tasks, communes)
    _evidence(assignments, evidence, clerk)
    Difficulty.objects.bulk_create(
        [
            Difficulty(
                plan=plan,
                organisation=commune,
                title="Thiếu thiết bị",
                text="Chưa có thiết bị kiểm tra nhanh.",
                state=DifficultyState.RAISED,
                raised_by=clerk,
                raised_at=NOW,
            )
            for commune in communes
        ],
        batch_size=2000,
    )
    return Volume(plan, department, communes, coordinator, leader, clerk, head)


def analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _body(
    key: str, name: str, kind: OrgKind, parent: Organisation | None, *, home: bool = False
) -> Organisation:
    body = Organisation.objects.create(key=key, is_home=home, is_demo=True)
    OrganisationVersion.objects.create(
        organisation=body,
        valid=ALWAYS,
        name=name,
        short_name=name,
        kind=kind,
        parent=parent,
        notation="SKHCN" if parent else "UBND",
        seat="Thử",
        sort_key=key,
    )
    return body


def _person(username: str, role: Role, organisation: Organisation) -> Person:
    person = Person.objects.create(
        username=username, full_name=f"Người thử {username}", is_demo=True
    )
    Membership.objects.create(person=person, organisation=organisation, role=role, valid=ALWAYS)
    return person


def _tasks(plan: Plan, group: Group) -> list[Task]:
    tasks = []
    for section_number, size in enumerate([3, 5, 3, 4, 3, 3], start=1):
        roman = ["I", "II", "III", "IV", "V", "VI"][section_number - 1]
        section = Section.objects.create(
            plan=plan, code=roman, title=f"Nhóm nhiệm vụ {roman}", position=section_number
        )
        for number in range(1, size + 1):
            task = Task.objects.create(
                plan=plan,
                section=section,
                code=f"{roman}.{number}",
                position=len(tasks) + 1,
                text="Tổ chức tuyên truyền, phổ biến, kiểm tra, giám sát tiêu chuẩn, đo lường. "
                * 3,
                short_text=f"Nhiệm vụ thử {roman}.{number}",
                time_text="Hàng năm",
                due_kind=DueKind.YEARLY,
            )
            Party.objects.create(
                task=task,
                role=PartyRole.LEAD,
                kind=PartyKind.GROUP,
                name=group.name,
                text=group.name,
                group=group,
                position=1,
            )
            tasks.append(task)
    return tasks


def _assignments(tasks: list[Task], bodies: list[Organisation]) -> list[Assignment]:
    """Two thirds of the past done on time, some late, some overdue; the future not started."""
    rows = []
    for year in YEARS:
        due = date(year, 12, 31)
        for body_number, body in enumerate(bodies):
            for task_number, task in enumerate(tasks):
                draw = (body_number * 7 + task_number * 3 + year) % 12
                done = (year < 2026 and draw < 9) or (year == 2026 and draw < 5)
                late = done and year < 2026 and draw == 8
                rows.append(
                    Assignment(
                        task=task,
                        organisation=body,
                        role=PartyRole.LEAD,
                        year=year,
                        period_start=date(year, 1, 1),
                        period_end=date(year + 1, 1, 1),
                        resolved_on=date(year, 1, 1),
                        due_on=due,
                        achievement=Achievement.COMPLETE if done else Achievement.NOT_STARTED,
                        done_on=(due + timedelta(days=20) if late else date(year, 10, 1))
                        if done
                        else None,
                        created_at=NOW,
                        updated_at=NOW,
                    )
                )
    return Assignment.objects.bulk_create(rows, batch_size=2000)


def _evidence(assignments: list[Assignment], how_many: int, person: Person) -> None:
    done = [a for a in assignments if a.done_on]
    stored = StoredFile.objects.create(
        sha256=hashlib.sha256(b"bench").hexdigest(),
        size=5,
        media_type="application/pdf",
        stored_at=NOW,
    )
    upload = Upload.objects.create(
        file=stored, name="minh-chung.pdf", uploaded_by=person, uploaded_at=NOW
    )
    Evidence.objects.bulk_create(
        [
            Evidence(
                assignment=done[n % len(done)],
                kind=EvidenceKind.DOCUMENT,
                title=f"Báo cáo kết quả số {n}",
                upload=upload,
                added_by=person,
                added_at=NOW,
            )
            for n in range(how_many)
        ],
        batch_size=2000,
    )
    ProgressUpdate.objects.bulk_create(
        [
            ProgressUpdate(
                assignment=assignment,
                narrative="Đã tổ chức hội nghị phổ biến cho 120 người; phát 300 tờ rơi.",
                achievement=Achievement.COMPLETE,
                made_by=person,
                made_at=NOW,
            )
            for assignment in done
        ],
        batch_size=2000,
    )


def reports(volume: Volume, *, year: int) -> ReportingPeriod:
    """Every body's report of the year accepted, frozen by the product's own operation."""
    period = periods.open_period(
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
    clerk, head = volume.clerk, volume.head
    held = {body.pk for body in volume.bodies[:1]}
    for person, role in ((clerk, Role.UNIT_CLERK), (head, Role.UNIT_HEAD)):
        Membership.objects.bulk_create(
            [
                Membership(person=person, organisation=body, role=role, valid=ALWAYS)
                for body in volume.bodies
                if body.pk not in held
            ],
            batch_size=2000,
        )
        person.forget_grants()
    for report in period.reports.select_related("period").order_by("pk"):
        entry.start_report(actor=clerk, report=report, at=NOW)
        report.items.update(narrative="Đã thực hiện theo kế hoạch.", is_finished=True)
        report.refresh_from_db()
        report.summary = report.difficulties = report.next_year = "Theo kế hoạch."
        report.finished_sections = list(ReportSection.values)
        report.entered_by, report.author_ids = clerk, [clerk.pk]
        report.save()
        report = submission.submit_report(
            actor=head, report=report, revision=report.revision, at=NOW
        )
        review.accept_report(
            actor=volume.coordinator, report=report, revision=report.revision, at=NOW
        )
    # Whoever the pages are drawn for works for one body, not for all.
    Membership.objects.filter(person__in=[clerk, head]).exclude(
        organisation=volume.bodies[0]
    ).delete()
    for person in (clerk, head):
        person.forget_grants()
    return period


def consolidation(volume: Volume, period: ReportingPeriod) -> tuple[Consolidation, float]:
    """The consolidation of the period's reports, and the seconds it took."""
    began = time.perf_counter()
    made = consolidating.consolidate(actor=volume.coordinator, period=period, at=NOW)
    return made, time.perf_counter() - began


def pages(
    volume: Volume, period: ReportingPeriod, made: Consolidation
) -> list[tuple[str, str, Person]]:
    """Every list and dashboard, with the person it is drawn for."""
    plan, task = volume.plan.pk, Task.objects.filter(plan=volume.plan).order_by("pk")[0].pk
    report = period.reports.order_by("pk")[0]
    coordinator, clerk = volume.coordinator, volume.clerk
    plan_url = {"plan_id": plan}
    return [
        ("my work, clerk", reverse("my_work:list"), clerk),
        ("my work, coordinator", reverse("my_work:list"), coordinator),
        ("plans", reverse("plans:list"), coordinator),
        ("plan", reverse("plans:show", kwargs=plan_url), coordinator),
        ("plan, clerk", reverse("plans:show", kwargs=plan_url), clerk),
        ("matrix", reverse("plans:matrix", kwargs=plan_url), coordinator),
        ("assignments", reverse("plans:assignments", kwargs=plan_url), coordinator),
        ("task", reverse("plans:task", kwargs={**plan_url, "task_id": task}), coordinator),
        ("difficulties", reverse("plans:difficulties"), coordinator),
        ("reports", reverse("annual_report:list"), coordinator),
        ("report", reverse("annual_report:show", kwargs={"report_id": report.pk}), clerk),
        ("review", reverse("annual_report:review", kwargs={"report_id": report.pk}), coordinator),
        (
            "consolidation",
            reverse("annual_report:consolidation", kwargs={"consolidation_id": made.pk}),
            coordinator,
        ),
        ("organisations", reverse("orgs:list"), coordinator),
        ("notices", reverse("notices:inbox"), coordinator),
        ("documents", reverse("documents:list"), coordinator),
    ]
