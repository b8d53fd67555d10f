"""Who worked in a body that is no more reads who carries on; who carries on reads what with."""

from datetime import date

import pytest
from django.urls import reverse

from chuan.core.orgs.testing import a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.testing import Shelf, a_situation

pytestmark = pytest.mark.django_db

MERGED_ON = date(2026, 11, 5)


@pytest.fixture
def world(monkeypatch):
    Shelf(counts={}, shares={}).put(monkeypatch)
    situation = a_situation(bodies=2, tasks=1)
    situation.start(0)
    return situation


def heir_of(world):
    event = commit(
        a_merger(
            actor=world.coordinator, before=world.bodies[:1], on=MERGED_ON, name="UBND xã Mới"
        ),
        preparer=world.coordinator,
        confirmer=PersonFactory(role=Role.SYSTEM_ADMINISTRATOR),
    )
    return event.links.get().successor


def desk(client, person):
    client.force_login(person)
    return client.get(reverse("my_work:list")).content.decode()


def test_the_clerk_of_a_body_that_is_no_more_reads_who_carries_the_report_on(world, client):
    heir = heir_of(world)

    page = desk(client, world.clerks[0])

    assert "kết thúc từ ngày 05/11/2026" in page
    assert f'<a href="{reverse("orgs:show", args=[heir.pk])}">UBND xã Mới</a>' in page
    assert "báo cáo tiếp là việc của" in page
    assert reverse("annual_report:show", args=[world.reports[0].pk]) in page
    assert "1 nghĩa vụ chưa hoàn thành" in page


def test_the_clerk_of_the_body_that_took_over_reads_what_came_with_it(world, client):
    heir = heir_of(world)
    report = reverse("annual_report:show", args=[world.reports[0].pk])
    clerk = PersonFactory(role=Role.UNIT_CLERK, organisation=heir)

    page = desk(client, clerk)

    assert "Tiếp nhận từ cơ quan đã kết thúc" in page
    assert f'<a href="{report}">Báo cáo năm 2026</a>' in page
    assert client.get(report).status_code == 200
    assert "1 nghĩa vụ chưa hoàn thành" in page
    assert "Tiếp nhận từ cơ quan đã kết thúc" not in desk(client, world.clerks[1])


def test_the_coordinator_is_led_to_what_waits_to_be_decided(world, client):
    heir_of(world)

    page = desk(client, world.coordinator)

    assert reverse("annual_report:left_behind", args=[world.period.pk]) in page
    assert "1 báo cáo còn dở chờ quyết định" in page
