"""Every page of the demonstration, as every role meets it: it opens, reads well and fits a phone."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import asdict

import pytest
from django.test import Client, override_settings

from chuan.config.testing import run_folder
from chuan.core.people.models import Person
from chuan.flows.demo.operations import KNOWN, load_demo
from tests.browser.visits import Looks
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
    found = []
    with override_settings(CHUAN_DEMO=True, ALLOWED_HOSTS=["testserver"]):
        for known in {known.role: known for known in KNOWN}.values():
            client = Client(raise_request_exception=False)
            client.force_login(Person.objects.get(username=known.username))
            found += walk(client, known.username)
    _found_in().write_text(json.dumps([asdict(one) for one in found]))


def _found_in():
    return run_folder() / "pages-of-the-demo.json"


def test_no_link_leads_nowhere(demo):
    assert [
        f"{one.path} answered {one.status} to {one.username}, linked from {one.linked_from}"
        for one in demo
        if one.status != 200
    ] == []


@pytest.mark.parametrize("part", range(PARTS))
def test_pages_read_well_and_fit_a_phone(demo, open_page, part):
    """One page of each kind; those of one person in one browser, a part of them in the dark."""
    first_of_kind = {one.kind: one for one in reversed(demo) if one.is_page and one.status == 200}
    of_person = defaultdict(list)
    for one in sorted(first_of_kind.values(), key=lambda one: one.kind)[part::PARTS]:
        of_person[one.username].append(one.path)
    looks = Looks()
    theme = "dark" if part % 3 == 0 else "light"
    for username, paths in of_person.items():
        person = Person.objects.get(username=username)
        page = open_page("/tro-giup/", person=person, width=360, theme=theme)
        for path in paths:
            page.goto(path)
            looks.look(page, with_axe=True)
    assert looks.faults == []
