"""Keys by which figures of a split body are divided: stated by one, confirmed by another."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.orgs import operations
from chuan.core.orgs.engine.proposals import Link, Part
from chuan.core.orgs.enums import ChangeKind, EventState, Share, Stance
from chuan.core.orgs.models import ApportionmentKey, Organisation
from chuan.core.orgs.queries.apportioning import keys_that_hold
from chuan.core.orgs.testing import (
    ChangeEventFactory,
    OrganisationFactory,
    SuccessionLinkFactory,
    commit,
    new_facts,
)
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db

DAY = date(2025, 7, 1)


class Split:
    def __init__(self):
        self.coordinator = PersonFactory(role=Role.DEPARTMENT_COORDINATOR)
        self.leader = PersonFactory(role=Role.DEPARTMENT_LEADER)
        self.body = OrganisationFactory(district=True, valid_to=DAY)
        self.event = ChangeEventFactory(effective_on=DAY)
        self.heirs = [OrganisationFactory(commune=True, valid_from=DAY) for _ in range(2)]
        for heir in self.heirs:
            SuccessionLinkFactory(
                event=self.event, predecessor=self.body, successor=heir, share=Share.PARTIAL
            )
        self.url = reverse("orgs:keys", args=[self.event.pk, self.body.pk])

    def state(self, *percents, basis="12/NQ-HĐND", actor=None):
        return operations.state_key(
            actor=actor or self.coordinator,
            event=self.event,
            predecessor=self.body,
            percents={
                heir.pk: Decimal(percent)
                for heir, percent in zip(self.heirs, percents, strict=False)
            },
            basis=basis,
            at=timezone.now(),
        )

    def confirm(self, key, actor=None):
        return operations.confirm_key(actor=actor or self.leader, key=key, at=timezone.now())


@pytest.fixture
def split():
    return Split()


def test_a_key_holds_once_another_person_confirmed_it(split):
    key = split.state(60, 40)
    assert keys_that_hold() == {}
    with pytest.raises(Denied, match="một người khác xác nhận"):
        split.confirm(key, split.coordinator)

    split.confirm(key)

    one, other = (heir.pk for heir in split.heirs)
    assert keys_that_hold() == {split.body.pk: {one: Decimal("0.6"), other: Decimal("0.4")}}


def test_a_later_key_ends_the_earlier_one_which_stays_to_be_seen(split):
    first = split.confirm(split.state(60, 40))
    split.state(10, 10)
    second = split.confirm(split.state(55, 45))

    first.refresh_from_db()
    assert (first.ended_by, second.ended_at) == (split.leader, None)
    assert ApportionmentKey.objects.count() == 3
    assert keys_that_hold()[split.body.pk][split.heirs[0].pk] == Decimal("0.55")


def test_a_key_taken_back_divides_nothing(split):
    key = split.confirm(split.state(60, 40))
    operations.end_key(actor=split.leader, key=key, at=timezone.now())
    assert keys_that_hold() == {}


@pytest.mark.parametrize(
    ("percents", "basis", "words"),
    [
        ((60, 41), "12/NQ", "không quá 100%"),
        ((-1, 41), "12/NQ", "không quá 100%"),
        ((), "12/NQ", "Nhập tỷ lệ"),
        ((60, 40), " ", "căn cứ"),
    ],
)
def test_a_key_needs_shares_of_at_most_the_whole_and_a_basis(split, percents, basis, words):
    with pytest.raises(ValidationError, match=words):
        split.state(*percents, basis=basis)


def test_who_took_no_part_gets_none(split):
    split.heirs[0] = OrganisationFactory(commune=True)
    with pytest.raises(ValidationError, match="đã nhận một phần"):
        split.state(60, 40)


def test_the_page_states_and_confirms(client, split):
    client.force_login(split.coordinator)
    assert split.url in client.get(reverse("orgs:event", args=[split.event.pk])).content.decode()
    first, second = (f"percent_{heir.pk}" for heir in split.heirs)
    wrong = client.post(split.url, {first: "60", second: "41", "basis": "12/NQ-HĐND"})
    assert wrong.status_code == 422
    client.post(split.url, {first: "62,5", second: "30", "basis": "12/NQ-HĐND"})
    key = ApportionmentKey.objects.get()
    page = client.get(split.url).content.decode()
    assert "62,5%" in page
    assert "7,5%" in page
    assert "cần một người khác xác nhận" in page

    client.force_login(split.leader)
    client.post(reverse("orgs:confirm_key", args=[key.pk]))
    assert "Có hiệu lực" in client.get(split.url).content.decode()
    client.post(reverse("orgs:end_key", args=[key.pk]))
    assert "Đã kết thúc" in client.get(split.url).content.decode()


def test_a_body_that_was_not_split_has_no_such_page(client, split):
    client.force_login(split.coordinator)
    strange = reverse("orgs:keys", args=[split.event.pk, split.heirs[0].pk])
    assert client.get(strange).status_code == 404


def a_split(split):
    """A body that goes over in parts to two that begin with the event, committed."""
    body = OrganisationFactory()
    event = operations.draft_event(
        actor=split.coordinator,
        kind=ChangeKind.SPLIT,
        title="Chia cơ quan",
        effective_on=DAY,
        at=timezone.now(),
        basis_text="12/NQ-HĐND",
        parts=[
            Part(str(body.pk), Stance.ENDS),
            Part("+1", Stance.BEGINS, new_facts("Sở Một")),
            Part("+2", Stance.BEGINS, new_facts("Sở Hai")),
        ],
        links=[Link(str(body.pk), new, Share.PARTIAL) for new in ("+1", "+2")],
    )
    split.event = commit(event, preparer=split.coordinator, confirmer=split.leader)
    split.body = body
    links = split.event.links.select_related("successor").order_by("pk")
    split.heirs = [link.successor for link in links]


def reverse_it(split):
    return operations.reverse_event(
        actor=split.leader, event=split.event, at=timezone.now(), reason="Nhầm tỷ lệ"
    )


@pytest.mark.parametrize("confirmed", [False, True])
def test_an_event_with_a_key_that_waits_or_holds_is_not_reversed(split, confirmed):
    a_split(split)
    key = split.state(60, 40)
    if confirmed:
        split.confirm(key)

    with pytest.raises(Denied, match="Kết thúc tỷ lệ đó trước"):
        reverse_it(split)


def test_keys_that_have_ended_do_not_keep_an_event_from_being_reversed(split):
    a_split(split)
    keys = [split.state(60, 40), split.state(70, 30)]  # the second ends the first
    split.confirm(keys[1])
    operations.end_key(actor=split.leader, key=keys[1], at=timezone.now())

    assert reverse_it(split).state == EventState.REVERSED

    assert not Organisation.objects.filter(pk__in=[one.pk for one in split.heirs]).exists()
    assert not ApportionmentKey.objects.exists()
    assert Entry.objects.get(action="orgs.event_reversed").details["keys"] == [
        key.pk for key in keys
    ]
    stated = Entry.objects.filter(action="orgs.key_stated").order_by("pk").first()
    assert sorted(stated.details["percents"].values()) == ["40", "60"]
