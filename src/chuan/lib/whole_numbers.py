"""Whole numbers that came as text from outside."""

from __future__ import annotations

# As many as fit into the largest whole number of the database. Of more than some thousand digits
# Python itself makes no number.
MOST_DIGITS = 18


def whole_number(text: str) -> int | None:
    """The number these digits make; None when there is anything else, or too many of them."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else None
