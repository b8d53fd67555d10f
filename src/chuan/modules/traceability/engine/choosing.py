"""Which of several links somebody wants, by what the browser says of language and media type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

LONGEST_HEADER = 1000


class Offer(Protocol):
    """`language` is a tag or "" for any, `media_type` "" when nobody said, `context` "" for any."""

    @property
    def language(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def context(self) -> str: ...


Offered = TypeVar("Offered", bound=Offer)


def chosen(
    offers: Sequence[Offered], *, languages: str, media_types: str, context: str
) -> list[Offered]:
    """What is left of the offers: language first, then context, then media type. A wish that
    nothing satisfies is no wish.

    :param languages: the header Accept-Language, or "".
    :param media_types: the header Accept, or "".
    """
    left = _by_language(list(offers), wishes(languages))
    if context:
        left = _kept(left, lambda one: one.context == context) or left
    else:
        left = _kept(left, lambda one: not one.context) or left
    for wish in wishes(media_types):
        if wish == "*/*":
            break
        kept = _kept(left, lambda one: _is_media(one.media_type, wish))  # noqa: B023 - used at once
        if kept:
            return kept
    return left


def wishes(header: str) -> list[str]:
    """The values of an Accept header, the most wanted first; those refused (q=0) left out."""
    found = []
    for place, part in enumerate(header[:LONGEST_HEADER].split(",")):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.lower().startswith("q="):
                weight = _weight(parameter[2:])
        if value and weight > 0:
            found.append((-weight, place, value.lower()))
    return [value for _weight_of, _place, value in sorted(found)]


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _by_language(offers: list[Offered], wanted: Iterable[str]) -> list[Offered]:
    for wish in wanted:
        if wish == "*":
            break
        main = wish.partition("-")[0]
        for fits in (
            lambda one: one.language.lower() == wish,  # noqa: B023 - used at once
            lambda one: one.language.lower().partition("-")[0] == main,  # noqa: B023
        ):
            kept = _kept(offers, fits)
            if kept:
                return kept
    return _kept(offers, lambda one: not one.language) or offers


def _kept(offers: list[Offered], fits: Callable[[Offered], bool]) -> list[Offered]:
    return [one for one in offers if fits(one)]


def _is_media(media_type: str, wish: str) -> bool:
    if wish.endswith("/*"):
        return media_type.startswith(wish[:-1])
    return media_type == wish
