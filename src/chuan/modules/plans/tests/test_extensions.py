"""More time: asked for in time it stops the clock; granted it moves the day and keeps the first one."""

import itertools
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.audit.models import Entry
from chuan.core.calendar.enums import EXTENSION_MOVES, ExtensionState
from chuan.core.files.testing import PDF
from chuan.core.notices.models import Notice
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import facade, rules
from chuan.modules.plans.enums import Achievement, Timeliness
from chuan.modules.plans.models import Assignment, DeadlineExtension
from chuan.modules.plans.operations import ending, extensions
from chuan.modules.plans.operations.progress import post_update
from chuan.modules.plans.queries.assignments import timeliness_case, timeliness_counts
from chuan.modules.plans.rules import Conflict
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    DeadlineExtensionFactory,
    EvidenceFactory,
    PlanFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
    head_of,
    leader_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 12, 20, 9, tzinfo=VIETNAM)
DUE = date(2026, 12, 31)
LATER = date(2027, 3, 31)
AFTER = date(2027, 1, 15)


class Scene:
    """One body with one assignment due on 31/12/2026, and the department above."""

    def __init__(self):
        self.assignment = AssignmentFactory()
        self.plan = self.assignment.task.plan
        self.head = head_of(self.assignment.organisation)
        self.clerk = clerk_of(self.assignment.organisation)
        self.coordinator = coordinator_of(self.plan)

    def ask(self, **fields):
        asked = {
            "actor": self.head,
            "assignment": self.assignment,
            "reason": "Chờ kết quả đấu thầu.",
            "proposed_due_on": LATER,
            "at": NOW,
        }
        return extensions.ask_for_extension(**(asked | fields))

    def grant(self, extension, **fields):
        decided = {
            "actor": self.coordinator,
            "extension": extension,
            "version": 1,
            "due_on": LATER,
            "basis": "Công văn số 12/SKHCN",
            "at": NOW,
        }
        return extensions.grant_extension(**(decided | fields))

    def refuse(self, extension, **fields):
        decided = {
            "actor": self.coordinator,
            "extension": extension,
            "version": 1,
            "reason": "Đã đủ thời gian.",
            "at": NOW,
        }
        return extensions.refuse_extension(**(decided | fields))

    def standing(self, on=AFTER):
        self.assignment.refresh_from_db()
        return self.assignment.timeliness(on)


@pytest.fixture
def scene(db):
    return Scene()


# ---------------------------------------------------------------- asking stops the clock


def test_asked_in_time_nothing_is_overdue_while_it_waits(scene):
    scene.ask()

    assert scene.standing() == Timeliness.IN_TIME
    assert timeliness_counts(Assignment.objects.all(), on=AFTER).paused == 1


def test_the_due_day_itself_is_still_in_time_to_ask(scene):
    scene.ask(at=datetime(2026, 12, 31, 23, 59, tzinfo=VIETNAM))

    assert scene.standing() == Timeliness.IN_TIME


def test_asked_too_late_it_stays_overdue_until_it_is_granted(scene):
    extension = scene.ask(at=datetime(2027, 1, 1, 0, 0, tzinfo=VIETNAM))
    assert scene.standing() == Timeliness.OVERDUE

    scene.grant(extension)

    assert scene.standing() == Timeliness.IN_TIME


def test_refused_the_first_day_counts_again(scene):
    scene.refuse(scene.ask())

    assert scene.standing() == Timeliness.OVERDUE
    assert (scene.assignment.due_on, scene.assignment.original_due_on) == (DUE, None)


def test_taken_back_the_clock_runs_on(scene):
    extension = scene.ask()

    extensions.withdraw_extension(
        actor=scene.head, extension=extension, version=1, reason="Đã kịp.", at=NOW
    )

    assert scene.standing() == Timeliness.OVERDUE


def test_the_department_is_told_what_is_asked(scene):
    scene.ask()

    notice = Notice.objects.get(person=scene.coordinator)
    assert notice.title == f"Đề nghị gia hạn nhiệm vụ {scene.assignment.task.code}"
    assert notice.body == "Từ 31/12/2026 đến 31/03/2027: Chờ kết quả đấu thầu."


@pytest.mark.parametrize(
    ("fields", "field"), [({"reason": ""}, "reason"), ({"proposed_due_on": DUE}, "proposed_due_on")]
)
def test_what_is_missing_is_said_at_its_field(scene, fields, field):
    with pytest.raises(ValidationError) as refused:
        scene.ask(**fields)

    assert set(refused.value.message_dict) == {field}


