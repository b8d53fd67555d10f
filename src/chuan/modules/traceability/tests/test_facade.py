import pytest

from chuan.modules.traceability import facade
from chuan.modules.traceability.models import AccessKey

pytestmark = pytest.mark.django_db


def test_an_operator_makes_a_key_and_revokes_it():
    text = facade.add_key(name="Cảng", scopes=["query"], by="a test")

    assert text.startswith("chuan_")
    assert AccessKey.objects.get(name="Cảng").scopes == ["query"]
    facade.revoke_key(name="Cảng", by="a test")
    assert AccessKey.objects.get(name="Cảng").revoked_at


@pytest.mark.parametrize("scopes", [[], ["everything"], ["query", "everything"]])
def test_a_key_for_nothing_known_is_refused(scopes):
    with pytest.raises(facade.KeyRefused):
        facade.add_key(name="Cảng", scopes=scopes, by="a test")
    assert not AccessKey.objects.exists()


def test_a_name_in_use_and_one_not_in_use_are_refused():
    facade.add_key(name="Cảng", scopes=["query"], by="a test")

    with pytest.raises(facade.KeyRefused):
        facade.add_key(name="Cảng", scopes=["query"], by="a test")
    with pytest.raises(facade.KeyRefused):
        facade.revoke_key(name="Chợ", by="a test")
