import pytest
from django.urls import reverse

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.demo import load_chains
from chuan.modules.traceability.models import Lot, Party

pytestmark = pytest.mark.django_db


def test_the_chain_is_loaded_once_marked_and_opens(client):
    body = OrganisationFactory()
    people = {
        "keeper": PersonFactory(role=Role.DEPARTMENT_COORDINATOR),
        "producer": PersonFactory(role=Role.UNIT_HEAD, organisation=body),
    }

    for _time in range(2):
        load_chains(**people, organisation=body, say=lambda _words: None)

    assert not Party.objects.filter(is_demo=False).exists()
    lot = Lot.objects.select_related("product").get(expires_on__isnull=False)
    page = client.get(reverse("scan:show", args=[f"01/{lot.product.gtin}/10/{lot.number}"])).text
    assert page.count("Thu hoạch") == 2
    assert "minh họa" in page
    assert reverse("scan:picture", args=[lot.product_id]) in page