def test_one_request_waits_at_a_time(scene):
    scene.ask()

    with pytest.raises(ValidationError, match="đang có đề nghị gia hạn"):
        scene.ask()
    with pytest.raises(IntegrityError, match="plans_one_open_extension"), transaction.atomic():
        DeadlineExtensionFactory(assignment=scene.assignment)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"achievement": Achievement.COMPLETE, "done_on": date(2026, 10, 1)}, "đã hoàn thành"),
        ({"due_on": None}, "không có ngày hạn"),
        ({"task__heading_only": True}, "đường văn bản mật"),
    ],
)
def test_nothing_to_extend_is_refused(fields, said):
    assignment = AssignmentFactory(**fields)

    with pytest.raises(Denied, match=said):
        extensions.ask_for_extension(
            actor=head_of(assignment.organisation),
            assignment=assignment,
            reason="Chờ",
            proposed_due_on=LATER,
            at=NOW,
        )


def test_nobody_is_pressed_for_what_waits_for_an_answer(scene):
    assert [one.id for one in facade.owed_work(AFTER, due_by=AFTER)] == [scene.assignment.pk]

    extension = scene.ask()
    assert facade.owed_work(AFTER, due_by=AFTER) == []

    scene.refuse(extension)
    assert [one.id for one in facade.owed_work(AFTER, due_by=AFTER)] == [scene.assignment.pk]


# ---------------------------------------------------------------- deciding


def test_granted_the_day_moves_and_the_first_one_is_kept_and_explained(scene):
    scene.grant(scene.ask())

    row = Assignment.objects.get()
    assert (row.due_on, row.original_due_on, row.is_paused) == (LATER, DUE, False)
    assert row.due_why[-1] == {
        "text": "Hạn gốc 31/12/2026 được gia hạn đến hết ngày 31/03/2027.",
        "rule": "",
        "source": "Công văn số 12/SKHCN",
        "day": "2027-03-31",
    }
    assert Notice.objects.get(person=scene.clerk).title == (
        f"Đã gia hạn nhiệm vụ {row.task.code} đến 31/03/2027"
    )
    assert Entry.objects.get(action="plans.extension_granted").details["before"] == "2026-12-31"


def test_a_second_grant_keeps_the_very_first_day(scene):
    scene.grant(scene.ask())
    scene.grant(scene.ask(proposed_due_on=date(2027, 6, 30)), due_on=date(2027, 6, 30))

    row = Assignment.objects.get()
    assert (row.due_on, row.original_due_on) == (date(2027, 6, 30), DUE)


def test_who_asked_does_not_decide_in_the_other_chair(scene):
    """The department's own head may lead the department too; somebody else decides then."""
    both = leader_of(scene.plan)
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=scene.assignment.organisation)
    extension = scene.ask(actor=head)
    DeadlineExtension.objects.update(asked_by=both)

    with pytest.raises(Denied, match="không tự quyết định"):
        scene.grant(extension, actor=both)


def test_two_people_deciding_at_once_see_each_other(scene):
    extension = scene.ask()
    scene.refuse(extension)

    with pytest.raises(Conflict):
        scene.grant(extension)


MOVES = {
    ExtensionState.GRANTED: lambda scene, row: scene.grant(row, version=row.version),
    ExtensionState.REFUSED: lambda scene, row: scene.refuse(row, version=row.version),
    ExtensionState.WITHDRAWN: lambda scene, row: extensions.withdraw_extension(
        actor=scene.head, extension=row, version=row.version, reason="Đã kịp.", at=NOW
    ),
}


@pytest.mark.parametrize("target", MOVES)
@pytest.mark.parametrize("state", ExtensionState)
def test_every_move_of_every_state_is_as_the_table_says(scene, state, target):
    extension = scene.ask()
    if state != ExtensionState.WAITING:
        MOVES[state](scene, extension)
        extension.refresh_from_db()

    if target in EXTENSION_MOVES[state]:
        MOVES[target](scene, extension)
        assert DeadlineExtension.objects.get().state == target
    else:
        with pytest.raises(Denied):
            MOVES[target](scene, extension)
        assert DeadlineExtension.objects.get().state == state


