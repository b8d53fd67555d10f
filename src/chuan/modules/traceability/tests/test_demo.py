import pytest
from django.urls import reverse
from django.utils import timezone

from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.traceability.demo import labels_to_scan, load_chains
from chuan.modules.traceability.enums import Fate, Outcome, RecallState
from chuan.modules.traceability.models import Link, LinkFile, Lot, Party, Recall, Subscription
from chuan.modules.traceability.queries.recalls import progress_of

pytestmark = pytest.mark.django_db


def test_the_chain_is_loaded_once_marked_and_opens(client):
    body, department = OrganisationFactory(), OrganisationFactory()
    people = {
        "keeper": PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department),
        "leader": PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department),
        "producer": PersonFactory(role=Role.UNIT_HEAD, organisation=body),
    }

    for _time in range(2):
        load_chains(**people, organisation=body, say=lambda _words: None)

    assert not Party.objects.filter(is_demo=False).exists()
    assert LinkFile.objects.filter(loaded_at=None).count() == 1
    assert Link.objects.count() == 4
    lot = Lot.objects.select_related("product").get(number="S-2611")
    page = client.get(reverse("scan:show", args=[f"01/{lot.product.gtin}/10/{lot.number}"])).text
    assert page.count("Thu hoạch") == 2
    assert "minh họa" in page
    assert reverse("scan:picture", args=[lot.product_id]) in page
    assert "verdict-bad" not in page


def test_a_receiver_that_does_not_answer_is_asked_again_and_another_waits_for_its_hour(client):
    body, department = OrganisationFactory(), OrganisationFactory()
    load_chains(
        keeper=PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department),
        leader=PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department),
        producer=PersonFactory(role=Role.UNIT_HEAD, organisation=body),
        organisation=body,
        say=lambda _words: None,
    )
    client.force_login(PersonFactory(role=Role.SYSTEM_ADMINISTRATOR))

    page = client.get(reverse("traceability:subscriptions")).text

    stream, morning = Subscription.objects.order_by("pk")
    assert (stream.failure_count, stream.due_at > stream.failed_at) == (1, True)
    assert (morning.failure_count, timezone.localtime(morning.due_at).hour) == (0, 6)
    assert "Bên nhận chưa nhận" in page


def test_the_recall_has_come_some_way_and_its_labels_warn(client):
    body, department = OrganisationFactory(), OrganisationFactory()
    load_chains(
        keeper=PersonFactory(role=Role.DEPARTMENT_COORDINATOR, organisation=department),
        leader=PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=department),
        producer=PersonFactory(role=Role.UNIT_HEAD, organisation=body),
        organisation=body,
        say=lambda _words: None,
    )

    told = progress_of(Recall.objects.get(state=RecallState.ISSUED))

    assert {fate for fate, count in told.by_fate.items() if count} == {
        *(Fate.HELD, Fate.IN_TRANSIT, Fate.SOLD, Fate.EXPORTED)
    }
    assert {outcome for outcome, count in told.by_outcome.items() if count} == {
        *(Outcome.OPEN, Outcome.FOUND, Outcome.RETURNED, Outcome.DESTROYED)
    }
    pages = {words: client.get(path).text for words, path in labels_to_scan()}
    assert [len(page.split("verdict-bad")) - 1 for page in pages.values()] == [0, 1, 0]
    assert "Kiện hàng" in pages["kiện hàng | a pallet"]
    assert "Bên trong" in pages["kiện hàng | a pallet"]
    lot = Lot.objects.select_related("product").get(number="S-2610")
    page = client.get(reverse("scan:show", args=[f"01/{lot.product.gtin}/21/S-2610-001"])).text
    assert "verdict-bad" in page
    assert Recall.objects.filter(state=RecallState.DRAFT).count() == 1
