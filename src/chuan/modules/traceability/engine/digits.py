"""Check digits of GS1 keys (GS1 General Specifications, section 7.9)."""

from __future__ import annotations


def check_digit(digits: str) -> str:
    """The digit that follows these: weights 3 and 1 alternate, starting with 3 at the right."""
    total = sum(map(int, digits[::-2])) * 3 + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


def has_right_check_digit(digits: str) -> bool:
    return len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]
