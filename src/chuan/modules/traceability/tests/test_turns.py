"""Documents are taken in one at a time by each process."""

import pytest

from chuan.modules.traceability.api import views
from chuan.modules.traceability.testing import event, make_key
from chuan.modules.traceability.tests.test_api import with_key

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine(client):
    return with_key(client, make_key()[1])


def test_one_document_is_read_at_a_time(machine, monkeypatch):
    taken, capture_document = [], views.capture_document

    def noted(**told):
        taken.append(views._document.locked())
        return capture_document(**told)

    monkeypatch.setattr(views, "capture_document", noted)
    machine.capture(event(1))
    assert taken == [True]
    # Whatever is wrong with one, the next has its turn.
    assert machine.send("capture", b"{").status_code == 400
    assert not views._document.locked()


def test_a_document_that_takes_long_keeps_nobody_waiting_for_good(machine, monkeypatch):
    monkeypatch.setattr(views, "_PATIENCE", 0.01)
    with views._document:
        machine.capture(event(1))
        assert views._document.locked()
