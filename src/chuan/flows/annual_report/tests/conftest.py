import pytest
import time_machine
from django.urls import reverse

from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation


@pytest.fixture
def shelf(monkeypatch):
    """The indicator shelf with two indicators whose numbers the test decides."""
    return Shelf().put(monkeypatch)


@pytest.fixture
def situation(shelf, db):
    return a_situation()


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(IN_TIME, tick=False):
        yield


@pytest.fixture
def visit(client):
    """`visit(person, "name", *args)`: the page as that person gets it."""

    def go(person, name, *args, query=""):
        client.force_login(person)
        return client.get(reverse(f"annual_report:{name}", args=args) + query)

    return go


@pytest.fixture
def send(client):
    """`send(person, "name", *args, field=…)`: what pressing the button does."""

    def go(person, name, *args, **data):
        client.force_login(person)
        return client.post(reverse(f"annual_report:{name}", args=args), data, follow=True)

    return go
