"""Rows for measuring: one plan of 21 tasks over six years, for any number of bodies.

Written straight to the tables: how fast rows are made is not what is measured here. Registers,
accounts and the ledger grow with the bodies, as they would in a province of that size.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from django.db import connection, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.documents.models import OfficialDocument
from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.legal.operations import load_legal_sources
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Group, GroupRule, Organisation, OrganisationVersion
from chuan.core.people.enums import Role
from chuan.core.people.models import Membership, Person
from chuan.lib.vietnamese import person_sort_key
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
    PlanImport,
    PlanVersion,
    ProgressUpdate,
    Section,
    Task,
)

VIETNAM = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 10, 9, 0, tzinfo=VIETNAM)
# The day of the decision.
GIVEN_AT = datetime(2025, 3, 25, 9, 0, tzinfo=VIETNAM)
YEARS = range(2025, 2031)
ALWAYS = DateRange(date(2020, 1, 1), None)
# Documents in the department's register for each body: letters out, and papers in.
DOCUMENTS_EACH = 5
BATCH = 2000


@dataclass(frozen=True)
class Volume:
    """What was made. `clerks` and `heads` are those of `bodies`, in their order."""

    plan: Plan
    department: Organisation
    bodies: list[Organisation]
    clerks: list[Person]
    heads: list[Person]
    coordinator: Person
    leader: Person
    governor: Person
    auditor: Person
    administrator: Person
    upload: Upload


@transaction.atomic
def make(bodies: int, *, evidence: int) -> Volume:
    """One plan led by every body on every task and year: bodies × 21 × 6 assignments."""
    load_legal_sources()
    load_day_exceptions()
    province = _body("tinh", "Ủy ban nhân dân tỉnh Thử", OrgKind.PROVINCE, None, home=True)
    department = _body("so", "Sở Khoa học và Công nghệ", OrgKind.PROVINCIAL, province)
    communes = _communes(bodies, province)
    group = Group.objects.create(code="xa", name="UBND cấp xã", phrases=["UBND các xã"])
    GroupRule.objects.create(group=group, kinds=[OrgKind.COMMUNE], under=province, valid=ALWAYS)

    coordinator = _person("theo-doi", Role.DEPARTMENT_COORDINATOR, department)
    leader = _person("lanh-dao", Role.DEPARTMENT_LEADER, department)
    clerks = _staff("dau-moi", Role.UNIT_CLERK, communes)
    heads = _staff("thu-truong", Role.UNIT_HEAD, communes)

    decision = _documents(province, department, coordinator, 1 + bodies * DOCUMENTS_EACH)[0]
    plan = Plan.objects.create(
        is_demo=True,
        document=decision,
        title="Kế hoạch thử",
        short_title="Kế hoạch thử",
        managed_by=department,
        valid=DateRange(date(2025, 3, 25), date(2031, 1, 1)),
        report_due_day=20,
        report_due_month=11,
        approved_by=coordinator,
        approved_at=GIVEN_AT,
    )
    PlanVersion.objects.create(
        plan=plan,
        number=1,
        document=decision,
        from_day=plan.valid.lower,
        approved_by=coordinator,
        approved_at=GIVEN_AT,
    )
    upload = store_upload(actor=coordinator, name="minh-chung.txt", content=b"Da lam xong.")
    _reading(plan, upload, coordinator)
    assignments = _assignments(_tasks(plan, group), communes)
    _work_done(assignments, evidence, clerks[0], upload)
    _difficulties(plan, communes, clerks)
    return Volume(
        plan,
        department,
        communes,
        clerks,
        heads,
        coordinator,
        leader,
        _person("lanh-dao-tinh", Role.PROVINCIAL_LEADER, province),
        _person("kiem-toan", Role.AUDITOR, province),
        _person("quan-tri", Role.SYSTEM_ADMINISTRATOR, province),
        upload,
    )


def settle() -> None:
    """What a server does by itself within minutes of such a load."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


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
        username=username,
        full_name=f"Người thử {username}",
        sort_key=person_sort_key(f"Người thử {username}"),
        is_demo=True,
    )
    Membership.objects.create(person=person, organisation=organisation, role=role, valid=ALWAYS)
    return person


