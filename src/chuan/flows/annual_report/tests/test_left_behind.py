"""What a body leaves open when it ends is seen by all whom it concerns, and somebody decides."""

from datetime import date

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from chuan.core.notices.models import Notice
from chuan.core.orgs import queries as orgs
from chuan.core.orgs.testing import a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import LeftFate, ReportState
from chuan.flows.annual_report.models import UnitReport
from chuan.flows.annual_report.operations.left_behind import (
    exclude_left_reports,
    readmit_left_reports,
)
from chuan.flows.annual_report.queries.left_behind import LeftSum, count_open, left_behind
from chuan.flows.annual_report.queries.reports import reports_visible_to
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

# After the data of 2026, before the reports are due.
MERGED_ON = date(2026, 11, 5)
TODAY = IN_TIME.date()
OVERSEERS = (Role.PROVINCIAL_LEADER, Role.AUDITOR, Role.SYSTEM_ADMINISTRATOR)


@pytest.fixture
def world(monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    return a_situation(bodies=3, tasks=1)


def merged(world, bodies, name="UBND xã Mới"):
    """The body that took over, after the merger."""
    event = commit(
        a_merger(actor=world.coordinator, before=bodies, on=MERGED_ON, name=name),
        preparer=world.coordinator,
        confirmer=PersonFactory(role=Role.SYSTEM_ADMINISTRATOR),
    )
    for person in [*world.clerks, *world.heads, world.coordinator]:
        person.forget_grants()
    return event.links.first().successor, event


def test_a_preview_names_the_open_reports_of_a_body_that_ends_also_after_the_data_day(world):
    world.start(0)
    world.accept(1)
    event = a_merger(actor=world.coordinator, before=world.bodies[:2], on=MERGED_ON)

    look = orgs.preview(event, world.coordinator)

    [found] = [one for one in look.consequences if one.key == "annual-report-open"]
    assert (found.found.count, len(found.found.samples)) == (1, 1)
    assert str(found.found.samples[0].title).startswith("Báo cáo năm 2026, ")


def test_the_sum_over_reports_of_bodies_that_ended_holds_from_end_to_decision(world, client):
    world.start(0)
    world.submit(1)
    world.accept(2)
    merged(world, world.bodies)

    assert left_behind(world.period, TODAY).sum == LeftSum(total=3, accepted=1, waiting=2)
    assert count_open(world.period, TODAY) == 2

    world.accept(1)
    client.force_login(world.coordinator)
    exclude = reverse("annual_report:exclude", args=[world.reports[0].pk]) + "?tu=con-do"
    form = client.get(exclude).content.decode()
    assert "kết thúc hoạt động từ ngày 05/11/2026; phần việc còn lại do UBND xã Mới" in form
    answer = client.post(exclude, {"reason": "Do UBND xã Mới báo cáo."})

    assert answer.url == reverse("annual_report:left_behind", args=[world.period.pk])
    assert left_behind(world.period, TODAY).sum == LeftSum(total=3, accepted=2, excluded=1)


def test_the_page_names_who_goes_on_and_offers_what_can_be_done(world, client):
    world.start(0)
    world.submit(1)
    heir, event = merged(world, world.bodies[:2])
    UnitReport.objects.create(period=world.period, organisation=heir, updated_at=IN_TIME)
    client.force_login(world.coordinator)

    page = client.get(reverse("annual_report:left_behind", args=[world.period.pk]))
    text = page.content.decode()

    assert text.count(reverse("orgs:show", args=[heir.pk])) >= 2
    assert "Xem và duyệt" in text
    assert text.count("Loại trừ…") == 2
    told = client.get(reverse("orgs:event", args=[event.pk])).content.decode()
    assert "2 báo cáo còn dở chờ quyết định" in told


def test_nobody_is_asked_to_mend_the_report_of_a_body_that_is_no_more(world):
    world.submit(0)
    merged(world, world.bodies[:1])

    with pytest.raises(Denied, match="không ai chỉnh lý"):
        rules.have_it_mended.require(world.coordinator, world.reports[0])
    assert rules.accept_report.allows(world.coordinator, world.reports[0])


def test_who_took_over_whole_reads_what_was_left_and_writes_nothing_in_it(world):
    world.start(0)
    heir, _event = merged(world, world.bodies[:1])
    clerk = PersonFactory(role=Role.UNIT_CLERK, organisation=heir)
    report = world.reports[0]

    assert rules.read_report.allows(clerk, report)
    assert report in reports_visible_to(clerk)
    assert not rules.enter_report.allows(clerk, report, on=TODAY)
    assert not rules.read_report.allows(clerk, world.reports[1])
    assert not rules.read_report.allows(world.clerks[1], report)


def test_what_was_left_costs_the_same_for_one_report_and_many(world, client):
    merged(world, world.bodies[:1])
    client.force_login(world.coordinator)
    address = reverse("annual_report:left_behind", args=[world.period.pk])
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as one:
        client.get(address)
    merged(world, world.bodies[1:], name="UBND xã Khác")
    with CaptureQueriesContext(connection) as three:
        page = client.get(address)
    assert page.context["table"].count == 3
    assert len(one) == len(three)


def test_a_report_that_was_accepted_stays_as_it_was(world):
    world.accept(0)
    merged(world, world.bodies[:1])

    report = world.reports[0]
    assert report.state == ReportState.ACCEPTED
    assert report.organisation_id == world.bodies[0].pk
    assert left_behind(world.period, TODAY).reports == ()


def seen(*reports):
    return {one.pk: UnitReport.objects.get(pk=one.pk).revision for one in reports}


def leave_out(world, *reports, actor=None, fate=LeftFate.HAND_ON, **given):
    return exclude_left_reports(
        **{
            "actor": actor or world.coordinator,
            "period": world.period,
            "seen": seen(*reports),
            "fate": fate,
            "reason": "Sắp xếp đơn vị hành chính.",
            "basis": "Nghị quyết 1664/NQ-UBTVQH15",
            "at": IN_TIME,
            **given,
        }
    )


def test_several_are_handed_on_at_once_with_one_reason_and_the_heirs_are_told(world):
    world.start(0)
    world.submit(1)
    heir, _event = merged(world, world.bodies[:2])
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=heir)

    leave_out(world, *world.reports[:2])

    left = left_behind(world.period, TODAY)
    assert left.sum == LeftSum(total=2, excluded=2)
    assert [one.reason for one in left.excluded] == [
        "Cơ quan kết thúc hoạt động từ ngày 05/11/2026; phần việc còn lại do UBND xã Mới báo cáo."
        " Sắp xếp đơn vị hành chính. Căn cứ: Nghị quyết 1664/NQ-UBTVQH15."
    ] * 2
    assert Notice.objects.filter(person=head, title__contains="phần việc còn lại").count() == 2


