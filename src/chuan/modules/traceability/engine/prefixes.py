"""How long a company prefix is: what a Digital Link does not say and an EPC URN must."""

from __future__ import annotations

from functools import lru_cache

SHORTEST, LONGEST = 6, 12


@lru_cache(maxsize=65_536)
def company_prefix_length(digits: str) -> int | None:
    """How many of these leading digits of a key are the company prefix; None when GS1's list of
    prefixes does not say."""
    # A table of 1.5 MB that only a translation towards URNs needs.
    from biip.gs1_prefixes import GS1CompanyPrefix  # noqa: PLC0415

    found = GS1CompanyPrefix.extract(digits) if digits.isdecimal() else None
    length = len(found.value) if found else 0
    return length if SHORTEST <= length <= LONGEST else None
