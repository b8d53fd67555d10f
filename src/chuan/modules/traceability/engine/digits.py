"""Check digits and letters of GS1 keys (GS1 General Specifications, section 7.9)."""

from __future__ import annotations

# Letters of a key in the order of their values, and those that checks are written with: none that
# is taken for another.
_LETTERS = "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
_VALUE_OF = {letter: value for value, letter in enumerate(_LETTERS)}
_CHECKS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_WEIGHTS = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83)
_MODULUS = 1021


def check_digit(digits: str) -> str:
    """The digit that follows these: weights 3 and 1 alternate, starting with 3 at the right."""
    total = sum(map(int, digits[::-2])) * 3 + sum(map(int, digits[-2::-2]))
    return str(-total % 10)


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


def has_right_check_digit(digits: str) -> bool:
    return len(digits) > 1 and check_digit(digits[:-1]) == digits[-1]


def check_pair(text: str) -> str:
    """The two letters that follow these in the number of a model (GMN): the letters' values, weighted
    with primes from the right.

    :param text: at most 23 letters that GS1 allows in keys.
    """
    values = (_VALUE_OF[letter] for letter in reversed(text))
    total = sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=False)) % _MODULUS
    return _CHECKS[total // len(_CHECKS)] + _CHECKS[total % len(_CHECKS)]


def has_right_check_pair(text: str) -> bool:
    return len(text) > 2 and check_pair(text[:-2]) == text[-2:]