def _communes(count: int, province: Organisation) -> list[Organisation]:
    made = Organisation.objects.bulk_create(
        [Organisation(key=f"xa-{n}", is_demo=True) for n in range(count)], batch_size=BATCH
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
            for n, commune in enumerate(made)
        ],
        batch_size=BATCH,
    )
    return made


def _staff(username: str, role: Role, bodies: list[Organisation]) -> list[Person]:
    """One person for each body, with an address for letters."""
    people = Person.objects.bulk_create(
        [
            Person(
                username=f"{username}-{n}",
                full_name=f"Người thử {username} {n}",
                email=f"{username}-{n}@example.org",
                sort_key=person_sort_key(f"Người thử {username} {n}"),
                is_demo=True,
            )
            for n in range(len(bodies))
        ],
        batch_size=BATCH,
    )
    Membership.objects.bulk_create(
        [
            Membership(person=person, organisation=body, role=role, valid=ALWAYS)
            for person, body in zip(people, bodies, strict=True)
        ],
        batch_size=BATCH,
    )
    return people


def _documents(
    province: Organisation, department: Organisation, coordinator: Person, count: int
) -> list[OfficialDocument]:
    """The department's register; the first is the decision the plan rests on."""
    return OfficialDocument.objects.bulk_create(
        [
            OfficialDocument(
                kind="CV" if n else "QĐ",
                number=n + 1,
                notation="UBND-KGVX" if n else "QĐ-UBND",
                issued_on=date(2025, 3, 25) + timedelta(days=n % 600),
                issuer=province,
                issuer_name="UBND tỉnh",
                held_by=department,
                subject=f"Về việc thực hiện kế hoạch thử, văn bản {n}" if n else "Kế hoạch thử",
                registered_by=coordinator,
                registered_at=NOW,
            )
            for n in range(count)
        ],
        batch_size=BATCH,
    )


def _reading(plan: Plan, upload: Upload, coordinator: Person) -> None:
    PlanImport.objects.create(
        upload=upload,
        state="approved",
        reading={},
        draft={"document": {"title": plan.title}},
        managed_by=plan.managed_by,
        plan=plan,
        created_by=coordinator,
        created_at=NOW,
        updated_by=coordinator,
        updated_at=NOW,
    )


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


# Two thirds of the past done on time, some late, some overdue; the future not started.
_GIVEN = {
    "task_id": "task",
    "organisation_id": "body",
    "year": "years.year",
    "period_start": "make_date(years.year, 1, 1)",
    "period_end": "make_date(years.year + 1, 1, 1)",
    "resolved_on": "make_date(years.year, 1, 1)",
    "due_on": "make_date(years.year, 12, 31)",
}
_BEGUN = """
    UPDATE plans_assignment
    SET achievement = 'limited', percent = 30, updated_at = make_date(year, 6, 1)
    WHERE year <= 2026
"""
_DONE = """
    WITH drawn AS (
        SELECT id, (array_position(%(bodies)s::bigint[], organisation_id) * 7
            + array_position(%(tasks)s::bigint[], task_id) * 3 + year) %% 12 AS draw
        FROM plans_assignment
    )
    UPDATE plans_assignment one
    SET achievement = 'complete', percent = NULL,
        done_on = CASE WHEN year < 2026 AND draw = 8 THEN due_on + 20
            ELSE make_date(year, 10, 1) END,
        updated_at = CASE WHEN year < 2026 AND draw = 8 THEN due_on + 20
            ELSE make_date(year, 10, 1) END
    FROM drawn WHERE drawn.id = one.id
        AND ((year < 2026 AND draw < 9) OR (year = 2026 AND draw < 5))
"""


