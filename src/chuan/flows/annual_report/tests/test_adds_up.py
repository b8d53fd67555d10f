"""Counts on the department's pages add up to everybody, and say what they are counts of."""

import pytest
from django.urls import reverse

from chuan.flows.annual_report.enums import ReportState
from chuan.flows.annual_report.testing import a_situation

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def visit(client):
    def go(person, name, *args):
        client.force_login(person)
        return client.get(reverse(f"annual_report:{name}", args=args), follow=True)

    return go


def words(response):
    return " ".join(response.content.decode().split())


@pytest.fixture
def coming_in(shelf):
    """Four bodies: one accepted, one sent, one being mended, one that sent nothing."""
    situation = a_situation(bodies=4)
    situation.accept(0)
    situation.submit(1)
    situation.return_it(2)
    return situation


@pytest.mark.parametrize("state", ReportState)
def test_the_filters_of_the_list_add_up_whatever_state_reports_are_in(shelf, visit, state):
    situation = a_situation(bodies=3)
    situation.report_in(state)

    everything, *parts = visit(situation.coordinator, "list").context["choices"]

    assert everything.count == 3
    assert sum(part.count for part in parts) == 3


@pytest.mark.parametrize("state", ReportState)
def test_each_filter_lists_as_many_as_it_says(shelf, visit, client, state):
    situation = a_situation(bodies=3)
    situation.report_in(state)

    _everything, *parts = visit(situation.coordinator, "list").context["choices"]

    for part in parts:
        listed = client.get(reverse("annual_report:list") + part.url).context["collected"]
        assert listed.count == part.count


def test_before_the_first_consolidation_what_is_counted_is_what_was_accepted(coming_in, visit):
    page = visit(coming_in.coordinator, "collection", coming_in.period.pk)

    text = words(page)
    assert "1/4</b> báo cáo đã duyệt, sẵn sàng tổng hợp" in text
    assert "(25,0%)" in text.replace(" %", "%").replace("\xa0%", "%")
    assert "Công thức: đã duyệt / phải gửi" in text
    assert "đã đưa vào" not in text.lower()
    assert page.context["share"] == 25
    assert sum(part.value for part in page.context["bar"]) == 4


def test_a_consolidation_counts_what_is_in_it(coming_in, visit):
    made = coming_in.consolidate()

    page = visit(coming_in.coordinator, "consolidation", made.pk)

    assert "Công thức: đã đưa vào / phải gửi" in words(page)
    assert page.context["share"] == 25
    assert sum(part.value for part in page.context["bar"]) == 4


def test_whoever_closes_reads_who_is_left_outside_and_opens_each_list(coming_in, visit, client):
    made = coming_in.consolidate()

    page = visit(coming_in.leader, "close", made.pk)

    left_out = page.context["left_out"]
    assert [(said, number) for said, number, _url in left_out] == [
        ("chờ duyệt", 1),
        ("trả lại, đang chỉnh lý", 1),
        ("chưa gửi", 1),
    ]
    for _said, number, url in left_out:
        assert url.replace("&", "&amp;") in words(page)
        assert client.get(url).context["collected"].count == number


def test_where_everybody_is_in_closing_has_nothing_to_warn_of(situation, visit):
    situation.accept()
    made = situation.consolidate()

    page = visit(situation.leader, "close", made.pk)

    assert page.context["left_out"] == []
    assert "Chưa có trong bản này" not in words(page)


# ---------------------------------------------------------------- returning


def test_a_report_without_comments_offers_to_return_it_and_says_what_is_needed_first(
    situation, visit
):
    report = situation.submit()
    address = reverse("annual_report:return", args=[report.pk])

    assert f'href="{address}"' in words(visit(situation.coordinator, "review", report.pk))

    answer = visit(situation.coordinator, "return", report.pk)

    assert "trước hết ghi ít nhất một ý kiến" in words(answer)
    report.refresh_from_db()
    assert report.state == ReportState.SUBMITTED


def test_who_may_not_return_a_report_is_not_offered_to(situation, visit):
    report = situation.submit()

    assert "Trả lại</a>" not in words(visit(situation.leader, "review", report.pk))
