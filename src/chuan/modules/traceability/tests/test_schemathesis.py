"""Whatever is sent to any address, the answer is one our description knows, and no 5xx."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from chuan.modules.traceability.api.description import description
from chuan.modules.traceability.testing import event, item, make_key
from chuan.modules.traceability.tests.test_api import with_key

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CHECKS = (
    *(not_a_server_error, status_code_conformance),
    *(content_type_conformance, response_schema_conformance),
)


def described():
    """With documents of a few events: how many are taken is tried elsewhere."""
    told = description()
    body = told["components"]["schemas"]["Document"]["properties"]["epcisBody"]
    body["properties"]["eventList"]["maxItems"] = 3
    return told


schema = schemathesis.openapi.from_dict(described())
schema.app = get_wsgi_application()


@pytest.fixture
def machine(client):
    """Somebody with events, a query and a job, so that not every answer is empty."""
    machine = with_key(client, make_key()[1])
    machine.capture(event(1, bizStep="shipping"), event(2, epcList=[item(2)]))
    machine.send("queries", {"name": "q", "query": {}})
    # The connection of the test stays open, as Django's own client keeps it.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield machine
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@schema.parametrize()
@settings(
    max_examples=8,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_request_has_an_answer_that_is_described(case, machine):
    case.call_and_validate(
        headers={**machine.headers, "Accept-Encoding": "identity"}, checks=CHECKS
    )