def _assignments(tasks: list[Task], bodies: list[Organisation]) -> list[int]:
    """Every task to every body each year, with what became of it since; the ids of those done."""
    values = {
        "tasks": [task.pk for task in tasks],
        "bodies": [body.pk for body in bodies],
        "first": YEARS[0],
        "last": YEARS[-1],
    }
    with connection.cursor() as cursor:
        cursor.execute(_copies_of(_first_of(tasks[0], bodies[0])), values)
        # Each statement is written into the history by one trigger.
        for statement in (_BEGUN, _DONE):
            cursor.execute(statement, values)
    done = Assignment.objects.filter(done_on__isnull=False).order_by("pk")
    return list(done.values_list("pk", flat=True))


def _first_of(task: Task, body: Organisation) -> Assignment:
    """The one that all others are copied from."""
    year = YEARS[0]
    return Assignment.objects.create(
        task=task,
        organisation=body,
        role=PartyRole.LEAD,
        year=year,
        period_start=date(year, 1, 1),
        period_end=date(year + 1, 1, 1),
        resolved_on=date(year, 1, 1),
        due_on=date(year, 12, 31),
        created_at=GIVEN_AT,
        updated_at=GIVEN_AT,
    )


def _copies_of(one: Assignment) -> str:
    """Written by the database for every other task, body and year, whatever columns there are."""
    names = [
        field.column
        for field in one._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
    chosen = ", ".join(_GIVEN.get(name, f"one.{name}") for name in names)
    return (
        f"INSERT INTO plans_assignment ({', '.join(names)}) SELECT {chosen} "  # noqa: S608 - our own table
        "FROM plans_assignment one, unnest(%(tasks)s::bigint[]) task, "
        "unnest(%(bodies)s::bigint[]) body, "
        "generate_series(%(first)s::int, %(last)s::int) AS years(year) "
        f"WHERE one.id = {one.pk:d} "
        "AND (task, body, years.year) <> (one.task_id, one.organisation_id, one.year)"
    )


def _work_done(keys: list[int], evidence: int, person: Person, upload: Upload) -> None:
    """One update on every assignment done, and so much evidence over all of them, in turn."""
    update = ProgressUpdate.objects.create(
        assignment_id=keys[0],
        narrative="Đã tổ chức hội nghị phổ biến cho 120 người; phát 300 tờ rơi.",
        achievement=Achievement.COMPLETE,
        made_by=person,
        made_at=NOW,
    )
    _repeat(update, "assignment_id", keys, len(keys), but_first=True)
    if not evidence:
        return
    proof = Evidence.objects.create(
        assignment_id=keys[0],
        kind=EvidenceKind.DOCUMENT,
        title="Báo cáo kết quả",
        upload=upload,
        added_by=person,
        added_at=NOW,
        first_added_at=NOW,
    )
    _repeat(proof, "assignment_id", keys, evidence, but_first=True)


def _repeat(
    row: models.Model, column: str, values: list[int], times: int, *, but_first: bool
) -> None:
    """So many copies of a row, made by the database, with the values of one column in turn."""
    table = row._meta.db_table
    names = [
        field.column
        for field in row._meta.concrete_fields
        if not field.primary_key and not field.generated
    ]
    chosen = ", ".join(
        "(%s::bigint[])[1 + n %% %s]" if name == column else f"t.{name}" for name in names
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) "  # noqa: S608 - our own tables
            f"SELECT {chosen} FROM {table} t, generate_series(%s, %s - 1) n WHERE t.id = %s",
            [values, len(values), int(but_first), times, row.pk],
        )


def _difficulties(plan: Plan, bodies: list[Organisation], clerks: list[Person]) -> None:
    Difficulty.objects.bulk_create(
        [
            Difficulty(
                plan=plan,
                organisation=body,
                title="Thiếu thiết bị",
                text="Chưa có thiết bị kiểm tra nhanh.",
                state=DifficultyState.RAISED,
                raised_by=clerk,
                raised_at=NOW,
                answer_due_on=date(2026, 11, 20),
            )
            for body, clerk in zip(bodies, clerks, strict=True)
        ],
        batch_size=BATCH,
    )
