"""What events say became of goods: held, on the way, sold, used up, gone abroad, destroyed."""

from __future__ import annotations

from typing import Final

from chuan.modules.traceability.engine.vocabulary import Vocabulary, web_uri
from chuan.modules.traceability.enums import Fate

HOME: Final = frozenset({"VN", "VNM", "704"})


def _step(*names: str) -> frozenset[str]:
    return frozenset(web_uri(name, Vocabulary.BIZ_STEP) for name in names)


def _state(*names: str) -> frozenset[str]:
    return frozenset(web_uri(name, Vocabulary.DISPOSITION) for name in names)


# In this order: who destroys goods in transit has destroyed them.
_BY_WORD: Final = (
    (Fate.DESTROYED, _step("destroying") | _state("destroyed", "disposed")),
    (Fate.ENDED, _step("decommissioning") | _state("inactive")),
    (Fate.SOLD, _step("retail_selling", "dispensing") | _state("retail_sold", "dispensed")),
    (Fate.IN_TRANSIT, _step("shipping", "departing", "transporting") | _state("in_transit")),
)
# After these the goods belong to nobody the chain knows.
SETTLED: Final = frozenset({Fate.DESTROYED, Fate.ENDED, Fate.CONSUMED})


def fate_of(
    *, step: str | None, disposition: str | None, is_used_up: bool, country: str = ""
) -> Fate:
    """From the words of the last event, whether it went into something else, and the country of the
    place it is at or on the way to (empty: unknown)."""
    words = {step, disposition}
    told = next((fate for fate, known in _BY_WORD if words & known), Fate.HELD)
    if told in (Fate.DESTROYED, Fate.ENDED):
        return told
    if is_used_up:
        return Fate.CONSUMED
    if country and country.upper() not in HOME:
        return Fate.EXPORTED
    return told
