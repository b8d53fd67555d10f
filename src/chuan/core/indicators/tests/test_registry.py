from decimal import Decimal

import pytest

from chuan.core.indicators import registry
from chuan.core.indicators.registry import Figure, Row, Unit, every_indicator, get_indicator
from chuan.lib.periods import Period
from chuan.lib.registry import Registry


@pytest.fixture(autouse=True)
def empty_shelf(monkeypatch):
    monkeypatch.setattr(registry, "_shelf", Registry(of="indicator"))


def offer(code="tests.things"):
    @registry.indicator(code=code, title="Số việc", unit=Unit.COUNT)
    def things(period, organisation, plan_id=None):
        """Everything that was
        done in the period."""
        return Figure.count(3, rows=(Row("Việc một", "/1/"),))

    return things


def test_a_function_offered_as_an_indicator_is_found_by_its_code_with_its_docstring_as_definition():
    things = offer()
    found = get_indicator("tests.things")
    assert (found.title, found.unit, found.compute) == ("Số việc", Unit.COUNT, things)
    assert found.definition == "Everything that was done in the period."
    assert found.compute(Period.year(2026), None).value == Decimal(3)


def test_indicators_come_in_the_order_of_their_codes():
    for code in ("b.two", "a.one"):
        offer(code)
    assert [one.code for one in every_indicator()] == ["a.one", "b.two"]


def test_one_code_is_one_indicator():
    offer()
    with pytest.raises(ValueError, match="registered twice"):
        offer()


def test_an_indicator_without_a_definition_is_refused():
    with pytest.raises(ValueError, match="no definition to publish"):
        registry.indicator(code="tests.x", title="x", unit=Unit.COUNT)(lambda period, org: None)


def test_a_code_nobody_offers_is_said_so():
    with pytest.raises(LookupError, match=r"tests\.nothing"):
        get_indicator("tests.nothing")


@pytest.mark.parametrize(
    ("part", "whole", "value"),
    [(0, 0, None), (0, 3, "0.0"), (1, 3, "33.3"), (2, 3, "66.7"), (3, 3, "100.0")],
)
def test_a_share_is_in_percent_and_nothing_to_measure_is_not_zero(part, whole, value):
    figure = Figure.share(part, whole)
    assert figure.value == (None if value is None else Decimal(value))
    assert (figure.numerator, figure.denominator) == (part, whole)
