"""A task of which one of several bodies is enough: counted once, and over as soon as one did it."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chuan.core.calendar.enums import ExtensionState
from chuan.core.notices.models import Notice
from chuan.core.orgs.testing import OrganisationFactory
from chuan.lib.rules import Denied
from chuan.modules.plans import facade
from chuan.modules.plans.engine.any_of import Shared, settled
from chuan.modules.plans.engine.draft import DraftTask
from chuan.modules.plans.enums import Achievement, LeadMode, Timeliness
from chuan.modules.plans.models import Assignment
from chuan.modules.plans.operations import extensions
from chuan.modules.plans.operations.any_of import settle_any_of
from chuan.modules.plans.operations.progress import post_update
from chuan.modules.plans.parsing.bodies import read_bodies
from chuan.modules.plans.queries.any_of import companions_of
from chuan.modules.plans.queries.assignments import timeliness_counts
from chuan.modules.plans.queries.owed import owed_work
from chuan.modules.plans.queries.past import rows_on
from chuan.modules.plans.testing import (
    VIETNAM,
    AssignmentFactory,
    DeadlineExtensionFactory,
    EvidenceFactory,
    TaskFactory,
    clerk_of,
    head_of,
)

NOW = datetime(2026, 10, 1, 9, tzinfo=VIETNAM)
LATE = date(2027, 1, 15)


class Scene:
    """A task that any of three bodies may do in 2026."""

    def __init__(self, mode=LeadMode.ANY):
        self.task = TaskFactory(lead_mode=mode)
        self.rows = [
            AssignmentFactory(task=self.task, organisation=OrganisationFactory(name=name))
            for name in ("Sở Một", "Sở Hai", "Sở Ba")
        ]
        settle_any_of([self.task.pk], at=NOW - timedelta(days=30))
        self.read()

    def read(self):
        self.one, self.two, self.three = Assignment.objects.filter(task=self.task).order_by("pk")
        return [self.one, self.two, self.three]

    def tell(self, row, achievement=Achievement.COMPLETE, at=NOW):
        if achievement == Achievement.COMPLETE:
            EvidenceFactory(assignment=row, added_at=at)
        row.refresh_from_db()
        post_update(
            actor=clerk_of(row.organisation),
            assignment=row,
            version=row.version,
            narrative="Đã làm xong.",
            achievement=achievement,
            at=at,
        )
        return self.read()

    def counts(self, on=LATE):
        return timeliness_counts(Assignment.objects.filter(task=self.task), on=on)


@given(
    rows=st.lists(
        st.tuples(st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.booleans()),
        min_size=1,
        max_size=8,
    )
)
def test_exactly_one_is_counted_and_whoever_did_it_first_is_the_one(rows):
    shared = [Shared(pk, done_on, is_extra) for pk, (done_on, is_extra) in enumerate(rows)]

    places = settled(shared)

    (counted,) = [pk for pk, place in places.items() if place.counted_with is None]
    done = [row.done_on for row in shared if row.done_on]
    assert shared[counted].done_on == min(done, default=None)
    for row in shared:
        relieved = places[row.pk].relieved_on
        assert relieved == (min(done) if done and row.done_on is None else None)


@pytest.mark.django_db
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    groups=st.lists(
        st.tuples(
            st.sampled_from(LeadMode),
            st.lists(st.none() | st.dates(date(2026, 1, 1), date(2027, 6, 30)), max_size=4),
        ),
        max_size=4,
    ),
    on=st.dates(date(2026, 1, 1), date(2027, 12, 31)),
)
def test_counts_sum_to_one_for_each_task_of_which_one_body_is_enough(groups, on):
    tasks, expected = [], 0
    for mode, days in groups:
        task = TaskFactory(lead_mode=mode)
        tasks.append(task.pk)
        for done_on in days:
            AssignmentFactory(
                task=task,
                done_on=done_on,
                achievement=Achievement.COMPLETE if done_on else Achievement.NOT_STARTED,
            )
        expected += min(1, len(days)) if mode == LeadMode.ANY else len(days)
    settle_any_of(tasks, at=NOW)
    rows = Assignment.objects.filter(task__in=tasks)

    counts = timeliness_counts(rows, on=on)

    assert counts.total == expected
    assert counts.on_time + counts.late + counts.in_time + counts.overdue == counts.total
    done = rows.filter(done_on__isnull=False, counted_with__isnull=True).count()
    assert counts.done == done


@pytest.mark.django_db
def test_until_one_did_it_it_is_owed_by_each_and_counted_with_the_first():
    scene = Scene()

    assert [row.counted_with_id for row in scene.read()] == [None, scene.one.pk, scene.one.pk]
    assert {row.timeliness(LATE) for row in scene.read()} == {Timeliness.OVERDUE}
    assert scene.counts().overdue == scene.counts().total == 1
    assert owed_work(LATE, due_by=LATE).count() == 3


@pytest.mark.django_db
def test_as_soon_as_one_did_it_the_others_owe_nothing_and_are_told():
    scene = Scene()
    clerk = clerk_of(scene.three.organisation)

    one, two, three = scene.tell(scene.two)

    assert [row.relieved_on for row in (one, two, three)] == [two.done_on, None, two.done_on]
    assert [row.counted_with_id for row in (one, two, three)] == [two.pk, None, two.pk]
    assert three.timeliness(LATE) is None
    assert scene.counts().on_time == scene.counts().total == 1
    assert not owed_work(LATE, due_by=LATE).exists()
    notice = Notice.objects.get(person=clerk)
    assert notice.title == f"Cơ quan bạn không còn phải làm nhiệm vụ {scene.task.code}"


@pytest.mark.django_db
def test_where_each_body_owes_it_nobody_is_relieved():
    scene = Scene(LeadMode.EACH)

    scene.tell(scene.two)

    assert scene.counts().total == 3
    assert not Assignment.objects.filter(relieved_on__isnull=False).exists()


@pytest.mark.django_db
def test_when_the_one_that_did_it_says_it_is_not_done_all_owe_it_again():
    scene = Scene()
    scene.tell(scene.two)

    rows = scene.tell(scene.two, Achievement.LIMITED, at=NOW + timedelta(days=1))

    assert [row.relieved_on for row in rows] == [None, None, None]
    assert [row.counted_with_id for row in rows] == [None, scene.one.pk, scene.one.pk]
    assert owed_work(LATE, due_by=LATE).count() == 3


@pytest.mark.django_db
def test_a_second_body_that_did_it_as_well_is_not_counted_a_second_time():
    scene = Scene()
    scene.tell(scene.two)

    scene.tell(scene.three, at=NOW + timedelta(days=1))

    assert [scene.two.counted_with_id, scene.three.counted_with_id] == [None, scene.two.pk]
    assert scene.three.timeliness(LATE) == Timeliness.ON_TIME
    assert scene.counts().total == 1


@pytest.mark.django_db
def test_more_time_is_neither_waited_for_nor_asked_for_any_more():
    scene = Scene()
    waiting = DeadlineExtensionFactory(assignment=scene.three)
    Assignment.objects.filter(pk=scene.three.pk).update(is_paused=True)

    scene.tell(scene.two)

    waiting.refresh_from_db()
    assert waiting.state == ExtensionState.WITHDRAWN
    assert not scene.three.is_paused
    with pytest.raises(Denied, match="Cơ quan khác đã hoàn thành"):
        extensions.ask_for_extension(
            actor=head_of(scene.three.organisation),
            assignment=scene.three,
            reason="Chưa xong.",
            proposed_due_on=LATE,
            at=NOW,
        )


@pytest.mark.django_db
def test_the_day_before_it_was_done_they_still_owed_it():
    scene = Scene()
    scene.tell(scene.two)

    (before,) = rows_on(date(2026, 9, 30)).filter(organisation=scene.three.organisation)
    (after,) = rows_on(date(2026, 10, 1)).filter(organisation=scene.three.organisation)

    assert [before.relieved_on, after.relieved_on] == [None, date(2026, 10, 1)]
    assert before.timeliness(LATE) == Timeliness.OVERDUE


@pytest.mark.django_db
def test_others_learn_through_the_door_who_did_it():
    scene = Scene()
    scene.tell(scene.two)

    found = facade.assignments_in(scene.task.plan_id, 2026, on=date(2026, 10, 2))

    by = {ref.organisation_id: ref.done_by for ref in found}
    name = scene.two.organisation.versions.get().short_name
    assert sorted(by.values()) == ["", name, name]
    assert by[scene.two.organisation_id] == ""
    assert len({ref.any_of for ref in found}) == 1


@pytest.mark.django_db
def test_its_page_says_who_else_may_do_it_and_who_did(client):
    scene = Scene()
    scene.tell(scene.two)
    client.force_login(clerk_of(scene.three.organisation))

    page = client.get(reverse("plans:assignment", args=[scene.three.pk])).content.decode()

    assert "Cơ quan khác đã làm, cơ quan này không còn phải làm" in page
    assert scene.two.organisation.versions.get().short_name in page


@pytest.mark.django_db
def test_one_body_and_many_take_the_same_queries():
    task = TaskFactory(lead_mode=LeadMode.ANY)
    AssignmentFactory(task=task, complete=True)

    def queries():
        AssignmentFactory(task=task)
        settle_any_of([task.pk], at=NOW)
        row = Assignment.objects.filter(task=task).earliest("pk")
        with CaptureQueriesContext(connection) as of_settling:
            settle_any_of([task.pk], at=NOW)
        with CaptureQueriesContext(connection) as of_refs:
            assert len(facade.assignments_in(task.plan_id, 2026, on=LATE)) > 1
        with CaptureQueriesContext(connection) as of_page:
            assert companions_of(row)
        return len(of_settling), len(of_refs), len(of_page)

    first = queries()

    assert [queries() for _ in range(3)][-1] == first


def test_the_wizard_suggests_it_where_the_decision_says_or():
    names = tuple(one.name for one in read_bodies("Sở Tài chính hoặc Sở Nội vụ"))
    task = DraftTask("t1", lead=names, excerpt="Sở Tài chính hoặc\nSở Nội vụ\nHàng năm")
    listed = DraftTask("t2", lead=names, excerpt="Sở Tài chính; Sở Nội vụ\nbáo cáo hoặc văn bản")

    assert len(names) == 2
    assert task.suggests_any_lead
    assert not listed.suggests_any_lead
    assert task.lead_mode == LeadMode.EACH
