from datetime import timedelta

import pytest
from django.utils import timezone

from chuan.core.audit.models import Entry
from chuan.core.orgs.testing import OrganisationFactory
from chuan.modules.traceability import facade
from chuan.modules.traceability.engine.query import Query
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.operations.keys import digest_of
from chuan.modules.traceability.queries.events import page
from chuan.modules.traceability.queries.keys import key_of
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.testing import PartyFactory, a_gln, capture, event, make_key

pytestmark = pytest.mark.django_db


def test_an_operator_makes_a_key_and_revokes_it():
    text = facade.add_key(name="Cảng", scopes=["query"], by="a test", sees_everything=True)

    assert text.startswith("chuan_")
    assert AccessKey.objects.get(name="Cảng").scopes == ["query"]
    facade.revoke_key(name="Cảng", by="a test")
    assert AccessKey.objects.get(name="Cảng").revoked_at


@pytest.mark.parametrize("scopes", [[], ["everything"], ["query", "everything"]])
def test_a_key_for_nothing_known_is_refused(scopes):
    with pytest.raises(facade.KeyRefused):
        facade.add_key(name="Cảng", scopes=scopes, by="a test", sees_everything=True)
    assert not AccessKey.objects.exists()


def test_a_name_in_use_and_one_not_in_use_are_refused():
    facade.add_key(name="Cảng", scopes=["query"], by="a test", sees_everything=True)

    with pytest.raises(facade.KeyRefused):
        facade.add_key(name="Cảng", scopes=["query"], by="a test", sees_everything=True)
    with pytest.raises(facade.KeyRefused):
        facade.revoke_key(name="Chợ", by="a test")


def test_a_key_is_made_for_a_party_by_any_of_its_numbers_or_for_the_body_it_is():
    party = PartyFactory(
        gln=a_gln(70001), tax_code="4100123456", organisation=OrganisationFactory()
    )
    whose = [
        {"party": party.gln},
        {"party": "4100123456"},
        {"party": str(party.code)},
        {"party": f"urn:uuid:{party.code}"},
        {"organisation_id": party.organisation_id},
    ]
    for number, told in enumerate(whose):
        facade.add_key(name=f"Máy {number}", scopes=["query"], by="a test", **told)
        key = AccessKey.objects.get(name=f"Máy {number}")
        assert (key.party, key.sees_everything) == (party, False)
    line = Entry.objects.filter(action="traceability.key_added").latest("pk")
    assert (line.details["party"], line.details["scopes"]) == (party.pk, ["query"])


@pytest.mark.parametrize(
    "whose",
    [
        {"party": "8934567000000"},
        {"party": "không có"},
        {"organisation_id": 0},
        {"remit": ["8934567000000"]},
    ],
)
def test_no_key_is_made_for_somebody_nobody_knows(whose):
    PartyFactory()
    with pytest.raises(facade.KeyRefused):
        facade.add_key(name="Máy", scopes=["query"], by="a test", **whose)
    assert not AccessKey.objects.exists()


def test_a_key_that_is_nobody_s_sees_what_is_told_with_it():
    texts = [
        facade.add_key(name=name, scopes=["capture", "query"], by="a test") for name in ("A", "B")
    ]
    first, second = AccessKey.objects.order_by("name")
    capture(event(1), key=first)

    assert texts[0] != texts[1]
    assert [key.sees_everything for key in (first, second)] == [False, False]
    counts = [
        len(page(Query(), sight=sight_of(key), after=None, size=9).rows) for key in (first, second)
    ]
    assert counts == [1, 0]
    assert facade.keys_in_use(at=timezone.now())[0].holder == "nobody: what is told with it"


def test_nothing_is_everything_unless_it_is_said():
    party = PartyFactory()
    keys = [make_key(party=party)[0], make_key(remit=[party])[0], make_key(remit=[])[0]]
    assert [key.sees_everything for key in keys] == [False, False, False]
    assert make_key(sees_everything=True)[0].sees_everything


def test_a_key_that_was_changed_opens_with_its_old_text_for_as_long_as_was_said():
    now = timezone.now()
    old = facade.add_key(name="Cảng", scopes=["query"], by="a test", sees_everything=True)
    new = facade.rotate_key(name="Cảng", by="a test", grace=timedelta(hours=1))

    assert new != old
    assert key_of(digest_of(new), at=now) == key_of(digest_of(old), at=now)
    assert key_of(digest_of(old), at=now) is not None
    later = now + timedelta(hours=2)
    assert key_of(digest_of(old), at=later) is None
    assert key_of(digest_of(new), at=later) is not None
    assert Entry.objects.filter(action="traceability.key_rotated").count() == 1


def test_a_key_ends_by_itself_and_is_not_changed_then():
    now = timezone.now()
    text = facade.add_key(
        name="Cảng",
        scopes=["query"],
        by="a test",
        sees_everything=True,
        expires_at=now + timedelta(hours=1),
    )
    assert key_of(digest_of(text), at=now) is not None
    assert key_of(digest_of(text), at=now + timedelta(hours=1)) is None
    AccessKey.objects.update(expires_at=now)
    with pytest.raises(facade.KeyRefused):
        facade.rotate_key(name="Cảng", by="a test", grace=timedelta())
    with pytest.raises(facade.KeyRefused):
        facade.add_key(
            name="Chợ", scopes=["query"], by="a test", sees_everything=True, expires_at=now
        )


def test_the_list_of_keys_says_whose_each_is():
    party = PartyFactory(name="Hợp tác xã Hoa")
    make_key(party=party)
    make_key(remit=[party])
    make_key(sees_everything=True)
    held = facade.keys_in_use(at=timezone.now())
    assert {one.holder for one in held} == {
        "Hợp tác xã Hoa",
        "authority: Hợp tác xã Hoa",
        "authority: everything",
    }
    assert all(one.is_good for one in held)
