"""What `chuan demo` puts into an empty database."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from chuan.core.access import demo as access
from chuan.core.calendar.operations import load_day_exceptions
from chuan.core.calendar.queries import working_calendar
from chuan.core.legal.operations import load_legal_sources
from chuan.core.notices.models import Notice
from chuan.core.orgs import demo as orgs
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Organisation, OrganisationVersion
from chuan.core.orgs.operations import load_organisations
from chuan.core.people.enums import Role
from chuan.core.people.models import Membership, Person
from chuan.flows.annual_report import demo as annual_report
from chuan.flows.annual_report.queries.owing import bodies_owing
from chuan.flows.portal import demo as portal
from chuan.flows.reminders.operations.digests import GIVEN_FROM, give_digests
from chuan.lib.periods import Period
from chuan.lib.vietnamese import person_sort_key, sort_key
from chuan.modules.plans import demo as plans
from chuan.modules.plans import facade
from chuan.modules.traceability import demo as traceability

Say = Callable[[str], None]

DECISION = settings.ROOT / "samples" / "quyet-dinh-1029-2025.txt"
DEPARTMENT = "gl-so-khoa-hoc-va-cong-nghe"
# A producer that takes part in chains of goods; no body of the administration.
BUSINESS = "htx-xoai-cat-hanh-minh-hoa"
BUSINESS_NAME = "Hợp tác xã Xoài Cát Hanh (minh họa)"
REORGANISED_ON = date(2025, 7, 1)
LAST_QUARTER = Period(date(2025, 4, 1), REORGANISED_ON)
FIRST_DAY = date(2025, 1, 1)
REMINDED_DAYS = 8
LOCAL = (OrgKind.DISTRICT, OrgKind.COMMUNE)


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account as it is printed after the start."""

    username: str
    password: str
    role: str
    where: str


@dataclass(frozen=True, slots=True)
class _Known:
    """An account printed for whoever tries the product."""

    username: str
    full_name: str
    title: str
    role: Role
    organisation: str


KNOWN = (
    _Known("sanxuat", "Đỗ Thị Mẫu", "Giám đốc", Role.UNIT_HEAD, BUSINESS),
    _Known("dieuphoi", "Nguyễn Thị Mẫu", "Chuyên viên", Role.DEPARTMENT_COORDINATOR, DEPARTMENT),
    _Known("lanhdaoso", "Trần Văn Mẫu", "Phó Giám đốc", Role.DEPARTMENT_LEADER, DEPARTMENT),
    _Known(
        "canbo", "Lê Thị Mẫu", "Chuyên viên", Role.UNIT_CLERK, "gl-so-nong-nghiep-va-moi-truong"
    ),
    _Known(
        "thutruong", "Phạm Văn Mẫu", "Giám đốc", Role.UNIT_HEAD, "gl-so-nong-nghiep-va-moi-truong"
    ),
    _Known("canboxa", "Võ Thị Mẫu", "Công chức", Role.UNIT_CLERK, "gl-xa-21952"),
    _Known("chutichxa", "Đặng Văn Mẫu", "Chủ tịch", Role.UNIT_HEAD, "gl-xa-21952"),
    _Known("lanhdaotinh", "Hồ Văn Mẫu", "Phó Chủ tịch", Role.PROVINCIAL_LEADER, "tinh-gia-lai"),
    _Known("kiemtoan", "Bùi Thị Mẫu", "Kiểm toán viên", Role.AUDITOR, "tinh-gia-lai"),
    _Known("quantri", "Mai Văn Mẫu", "Quản trị viên", Role.SYSTEM_ADMINISTRATOR, DEPARTMENT),
)
# Nobody has begun these: whoever tries the product writes them.
LEFT_ALONE = ("gl-so-nong-nghiep-va-moi-truong", "gl-xa-21952")


def load_reference_data(say: Say) -> None:
    """Law, holidays and organisations: what every installation begins with."""
    load_legal_sources()
    facade.load_central_tasks()
    load_day_exceptions()
    load_organisations()
    say("căn cứ pháp lý, ngày nghỉ, cơ quan")


