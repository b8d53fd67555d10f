"""Who looks as another person sends nothing, to no address of the whole system."""

import itertools

import pytest
from django.urls import reverse

from chuan.core.access.middleware import SESSION_KEY
from chuan.core.access.models import ViewedPage
from chuan.core.access.testing import ViewingFactory
from tests.architecture.test_doors import ROUTES

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewing(client):
    viewing = ViewingFactory(open=True)
    client.force_login(viewing.asked_by)
    session = client.session
    session[SESSION_KEY] = viewing.pk
    session.save()
    return viewing


@pytest.mark.slow
@pytest.mark.parametrize("methods", [["post"], ["put", "patch", "delete"]], ids=" ".join)
def test_every_address_refuses_whatever_is_sent_but_the_end(client, viewing, methods):
    """By POST every one; the other methods take turns, as nothing asks which of them it is."""
    taken = [
        route.name
        for route, method in zip(ROUTES, itertools.cycle(methods), strict=False)
        if route.name != "access:end_viewing"
        and getattr(client, method)(route.address()).status_code != 403
    ]
    assert taken == []
    assert ViewedPage.objects.filter(viewing=viewing, status=403).count() == len(ROUTES) - 1

    assert client.post(reverse("access:end_viewing", args=[viewing.pk])).status_code == 302


def test_how_the_person_gets_in_is_shown_nowhere(client, viewing):
    theirs = [
        route
        for route in ROUTES
        if route.name.startswith(("mfa_", "access:")) and route.name != "mfa_authenticate"
    ]
    shown = [one.name for one in theirs if client.get(one.address()).status_code not in {403, 405}]
    assert len(theirs) > 20
    assert shown == []