@pytest.mark.parametrize("state", ExtensionState)
def test_who_may_decide_or_take_back_in_which_state(scene, state):
    extension = scene.ask()
    if state != ExtensionState.WAITING:
        MOVES[state](scene, extension)
        extension.refresh_from_db()
    places = {
        "body": scene.assignment.organisation,
        "department": scene.plan.managed_by,
        "elsewhere": AssignmentFactory(task=scene.assignment.task).organisation,
    }
    waits = state == ExtensionState.WAITING

    for role, where in itertools.product(Role, places):
        actor = PersonFactory(role=role, organisation=places[where], second_factor=False)
        assert rules.decide_extension.allows(actor, extension) == (
            waits
            and where == "department"
            and role in {Role.DEPARTMENT_COORDINATOR, Role.DEPARTMENT_LEADER}
        ), (role, where)
        assert rules.withdraw_extension.allows(actor, extension) == (
            waits and where == "body" and role == Role.UNIT_HEAD
        ), (role, where)


# ---------------------------------------------------------------- counted both ways


def test_done_by_the_extended_day_is_on_time_and_late_by_the_first(scene):
    scene.grant(scene.ask())
    EvidenceFactory(assignment=scene.assignment)
    post_update(
        actor=scene.clerk,
        assignment=scene.assignment,
        version=1,
        at=datetime(2027, 2, 1, 9, tzinfo=VIETNAM),
        narrative="Xong.",
        achievement=Achievement.COMPLETE,
    )

    counts = timeliness_counts(Assignment.objects.all(), on=date(2027, 2, 2))

    assert (counts.on_time, counts.on_time_originally, counts.extended) == (1, 0, 1)


def test_done_while_it_waits_is_judged_by_the_day_that_holds_until_it_is_granted(scene):
    extension = scene.ask()
    EvidenceFactory(assignment=scene.assignment)
    at = datetime(2027, 1, 10, 9, tzinfo=VIETNAM)
    post_update(
        actor=scene.clerk,
        assignment=scene.assignment,
        version=1,
        at=at,
        narrative="Xong.",
        achievement=Achievement.COMPLETE,
    )
    assert scene.standing() == Timeliness.LATE

    scene.grant(extension, at=at)

    assert scene.standing() == Timeliness.ON_TIME


def test_a_plan_that_ends_leaves_nothing_waiting(scene):
    scene.ask()

    ending.end_plan(
        actor=scene.coordinator,
        plan=scene.plan,
        version=1,
        last_day=date(2026, 12, 25),
        basis="Quyết định số 12/QĐ-UBND",
        at=NOW,
    )

    row = Assignment.objects.get()
    assert (row.due_on, row.is_paused) == (None, False)
    assert DeadlineExtension.objects.get().answer == "Kế hoạch kết thúc ngày 25/12/2026."


DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
FATES = st.sampled_from(["never asked", "waiting", "granted", "refused", "withdrawn"])
ROWS = st.lists(
    st.tuples(DAYS, st.integers(1, 400), st.none() | DAYS, FATES, st.integers(-60, 60)), max_size=8
)


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, on=DAYS)
def test_whatever_is_asked_and_decided_the_four_sum_and_the_database_agrees(rows, on):
    scene_plan = PlanFactory()
    task = TaskFactory(plan=scene_plan)
    coordinator = coordinator_of(scene_plan)
    for due_on, more, done_on, fate, asked_before in rows:
        row = AssignmentFactory(task=task, due_on=due_on)
        head = head_of(row.organisation)
        asked = datetime.combine(
            due_on - timedelta(days=asked_before), datetime.min.time(), tzinfo=VIETNAM
        )
        if fate != "never asked":
            extension = extensions.ask_for_extension(
                actor=head,
                assignment=row,
                reason="Chờ",
                proposed_due_on=due_on + timedelta(days=more),
                at=asked,
            )
            decide = {"extension": extension, "version": 1, "at": asked}
            if fate == "granted":
                extensions.grant_extension(
                    actor=coordinator, due_on=extension.proposed_due_on, basis="CV", **decide
                )
            elif fate == "refused":
                extensions.refuse_extension(actor=coordinator, reason="Không", **decide)
            elif fate == "withdrawn":
                extensions.withdraw_extension(actor=head, reason="Kịp", **decide)
        if done_on:
            Assignment.objects.filter(pk=row.pk).update(
                done_on=done_on, achievement=Achievement.COMPLETE
            )
    stored = Assignment.objects.filter(task=task)

    counts = timeliness_counts(stored, on=on)

    told = [row.timeliness(on) for row in stored.order_by("pk")]
    in_sql = stored.annotate(standing=timeliness_case(on)).order_by("pk")
    assert counts.total == len(rows)
    assert [row.standing for row in in_sql] == told
    assert {kind: counts.of(kind) for kind in Timeliness} == {
        kind: told.count(kind) for kind in Timeliness
    }
    assert 0 <= counts.on_time_originally <= counts.on_time
    assert counts.extended == sum(fate == "granted" for *_rest, fate, _asked in rows)
    # Nothing is overdue whose clock stands still, and a refusal leaves no trace on the clock.
    assert not any(row.is_paused and row.timeliness(on) == Timeliness.OVERDUE for row in stored)