def load_demo(say: Say) -> list[DemoAccount]:
    """Everything the demonstration shows; what is there already stays as it is."""
    password = _password()
    load_reference_data(say)
    _enter_business()
    people = _known_people(password)
    if not any(facade.is_demo(plan.id) for plan in facade.plans_in_force(timezone.localdate())):
        # All or nothing: a demonstration cut off half-way begins anew at the next start.
        with transaction.atomic(), _before_any_lock():
            _load_plan(people, say)
    looked_at = timezone.now() - timedelta(hours=2)
    orgs.state_keys(stated_by=people["dieuphoi"], confirmed_by=people["lanhdaoso"], at=looked_at)
    access.look_as_another(people["dieuphoi"], people["canboxa"], at=looked_at)
    for plan in facade.plans_in_force(timezone.localdate()):
        if facade.is_demo(plan.id):
            portal.open_to_the_public(plan.id, leader=people["lanhdaoso"], say=say)
    traceability.load_chains(
        keeper=people["dieuphoi"],
        leader=people["lanhdaoso"],
        producer=people["sanxuat"],
        organisation=Organisation.objects.get(key=BUSINESS),
        say=say,
    )
    return [
        DemoAccount(
            known.username,
            password,
            str(known.role.label),
            _name_of(people[known.username], known),
        )
        for known in KNOWN
    ]


def labels_to_scan() -> list[tuple[str, str]]:
    """What of the demonstration is worth scanning, in words, and its path on this server."""
    return traceability.labels_to_scan()


