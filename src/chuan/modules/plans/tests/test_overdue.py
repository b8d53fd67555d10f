"""What is late, and the letters that urge it."""

import io
import re
import zipfile
from datetime import date, datetime

import pytest
import time_machine
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.calendar.queries import working_calendar
from chuan.core.documents.models import DocumentFile, OfficialDocument
from chuan.core.documents.operations import issue_document
from chuan.core.legal.testing import StatutoryParameterFactory
from chuan.core.notices.models import Notice
from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import facade
from chuan.modules.plans.enums import Achievement, PartyRole
from chuan.modules.plans.models import Assignment, Urging, UrgingLetter
from chuan.modules.plans.operations import urging as operations
from chuan.modules.plans.operations.urging import UrgedToday
from chuan.modules.plans.queries import overdue as queries
from chuan.modules.plans.queries.assignments import timeliness_counts
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 30)
NOW = datetime(2026, 11, 30, 9, tzinfo=VIETNAM)
# Working days late on 30 November, a Monday.
LATE = {1: date(2026, 11, 27), 3: date(2026, 11, 25), 7: date(2026, 11, 19), 15: date(2026, 11, 9)}


class Scene:
    """A department that watches over a plan in which bodies are late by 1, 3, 7 and 15 working days."""

    def __init__(self, tmp_path, settings):
        settings.CHUAN_FILES = tmp_path / "files"
        StatutoryParameterFactory(
            code=queries.ESCALATION, value={"head": 3, "department": 7, "province": 15}
        )
        province = OrganisationFactory(province=True)
        self.department = OrganisationFactory(
            name="Sở Khoa học và Công nghệ", notation="SKHCN", parent=province
        )
        self.plan = PlanFactory(managed_by=self.department)
        self.task = TaskFactory(plan=self.plan, short_text="Tổ chức diễn đàn")
        self.coordinator = coordinator_of(self.plan)
        self.bodies = {days: OrganisationFactory(name=f"Sở Trễ {days}") for days in LATE}
        self.rows = {
            days: AssignmentFactory(task=self.task, organisation=body, due_on=LATE[days])
            for days, body in self.bodies.items()
        }

    def urge(self, *days, **changes):
        given = {
            "actor": self.coordinator,
            "plan": self.plan,
            "assignment_ids": [self.rows[one].pk for one in days],
            "one_each": False,
            "again": False,
            "at": NOW,
            **changes,
        }
        with time_machine.travel(NOW, tick=False):
            return operations.urge(**given)


@pytest.fixture
def scene(tmp_path, settings):
    return Scene(tmp_path, settings)


def listed(scene, on=TODAY):
    return {row.pk for row in queries.overdue_work(scene.plan, on)}


# ---------------------------------------------------------------- the list


def test_days_late_are_working_days(scene):
    calendar = working_calendar(on=TODAY)
    counted = {days: calendar.working_days_between(day, TODAY) for days, day in LATE.items()}
    assert counted == {days: days for days in LATE}


def test_counts_say_how_many_are_late_by_how_much(scene):
    counts = queries.overdue_counts(queries.overdue_work(scene.plan, TODAY), queries.ages(TODAY))
    assert counts == {"any": 4, "head": 3, "department": 2, "province": 1}


@pytest.mark.parametrize(
    "change",
    [
        {"achievement": Achievement.COMPLETE, "done_on": date(2026, 11, 1)},
        {"is_extra": True},
        {"is_paused": True},
        {"due_on": TODAY},
        {"due_on": None},
        {"role": PartyRole.COORDINATING},
    ],
    ids=str,
)
def test_what_nobody_is_late_with_is_not_listed(scene, change):
    row = scene.rows[15]
    assert row.pk in listed(scene)
    Assignment.objects.filter(pk=row.pk).update(**change)
    assert row.pk not in listed(scene)


def test_a_body_that_is_gone_is_not_listed(scene):
    OrganisationVersion.objects.filter(organisation=scene.bodies[15]).update(
        valid=DateRange(date(2020, 1, 1), date(2026, 7, 1))
    )
    assert listed(scene) == {scene.rows[days].pk for days in (1, 3, 7)}


def test_what_is_late_and_not_urged_is_counted_beside_the_list(scene, client):
    OrganisationVersion.objects.filter(organisation=scene.bodies[15]).update(
        valid=DateRange(date(2020, 1, 1), date(2026, 7, 1))
    )
    Assignment.objects.filter(pk=scene.rows[7].pk).update(is_paused=True)
    Assignment.objects.filter(pk=scene.rows[3].pk).update(is_extra=True)

    found = queries.not_pressed(scene.plan, TODAY)
    page = page_of(client, leader_of(scene.plan), scene.plan).content.decode()

    assert found == queries.NotPressed(ended=1, paused=1, others=1)
    assert listed(scene) == {scene.rows[1].pk}
    assert "1 việc quá hạn của cơ quan đã kết thúc" in page
    assert "1 việc đang xin gia hạn" in page
    late = timeliness_counts(scene.task.assignments.all(), on=TODAY).overdue
    assert late == len(listed(scene)) + found.late


