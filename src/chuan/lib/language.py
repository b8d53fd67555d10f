"""What is kept or sent is Vietnamese, whatever language its writer reads the screens in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils import translation

P = ParamSpec("P")
R = TypeVar("R")


def in_vietnamese(make: Callable[P, R]) -> Callable[P, R]:
    """Make a letter, a notice or a stored text in the language of the administration.

    Whatever the function returns must be finished text: something lazy would be put into words
    later, in another language.
    """

    @wraps(make)
    def made(*args: P.args, **kwargs: P.kwargs) -> R:
        with translation.override("vi"):
            return make(*args, **kwargs)

    return made