@contextmanager
def _before_any_lock() -> Iterator[None]:
    """What is told here was told long ago: the days on which periods were locked have not come yet.
    The database listens to this for demonstration plans alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL chuan.clock = '2020-01-01'")
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL chuan.clock = ''")


def _load_plan(people: dict[str, Person], say: Say) -> None:
    coordinator, leader = people["dieuphoi"], people["lanhdaoso"]
    plan_id = plans.import_decision(
        actor=coordinator, file=DECISION, managed_by_key=DEPARTMENT, is_demo=True
    )
    say(f"kế hoạch {facade.plan(plan_id).symbol} và các phân công đến năm 2030")
    bodies = sorted({*facade.bodies_owing(plan_id, 2025), *facade.bodies_owing(plan_id, 2026)})
    versions = _versions(bodies)
    staff = _staff(versions, people)
    today = max(timezone.localdate(), date(2026, 11, 10))
    # Everything told falls within the days the reports of 2026 cover.
    told_until = min(today, date(2026, 10, 31))
    plans.work_through(
        plan_id,
        until=told_until,
        desks={
            pk: plans.Desk(
                clerk=clerk, is_local=versions[pk].kind in LOCAL, last_day=versions[pk].valid.upper
            )
            for pk, (clerk, _head) in staff.items()
        },
        coordinator=coordinator,
        say=say,
    )
    department = annual_report.Department(coordinator=coordinator, leader=leader)
    # Operations ask who may act today, and a role ends with its body: dissolved bodies and the roles
    # in them are kept until their reports of the first year are written.
    ended = _keep_going(versions)
    for year in (2025, 2026):
        owing = set(bodies_owing(plan_id, year))
        writers = {
            pk: annual_report.Writers(clerk, head, versions[pk].valid.upper)
            for pk, (clerk, head) in staff.items()
            if pk in owing
        }
        if year == REORGANISED_ON.year:
            annual_report.report_on_a_quarter(
                plan_id,
                LAST_QUARTER,
                phrase="quý II năm 2025",
                writers=writers,
                left_open=[pk for pk in sorted(writers) if versions[pk].kind == OrgKind.DISTRICT][
                    :3
                ],
                department=department,
                say=say,
            )
            # The districts reported before they were dissolved; the new province closed the year.
            annual_report.close_year(
                plan_id,
                year,
                writers=writers,
                department=department,
                open_on=date(2025, 6, 2),
                reviewed_on=date(2025, 11, 24),
                say=say,
            )
            _end(ended)
            _end_memberships(versions)
        else:
            annual_report.run_year(
                plan_id,
                year,
                writers=writers,
                left_alone=[pk for pk in owing if versions[pk].organisation.key in LEFT_ALONE],
                department=department,
                open_on=date(2026, 10, 1),
                today=today,
                say=say,
            )
            annual_report.ask_for_more_time(plan_id, year, writers=writers, department=department)
    now = timezone.now()
    plans.decide_fates(plan_id, coordinator=coordinator, leader=leader, at=now, say=say)
    plans.link_to_central_tasks(plan_id, coordinator=coordinator, at=now)
    pairs = {versions[pk].organisation.key: plans.Pair(*both) for pk, both in staff.items()}
    plans.ask_to_open_locks(plan_id, year=REORGANISED_ON.year, desks=pairs, leader=leader, at=now)
    second = plans.add_plan(
        coordinator=coordinator,
        leader=leader,
        managed_by_key=DEPARTMENT,
        desks=pairs,
        until=timezone.localdate(),
        say=say,
    )
    everybody = {pk: annual_report.Writers(*both) for pk, both in staff.items()}
    annual_report.close_year(
        second,
        2025,
        writers={pk: everybody[pk] for pk in bodies_owing(second, 2025) if pk in everybody},
        department=department,
        open_on=date(2025, 10, 27),
        reviewed_on=date(2025, 12, 8),
        say=say,
    )
    annual_report.review_two_years(
        second,
        writers={pk: everybody[pk] for pk in bodies_owing(second, 2026) if pk in everybody},
        department=department,
        left_alone=Organisation.objects.get(key=LEFT_ALONE[0]).pk,
        open_on=date(2026, 11, 2),
        say=say,
    )
    _read_older_notices(people.values())
    _remind(say)


def _remind(say: Say) -> None:
    """What people were reminded of on the last working mornings, without letters: demo people have no
    addresses that anybody reads."""
    calendar = working_calendar()
    last = timezone.localdate(timezone.now() - timedelta(hours=GIVEN_FROM.hour))
    given = 0
    for back in range(REMINDED_DAYS, 0, -1):
        day = calendar.add_working_days(last + timedelta(days=1), -back)
        run = give_digests(at=timezone.make_aware(datetime.combine(day, GIVEN_FROM)))
        given += run.given if run else 0
    say(f"{given} bản nhắc việc của {REMINDED_DAYS} ngày làm việc gần đây")


def _read_older_notices(people: Iterable[Person]) -> None:
    """An inbox of somebody who reads it: only the last few messages are new."""
    for person in people:
        fresh = Notice.objects.filter(person=person).order_by("-pk").values("pk")[:3]
        Notice.objects.filter(person=person, read_at__isnull=True).exclude(
            pk__in=[row["pk"] for row in fresh]
        ).update(read_at=timezone.now())


def _password() -> str:
    """One password for all demo accounts of this installation, made at the first start."""
    kept = Path(settings.VAR) / "demo-password"
    given = os.environ.get("CHUAN_DEMO_PASSWORD")
    if given:
        return given
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.touch(mode=0o600)
        kept.write_text(f"mau-{secrets.token_hex(4)}")
    return kept.read_text().strip()


def _enter_business() -> None:
    business, is_new = Organisation.objects.get_or_create(key=BUSINESS, defaults={"is_demo": True})
    if is_new:
        OrganisationVersion.objects.create(
            organisation=business,
            valid=DateRange(FIRST_DAY, None),
            name=BUSINESS_NAME,
            short_name=BUSINESS_NAME,
            kind=OrgKind.ENTERPRISE,
            sort_key=sort_key(BUSINESS_NAME),
        )


def _known_people(password: str) -> dict[str, Person]:
    """The printed accounts, with today's password even where it was changed since."""
    # Also where somebody has tried out a reorganisation and the body is no more.
    bodies = Organisation.objects.in_bulk({known.organisation for known in KNOWN}, field_name="key")
    hashed = make_password(password)
    people = {}
    for known in KNOWN:
        organisation = bodies[known.organisation]
        person, _made = Person.objects.update_or_create(
            username=known.username,
            defaults={
                "full_name": known.full_name,
                "sort_key": person_sort_key(known.full_name),
                "title": known.title,
                "is_demo": True,
                "is_active": True,
                "password": hashed,
            },
        )
        Membership.objects.get_or_create(
            person=person,
            organisation=organisation,
            role=known.role,
            defaults={"valid": DateRange(FIRST_DAY, None)},
        )
        people[known.username] = person
    return people


