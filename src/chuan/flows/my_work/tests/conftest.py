import pytest
import time_machine

from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation


@pytest.fixture
def shelf(monkeypatch):
    return Shelf().put(monkeypatch)


@pytest.fixture
def situation(shelf, db):
    return a_situation()


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(IN_TIME, tick=False):
        yield
