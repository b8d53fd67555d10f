"""Every page of the demonstration, as every role meets it: it opens, reads well and fits a phone."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import timedelta

import pytest
from django.template import engines
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from chuan.config.testing import run_folder
from chuan.core.people.models import Person
from chuan.flows.annual_report.models import ReportingPeriod, UnitReport
from chuan.flows.demo.operations import BUSINESS, KNOWN, load_demo
from chuan.modules.plans.models import ProgressUpdate
from tests.browser import axe
from tests.browser.visits import shape_faults
from tests.browser.walk import Found, walk

PARTS = 6


@pytest.fixture
def demo(start_from, settings):
    """The demonstration, and every page its people are led to."""
    settings.CHUAN_DEMO = True  # its accounts need no second factor
    start_from("demo", load_and_walk)
    rows = json.loads(_found_in().read_text())
    return [Found(**row) for row in rows]


def load_and_walk() -> None:
    load_demo(lambda _words: None)
    found: list[Found] = []
    engines["django"].engine.string_if_invalid = "⟦%s⟧"
    with override_settings(CHUAN_DEMO=True, ALLOWED_HOSTS=["testserver"]):
        for known in {
            (known.role, known.organisation == BUSINESS): known for known in KNOWN
        }.values():
            client = Client(raise_request_exception=False)
            client.force_login(Person.objects.get(username=known.username))
            found += walk(client, known.username)
    engines["django"].engine.string_if_invalid = ""
    _found_in().write_text(json.dumps([asdict(one) for one in found]))


def _found_in():
    return run_folder() / "pages-of-the-demo.json"


def test_no_link_leads_nowhere(demo):
    assert [
        f"{one.path} answered {one.status} to {one.username}, linked from {one.linked_from}"
        for one in demo
        if one.status != 200
    ] == []


def test_no_page_has_a_gap(demo):
    assert {f"{one.kind}: {one.gaps}" for one in demo if one.gaps} == set()


def test_nothing_is_told_before_it_was_given_out_or_after_today(demo):
    tomorrow = timezone.now() + timedelta(days=1)
    told = ProgressUpdate.objects.select_related("assignment")

    too_early = [
        update.pk
        for update in told
        if timezone.localdate(update.made_at)
        < max(timezone.localdate(update.assignment.created_at), update.assignment.period_start)
    ]

    assert told
    assert too_early == []
    assert not told.filter(made_at__gte=tomorrow).exists()


def test_reports_of_the_demonstration_are_counted_when_their_data_are_complete(demo):
    late = [
        report.pk
        for report in UnitReport.objects.filter(
            synced_at__isnull=False, period__year=2026
        ).select_related("period")
        if timezone.localdate(report.synced_at) < report.period.data_to
    ]

    assert late == []


def test_the_decision_on_reports_that_ended_bodies_left_open_can_be_looked_at(demo):
    shown = {
        reverse("annual_report:left_decide", args=[pk])
        for pk in ReportingPeriod.objects.values_list("pk", flat=True)
    }

    assert [one.username for one in demo if one.path.split("?")[0] in shown] == ["dieuphoi"]


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_read_well_and_fit_a_phone(demo, open_page, part):
    """Every kind of page with every set of parts it is shown with; a third of them in the dark."""
    faults = []
    theme = "dark" if part % 3 == 0 else "light"
    for username, pages in by_person(different(demo)[part::PARTS]):
        person = Person.objects.get(username=username)
        page = open_page("/tro-giup/", person=person, width=360, theme=theme)
        for one in pages:
            page.set_viewport_size({"width": 360, "height": 900})
            page.goto(one.path)
            found = shape_faults(page) + axe.violations(page)
            for width in (320, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                found += shape_faults(page)
            faults += [f"{one.path} for {username}: {fault}" for fault in found]
    assert faults == []


def different(found: list[Found]) -> list[Found]:
    """One of those that look alike; the first person who met it."""
    pages = [one for one in found if one.is_page and one.status == 200]
    alike = {(one.kind.split("?")[0], one.parts): one for one in reversed(pages)}
    return sorted(alike.values(), key=lambda one: (one.kind, one.username, one.path))


def by_person(found: list[Found]) -> list[tuple[str, list[Found]]]:
    people = sorted({one.username for one in found})
    return [(name, [one for one in found if one.username == name]) for name in people]