def test_what_is_closed_is_nobodys_to_report(world):
    heir, _event = merged(world, world.bodies[:1])
    head = PersonFactory(role=Role.UNIT_HEAD, organisation=heir)

    leave_out(world, world.reports[0], fate=LeftFate.CLOSE)

    [one] = left_behind(world.period, TODAY).excluded
    assert one.reason == "Sắp xếp đơn vị hành chính. Căn cứ: Nghị quyết 1664/NQ-UBTVQH15."
    assert not Notice.objects.filter(person=head).exists()


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"reason": " "}, "Ghi lý do và căn cứ"),
        ({"basis": ""}, "Ghi lý do và căn cứ"),
        ({"reason": "dài " * 130}, "dài quá"),
        ({"seen": {}}, "Chọn ít nhất một"),
    ],
)
def test_a_decision_that_says_too_little_or_too_much_leaves_all_as_it_was(world, given, refusal):
    merged(world, world.bodies)

    with pytest.raises(Denied, match=refusal):
        leave_out(world, *world.reports, **given)

    assert left_behind(world.period, TODAY).sum == LeftSum(total=3, waiting=3)


def test_all_of_them_or_none(world):
    merged(world, world.bodies[:2])
    first, second, of_the_living = world.reports

    with pytest.raises(Denied, match="vẫn đang hoạt động"):
        leave_out(world, first, of_the_living)
    with pytest.raises(Denied, match="vừa thay đổi"):
        leave_out(world, first, second, seen={**seen(first), second.pk: 99})
    with pytest.raises(Denied, match="vừa thay đổi"):
        leave_out(world, first, seen={**seen(first), of_the_living.pk + 1_000: 1})
    leave_out(world, second)
    with pytest.raises(Denied):
        leave_out(world, first, second)

    assert left_behind(world.period, TODAY).sum == LeftSum(total=2, excluded=1, waiting=1)