# ---------------------------------------------------------------- pages


@pytest.fixture
def in_december():
    with time_machine.travel(NOW, tick=False):
        yield


def page_of(client, name, *args):
    return client.get(reverse(f"plans:{name}", args=args))


@pytest.mark.usefixtures("in_december")
def test_a_head_asks_with_a_paper_and_the_department_grants(client, scene):
    client.force_login(scene.head)
    url = reverse("plans:ask_extension", args=[scene.assignment.pk])
    client.post(
        url,
        {
            "proposed_due_on": "31/03/2027",
            "reason": "Chờ kết quả đấu thầu.",
            "content": SimpleUploadedFile("cv.pdf", PDF),
        },
    )
    extension = DeadlineExtension.objects.get()
    assert extension.upload.name == "cv.pdf"
    assert "Đang xin gia hạn" in page_of(client, "assignment", scene.assignment.pk).content.decode()

    client.force_login(scene.coordinator)
    paper = client.get(reverse("files:download", args=[extension.upload_id]))
    assert b"".join(paper) == PDF
    assert "Quyết định" in page_of(client, "extension", extension.pk).content.decode()
    client.post(
        reverse("plans:extension", args=[extension.pk]),
        {"version": 1, "due_on": "28/02/2027", "basis": "Công văn số 12/SKHCN"},
    )

    shown = page_of(client, "assignment", scene.assignment.pk).content.decode()
    assert "Hạn gốc 31/12/2026, gia hạn đến 28/02/2027" in shown
    assert "Công văn số 12/SKHCN" in shown


@pytest.mark.usefixtures("in_december")
def test_refusing_and_taking_back_go_through_a_page_that_asks_why(client, scene):
    first = scene.ask()
    client.force_login(scene.coordinator)
    url = reverse("plans:refuse_extension", args=[first.pk])
    assert "Không đồng ý gia hạn?" in client.get(url).content.decode()
    client.post(url, {"version": 1, "reason": "Đã đủ thời gian."})

    second = scene.ask()
    client.force_login(scene.head)
    client.post(
        reverse("plans:withdraw_extension", args=[second.pk]), {"version": 1, "reason": "Đã kịp."}
    )

    assert list(DeadlineExtension.objects.order_by("pk").values_list("state", flat=True)) == [
        "refused",
        "withdrawn",
    ]


@pytest.mark.usefixtures("in_december")
def test_other_bodies_see_nothing_of_it(client, scene):
    extension = scene.ask()
    client.force_login(head_of(AssignmentFactory(task=scene.assignment.task).organisation))

    assert page_of(client, "extension", extension.pk).status_code == 404
    assert "Chờ kết quả" not in page_of(client, "extensions").content.decode()


@pytest.mark.usefixtures("in_december")
def test_the_list_costs_the_same_for_one_and_for_many(client, scene):
    scene.ask()
    client.force_login(scene.coordinator)
    page_of(client, "extensions")
    with CaptureQueriesContext(connection) as one:
        page_of(client, "extensions")

    for _ in range(3):
        DeadlineExtensionFactory(assignment__task=scene.assignment.task)
    with CaptureQueriesContext(connection) as many:
        shown = page_of(client, "extensions")

    assert len(many) == len(one)
    assert shown.content.decode().count("Chờ quyết định") >= 4


def test_flows_learn_what_waits_and_for_whom(scene):
    extension = scene.ask()

    assert [one.id for one in facade.extensions_waiting_for(scene.coordinator)] == [extension.pk]
    assert facade.extensions_waiting_for(scene.head) == []
    own = facade.extensions_asked_by([scene.assignment.organisation_id])
    assert [(one.due_on, one.stops_the_clock) for one in own] == [(DUE, True)]


@pytest.mark.usefixtures("in_december")
def test_a_clerk_is_told_that_the_head_asks_for_more_time(client, scene):
    hint = "Thủ trưởng cơ quan xin gia hạn tại trang này."
    for person, says in [(scene.clerk, True), (scene.head, False), (scene.coordinator, False)]:
        client.force_login(person)
        page = page_of(client, "assignment", scene.assignment.pk).content.decode()
        assert (hint in page) == says
