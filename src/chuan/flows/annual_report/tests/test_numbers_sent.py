"""What a browser never sends where a number belongs is taken for none, and breaks no page."""

import pytest
from django.urls import reverse

pytestmark = pytest.mark.django_db

# A character that str.isdigit takes for a digit and int refuses.
NO_NUMBER = "²"


@pytest.mark.parametrize("page", ["submit", "item"])
def test_a_unit_that_sends_no_number_breaks_no_page(situation, client, page):
    report = situation.fill()
    person = situation.heads[0] if page == "submit" else situation.clerks[0]
    args = [report.pk] if page == "submit" else [report.pk, report.items.get().pk]
    client.force_login(person)

    answer = client.post(
        reverse(f"annual_report:{page}", args=args),
        {"revision": NO_NUMBER, "version": "1", "resolved": NO_NUMBER},
        follow=True,
    )

    assert answer.status_code < 500
    report.refresh_from_db()
    assert report.submitted_at is None


def test_a_coordinator_who_sends_no_number_accepts_nothing(situation, client):
    report = situation.submit()
    client.force_login(situation.coordinator)

    client.post(
        reverse("annual_report:accept", args=[report.pk]), {"revision": NO_NUMBER}, follow=True
    )

    report.refresh_from_db()
    assert report.accepted is None


@pytest.mark.parametrize(
    ("page", "of_task"),
    [("include", False), ("bring_in", True), ("merge_again", True), ("close", False)],
)
def test_a_consolidation_does_not_change_by_what_is_no_number(situation, client, page, of_task):
    situation.accept()
    made = situation.consolidate()
    row = made.tasks.get()
    client.force_login(situation.leader if page == "close" else situation.coordinator)

    answer = client.post(
        reverse(f"annual_report:{page}", args=[made.pk, row.task_id] if of_task else [made.pk]),
        dict.fromkeys(["revision", "version", "mark", "bao-cao"], NO_NUMBER),
        follow=True,
    )

    assert answer.status_code < 500
    made.refresh_from_db()
    assert (made.state, made.version, made.tasks.get().version) == ("draft", 1, 1)