def test_the_province_reads_how_much_is_late_for_long(scene):
    late = facade.late_for_province([scene.plan.pk], TODAY)[scene.plan.pk]
    assert (late.assignments, late.bodies, late.from_days, late.oldest) == (1, 1, 15, LATE[15])
    assert facade.late_for_province([scene.plan.pk], date(2026, 11, 10)) == {}


def page_of(client, person, plan, query=""):
    with time_machine.travel(NOW, tick=False):
        client.force_login(person)
        return client.get(reverse("plans:overdue", args=[plan.pk]) + query)


def named(page):
    return set(re.findall(r'class="t" href="[^"]*">(Sở Trễ \d+)', page.content.decode()))


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ("", {1, 3, 7, 15}),
        ("?tuoi=thu-truong", {3, 7, 15}),
        ("?tuoi=so", {7, 15}),
        ("?tuoi=tinh", {15}),
        ("?q=tre+15", {15}),
        ("?loai=cap-xa", set()),
        ("?loai=so-nganh", {1, 3, 7, 15}),
        ("?nhiem_vu=khong-co", {1, 3, 7, 15}),
    ],
)
def test_the_list_is_narrowed(scene, client, query, days):
    page = page_of(client, scene.coordinator, scene.plan, query)
    assert named(page) == {f"Sở Trễ {one}" for one in days}


@pytest.mark.parametrize("role", Role)
def test_the_list_is_for_those_who_see_the_whole_plan_and_letters_for_coordinators(
    scene, client, role
):
    person = PersonFactory(role=role, organisation=scene.department)
    page = page_of(client, person, scene.plan)
    sees = role in {
        Role.DEPARTMENT_COORDINATOR,
        Role.DEPARTMENT_LEADER,
        Role.PROVINCIAL_LEADER,
        Role.AUDITOR,
    }
    assert page.status_code == (200 if sees else page.status_code)
    assert (page.status_code == 200) == sees
    if sees:
        has_form = reverse("plans:urge", args=[scene.plan.pk]) in page.content.decode()
        assert has_form == (role == Role.DEPARTMENT_COORDINATOR)


def test_the_list_costs_the_same_with_one_and_with_many(
    scene, client, django_assert_max_num_queries
):
    leader = leader_of(scene.plan)
    page_of(client, leader, scene.plan)
    counts = []
    for _more in range(2):
        with django_assert_max_num_queries(60) as captured:
            page_of(client, leader, scene.plan)
        counts.append(len(captured))
        for _number in range(3):
            AssignmentFactory(task=scene.task, due_on=LATE[7])
    assert counts[0] == counts[1]


# ---------------------------------------------------------------- letters