def _staff(
    versions: dict[int, OrganisationVersion], people: dict[str, Person]
) -> dict[int, tuple[Person, Person]]:
    """A clerk and a head for every body; those of other bodies cannot sign in."""
    staff: dict[int, tuple[Person, Person]] = {}
    locked = make_password(None)
    for known in KNOWN:
        for pk, version in versions.items():
            if version.organisation.key == known.organisation and known.role == Role.UNIT_CLERK:
                signer = next(
                    other
                    for other in KNOWN
                    if other.role == Role.UNIT_HEAD and other.organisation == known.organisation
                )
                staff[pk] = (people[known.username], people[signer.username])
    missing = [pk for pk in versions if pk not in staff]
    made = Person.objects.bulk_create(
        [
            Person(
                username=f"{part}.{versions[pk].organisation.key}",
                sort_key=person_sort_key(f"{who} mẫu, {versions[pk].short_name}"),
                full_name=f"{who} mẫu, {versions[pk].short_name}"[:200],
                title=title,
                password=locked,
                is_demo=True,
            )
            for pk in missing
            for part, who, title in (
                ("canbo", "Cán bộ", "Chuyên viên"),
                ("thutruong", "Thủ trưởng", versions[pk].head_position or "Thủ trưởng"),
            )
        ]
    )
    for pk, clerk, head in zip(missing, made[::2], made[1::2], strict=True):
        staff[pk] = (clerk, head)
    Membership.objects.bulk_create(
        [
            Membership(
                person=person,
                organisation_id=pk,
                role=role,
                valid=DateRange(FIRST_DAY, None),
            )
            for pk in missing
            for person, role in zip(staff[pk], (Role.UNIT_CLERK, Role.UNIT_HEAD), strict=True)
        ]
    )
    return staff


def _keep_going(versions: dict[int, OrganisationVersion]) -> dict[int, DateRange]:
    """Let dissolved bodies exist for the time being; returns when each of their versions ends."""
    kept = {row.pk: row.valid for row in versions.values() if row.valid.upper is not None}
    for pk, valid in kept.items():
        OrganisationVersion.objects.filter(pk=pk).update(valid=DateRange(valid.lower, None))
    return kept


def _end(kept: dict[int, DateRange]) -> None:
    for pk, valid in kept.items():
        OrganisationVersion.objects.filter(pk=pk).update(valid=valid)


def _end_memberships(versions: dict[int, OrganisationVersion]) -> None:
    for pk, version in versions.items():
        if version.valid.upper is not None:
            Membership.objects.filter(organisation=pk).update(
                valid=DateRange(FIRST_DAY, version.valid.upper)
            )


def _versions(organisation_ids: list[int]) -> dict[int, OrganisationVersion]:
    rows = (
        OrganisationVersion.objects.filter(organisation__in=organisation_ids)
        .select_related("organisation")
        .order_by("organisation", "valid")
    )
    return {row.organisation_id: row for row in rows}


def _home_versions() -> list[OrganisationVersion]:
    return list(
        OrganisationVersion.objects.filter(valid__contains=timezone.localdate()).select_related(
            "organisation"
        )
    )


def _name_of(person: Person, known: _Known) -> str:
    row = OrganisationVersion.objects.filter(
        organisation__key=known.organisation, valid__contains=timezone.localdate()
    ).first()
    return f"{person.full_name}, {row.short_name if row else known.organisation}"