def test_what_nobody_took_over_cannot_be_handed_on(world):
    version = world.bodies[0].versions.get()
    version.valid = DateRange(version.valid.lower, MERGED_ON)
    version.save()

    with pytest.raises(Denied, match="Chưa ghi cơ quan tiếp nhận"):
        leave_out(world, world.reports[0])
    leave_out(world, world.reports[0], fate=LeftFate.CLOSE)

    assert left_behind(world.period, TODAY).sum.excluded == 1


def test_several_are_put_back_where_they_stood(world):
    world.start(0)
    world.submit(1)
    merged(world, world.bodies[:2])
    before = {one.pk: one.state for one in UnitReport.objects.all()}
    leave_out(world, *world.reports[:2])

    readmit_left_reports(
        actor=world.coordinator,
        period=world.period,
        report_ids=[one.pk for one in world.reports[:2]],
        at=IN_TIME,
    )

    assert {one.pk: one.state for one in UnitReport.objects.all()} == before
    assert left_behind(world.period, TODAY).sum == LeftSum(total=2, waiting=2)


def test_only_who_collects_the_period_decides_about_several(world):
    merged(world, world.bodies)
    outsiders = [
        PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        *(world.leader, world.clerks[0], world.heads[0]),
        *(PersonFactory(role=role) for role in OVERSEERS),
    ]
    for person in outsiders:
        with pytest.raises(Denied):
            leave_out(world, *world.reports, actor=person)
    assert left_behind(world.period, TODAY).sum.excluded == 0
    leave_out(world, *world.reports)
    ids = [one.pk for one in world.reports]
    for person in outsiders:
        with pytest.raises(Denied):
            readmit_left_reports(actor=person, period=world.period, report_ids=ids, at=IN_TIME)
    assert left_behind(world.period, TODAY).sum.excluded == 3


def test_the_preview_says_what_becomes_of_each_and_the_page_has_the_way_back(world, client):
    world.submit(0)
    merged(world, world.bodies[:2])
    client.force_login(world.coordinator)
    page = reverse("annual_report:left_behind", args=[world.period.pk])
    decide = reverse("annual_report:left_decide", args=[world.period.pk])
    assert "Xử lý cả 2 báo cáo" in client.get(page).text

    look = client.get(decide, {"tat-ca": "1"})

    assert look.text.count("UBND xã Mới") == 2
    assert look.text.count("Đã gửi mà không được duyệt nữa") == 1
    assert left_behind(world.period, TODAY).sum.waiting == 2
    given = {
        "chon": [one.pk for one in world.reports[:2]],
        "thay": [f"{pk}-{revision}" for pk, revision in seen(*world.reports[:2]).items()],
        "fate": "hand_on",
        "reason": "Sắp xếp",
    }
    assert client.post(decide, given).status_code == 422
    assert client.post(decide, given | {"basis": "Nghị quyết 1664"}).url == page
    shown = client.get(page).text
    assert shown.count("Căn cứ: Nghị quyết 1664.") == 2
    readmit = reverse("annual_report:left_readmit", args=[world.period.pk])
    assert client.post(readmit, {"chon": given["chon"]}).url == page
    assert left_behind(world.period, TODAY).sum == LeftSum(total=2, waiting=2)


def test_the_preview_costs_the_same_for_one_report_and_many(world, client):
    merged(world, world.bodies)
    client.force_login(world.coordinator)
    decide = reverse("annual_report:left_decide", args=[world.period.pk])
    chosen = {"chon": world.reports[0].pk}
    client.get(decide, chosen)
    client.get(decide, chosen)
    with CaptureQueriesContext(connection) as one:
        client.get(decide, chosen)
    with CaptureQueriesContext(connection) as three:
        client.get(decide, {"tat-ca": "1"})

    assert len(one) == len(three)


def test_nothing_chosen_leads_back_and_says_so(world, client):
    merged(world, world.bodies)
    client.force_login(world.coordinator)

    answer = client.get(
        reverse("annual_report:left_decide", args=[world.period.pk]), {"chon": "0"}, follow=True
    )

    assert "Chọn ít nhất một báo cáo." in answer.text