def text_of(document):
    file = DocumentFile.objects.filter(document=document, purpose="draft_pdf").latest("pk")
    import pypdf  # noqa: PLC0415

    from chuan.core.files import store  # noqa: PLC0415

    with store.open_kept(file.upload.file.sha256) as content:
        pages = pypdf.PdfReader(io.BytesIO(content.read())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_one_letter_to_all_has_a_list_of_what_is_late_as_its_annex(scene):
    clerk = clerk_of(scene.bodies[7])
    urging = scene.urge(7, 15)

    letter = urging.letters.get()
    assert [(row["body"], row["late"]) for row in letter.rows] == [
        ("Sở Trễ 7", 7),
        ("Sở Trễ 15", 15),
    ]
    assert set(letter.assignments.all()) == {scene.rows[7], scene.rows[15]}
    text = text_of(letter.document)
    for words in ("Sở Trễ 15", "Sở Trễ 7", "Tổ chức diễn đàn", "19/11/2026", "còn 2 nhiệm vụ"):
        assert words in text
    notice = Notice.objects.get(person=clerk)
    assert (notice.title, notice.is_urgent) == ("Đôn đốc 1 nhiệm vụ quá hạn", True)
    assert Entry.objects.get(action="plans.work_urged").details["letters"] == 1


def test_a_letter_to_each_names_that_body_alone(scene):
    urging = scene.urge(3, 7, one_each=True)
    letters = list(urging.letters.order_by("pk"))
    assert [{row["body"] for row in one.rows} for one in letters] == [{"Sở Trễ 3"}, {"Sở Trễ 7"}]
    assert "Sở Trễ 7" not in text_of(letters[0].document)


def test_what_was_urged_today_is_urged_again_only_when_said_so(scene):
    scene.urge(7)
    with pytest.raises(UrgedToday, match="1 phân công đã được đôn đốc hôm nay"):
        scene.urge(7, 15)
    assert Urging.objects.count() == 1

    scene.urge(7, 15, again=True)
    assert Urging.objects.count() == 2


def test_nothing_chosen_and_what_is_no_longer_late_are_refused(scene):
    with pytest.raises(Denied, match="Chọn ít nhất một"):
        scene.urge()
    Assignment.objects.filter(pk=scene.rows[7].pk).update(is_paused=True)
    with pytest.raises(Denied, match="vừa hoàn thành hoặc đổi hạn"):
        scene.urge(7, 15)
    assert not OfficialDocument.objects.filter(kind="CV").exists()


def test_so_many_letters_at_once_are_refused_before_any_is_drawn(scene, monkeypatch):
    monkeypatch.setattr(operations, "MOST_LETTERS", 1)
    with pytest.raises(Denied, match="nhiều nhất 1 công văn riêng; đang chọn 2 cơ quan"):
        scene.urge(3, 7, one_each=True)
    scene.urge(3, 7)


def test_the_issued_letter_says_what_the_draft_said(scene):
    letter = scene.urge(7).letters.get()
    Assignment.objects.filter(pk=scene.rows[7].pk).update(
        achievement=Achievement.COMPLETE, done_on=TODAY
    )
    with time_machine.travel(NOW, tick=False):
        issue_document(
            actor=scene.coordinator, document=letter.document, issued_on=TODAY, signer="Trần Văn Ký"
        )
    names = DocumentFile.objects.filter(document=letter.document).values_list(
        "upload__name", flat=True
    )
    assert any(name.endswith("-so-01.pdf") for name in names)
    text = text_of(letter.document)
    assert "Sở Trễ 7" in text
    assert "Tổ chức diễn đàn" in text


# ---------------------------------------------------------------- pages


def post(client, scene, data, query=""):
    with time_machine.travel(NOW, tick=False):
        client.force_login(scene.coordinator)
        return client.post(reverse("plans:urge", args=[scene.plan.pk]) + query, data)


def test_ticked_rows_are_urged_and_the_letters_are_taken_as_a_zip(scene, client):
    done = post(
        client, scene, {"chon": [scene.rows[3].pk, scene.rows[7].pk], "cach": "moi-co-quan"}
    )
    urging = Urging.objects.get()
    assert done.headers["Location"] == reverse("plans:urging", args=[scene.plan.pk, urging.pk])

    with time_machine.travel(NOW, tick=False):
        page = client.get(done.headers["Location"]).content.decode()
        files = client.get(reverse("plans:urging_files", args=[scene.plan.pk, urging.pk]))
    assert "Sở Trễ 3" in page
    packed = zipfile.ZipFile(io.BytesIO(b"".join(files.streaming_content)))
    assert [name.partition(".")[2] for name in packed.namelist()] == ["docx", "pdf", "docx", "pdf"]


def test_all_that_fit_the_filter_are_urged(scene, client):
    post(client, scene, {"tat-ca": "1", "cach": "chung"}, "?tuoi=so")
    urged = set(UrgingLetter.objects.get().assignments.all())
    assert urged == {scene.rows[7], scene.rows[15]}


def test_a_second_time_on_a_day_is_asked_about(scene, client):
    post(client, scene, {"chon": [scene.rows[7].pk]})
    asked = post(client, scene, {"chon": [scene.rows[7].pk]})
    assert asked.status_code == 409
    assert f'name="da-chon" value="{scene.rows[7].pk}"' in asked.content.decode()
    assert Urging.objects.count() == 1

    post(client, scene, {"da-chon": str(scene.rows[7].pk), "cach": "chung", "lan-nua": "1"})
    assert Urging.objects.count() == 2


def test_the_assignment_tells_when_it_was_urged(scene, client):
    scene.urge(7)
    with time_machine.travel(NOW, tick=False):
        client.force_login(clerk_of(scene.bodies[7]))
        page = client.get(reverse("plans:assignment", args=[scene.rows[7].pk])).content.decode()
    assert "Đã đôn đốc" in page
    assert "Công văn đang chờ lấy số" in page


def test_a_letter_to_many_costs_no_more_than_one_to_one(scene):
    for body in scene.bodies.values():
        clerk_of(body)

    def cost(*days):
        with CaptureQueriesContext(connection) as captured:
            scene.urge(*days)
        return len(captured)

    cost(1)
    assert cost(3) == cost(7, 15)
