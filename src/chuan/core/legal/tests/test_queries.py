from datetime import date

import pytest

from chuan.core.legal.models import LegalSource
from chuan.core.legal.queries import NoStatutoryValue, in_force, sources, statute, statutes
from chuan.core.legal.testing import LegalSourceFactory, StatutoryParameterFactory

pytestmark = pytest.mark.django_db


def test_the_value_is_the_one_in_force_on_the_day():
    source = LegalSourceFactory(notation="30/2020/NĐ-CP", is_verified=False)
    days = {"valid_from": date(2020, 1, 1), "valid_to": date(2026, 1, 1)}
    StatutoryParameterFactory(code="a", value=5, source=source, clause="Điều 7", **days)
    StatutoryParameterFactory(code="a", value=3, valid_from=date(2026, 1, 1))

    assert statute("a", on=date(2025, 12, 31)).value == 5
    assert statute("a", on=date(2026, 1, 1)).value == 3
    assert statute("a", on=date(2025, 12, 31)).citation == "Điều 7, 30/2020/NĐ-CP"
    assert not statute("a", on=date(2025, 12, 31)).is_verified


def test_a_day_nobody_has_a_value_for_says_so_in_words():
    StatutoryParameterFactory(code="a", valid_from=date(2026, 1, 1))
    with pytest.raises(NoStatutoryValue, match=r"tham số a cho ngày 31/12/2025"):
        statute("a", on=date(2025, 12, 31))


@pytest.mark.parametrize("how_many", [1, 3])
def test_several_values_cost_one_query(django_assert_num_queries, how_many):
    for number in range(how_many):
        StatutoryParameterFactory(code=f"p{number}", value=number)
    with django_assert_num_queries(1):
        found = statutes([f"p{number}" for number in range(4)], on=date(2026, 1, 1))
    assert {code: one.value for code, one in found.items()} == {
        f"p{number}": number for number in range(how_many)
    }


def test_sources_in_force_on_a_day():
    LegalSourceFactory(
        notation="old", effective_from=date(2019, 1, 1), effective_to=date(2026, 1, 1)
    )
    LegalSourceFactory(notation="new", effective_from=date(2026, 1, 1))
    LegalSourceFactory(notation="undated", effective_from=None)

    def on(day):
        return {source.notation for source in LegalSource.objects.filter(in_force(day))}

    assert on(date(2025, 12, 31)) == {"old", "undated"}
    assert on(date(2026, 1, 1)) == {"new", "undated"}


@pytest.mark.parametrize(
    "typed", ["dan su", "DÂN SỰ", "bo luat 91/2015", "da\u0302n su\u031b\u0323"]
)
def test_sources_are_found_without_tones(typed):
    LegalSourceFactory(notation="45/2019/QH14", title="Bộ luật Lao động")
    code = LegalSourceFactory(notation="91/2015/QH13", title="Bộ luật Dân sự")
    assert list(sources(text=typed)) == [code]
