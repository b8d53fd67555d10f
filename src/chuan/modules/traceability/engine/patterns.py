"""What MATCH_ parameters ask for, as beginnings of canonical links that an index can find.

Sources: EPCIS 2.0, section 8.2.7.1 (MATCH_epc and its kin); EPC Tag Data Standard, section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability.engine import prefixes
from chuan.modules.traceability.engine.digits import with_check_digit
from chuan.modules.traceability.engine.keys import ROOT, canonical
from chuan.modules.traceability.engine.schemes import BY_NAME, Scheme

_RANGE = re.compile(r"\[([0-9]+)-([0-9]+)\]")
_WIDEST_RANGE = 100_000


class BadPattern(ValueError):
    """A pattern nobody can match; the message says why."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Links that equal one of `exact`, or begin with one of `beginnings` and fit `shape`."""

    exact: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    shape: str = ""

    def matches(self, link: str) -> bool:
        return link in self.exact or (
            link.startswith(self.beginnings or ("\0",))
            and (not self.shape or re.fullmatch(self.shape, link) is not None)
        )


def read_pattern(text: str) -> Pattern:
    """The meaning of one element of a MATCH_ parameter.

    A URI names itself. In an EPC pattern `*` stands for any reference or serial and `[lo-hi]` for
    serial numbers; all that stands before the first `*` must be given. A Digital Link may end
    in `/*`. The pattern of a class (`urn:epc:idpat:sgtin:….*`) matches the class and its instances.
    """
    if text.startswith(("https://", "http://")) and text.endswith("/*"):
        return _of_link(text)
    if not text.startswith("urn:epc:idpat:"):
        return Pattern(exact=(canonical(text),))
    name, _, body = text.removeprefix("urn:epc:idpat:").partition(":")
    scheme = BY_NAME.get(name)
    if scheme is None:
        raise BadPattern(f"{text}: no such kind of EPC pattern")
    count = 2 + (2 if scheme.pieces else 0) + (1 if scheme.has_serial else 0)
    parts = body.split(".", count - 1)
    if len(parts) != count:
        raise BadPattern(f"{text}: {count} fields expected")
    stars = [part == "*" for part in parts]
    if stars != sorted(stars):
        raise BadPattern(f"{text}: after a * only * may follow")
    if True not in stars:
        return _of_serials(text, scheme, parts)
    return _of_stars(text, scheme, parts[: stars.index(True)])


def _of_link(text: str) -> Pattern:
    steps = text[:-2].split("/")
    if len(steps) >= 5 and len(steps) % 2 == 0:  # …/01/<gtin>/21/*
        link = canonical("/".join(steps[:-1]))
        return Pattern(beginnings=(f"{link}/{steps[-1]}/",))
    link = canonical(text[:-2])
    return Pattern(exact=(link,), beginnings=(f"{link}/",))


def _of_serials(text: str, scheme: Scheme, parts: list[str]) -> Pattern:
    span = _RANGE.fullmatch(parts[-1])
    if not span or not scheme.has_serial:
        return Pattern(exact=(_link_of(text, scheme, parts),))
    low, high = whole_number(span[1]), whole_number(span[2])
    if low is None or high is None or not low <= high < low + _WIDEST_RANGE:
        raise BadPattern(f"{text}: a range of 1 to {_WIDEST_RANGE} serial numbers expected")
    return Pattern(
        exact=tuple(
            _link_of(text, scheme, [*parts[:-1], str(serial)]) for serial in range(low, high + 1)
        )
    )


def _link_of(text: str, scheme: Scheme, parts: list[str]) -> str:
    urn = f"{scheme.urn}{scheme.name}:" + ".".join(parts)
    link = canonical(urn)
    if link == urn:
        raise BadPattern(f"{text}: not a valid {scheme.name}")
    return link


def _of_stars(text: str, scheme: Scheme, given: list[str]) -> Pattern:
    rest = "/.*" if scheme.qualifier else ".+" if scheme.tail else ""
    if not given:
        start = f"{ROOT}{scheme.ai}/"
        between = f"[0-9]{{{scheme.key_length}}}" if scheme.digits else ".+"
        return Pattern(beginnings=(start,), shape=_shape(scheme, re.escape(start) + between + rest))
    prefix = given[0]
    if not (prefix.isdecimal() and prefixes.SHORTEST <= len(prefix) <= prefixes.LONGEST):
        raise BadPattern(f"{text}: a company prefix of 6 to 12 digits expected")
    if len(given) == 1:
        firsts = "0123456789" if scheme.first else [scheme.lead]
        starts = tuple(f"{ROOT}{scheme.ai}/{first}{prefix}" for first in firsts)
        left = scheme.key_length - len(scheme.lead or "0" * scheme.first) - len(prefix)
        between = f"[0-9]{{{left}}}" if scheme.digits else ".+"
        head = (
            f"{re.escape(ROOT + scheme.ai)}/[0-9]{{{len(starts[0]) - len(ROOT + scheme.ai) - 1}}}"
        )
        return Pattern(beginnings=starts, shape=_shape(scheme, head + between + rest))
    return _of_class(text, scheme, given)


def _of_class(text: str, scheme: Scheme, given: list[str]) -> Pattern:
    prefix, reference = given[0], given[1]
    if not scheme.digits:
        link = f"{ROOT}{scheme.ai}/{quote(prefix + reference, safe='-._~')}"
        return Pattern(exact=(link,), beginnings=(f"{link}/{scheme.qualifier}/",))
    if len(prefix) + len(reference) != scheme.digits:
        raise BadPattern(f"{text}: prefix and reference have {scheme.digits} digits together")
    if scheme.first:
        digits = reference[:1] + prefix + reference[1:]
    else:
        digits = scheme.lead + prefix + reference
    if not digits.isdecimal():
        raise BadPattern(f"{text}: digits expected")
    link = f"{ROOT}{scheme.ai}/{with_check_digit(digits)}{''.join(given[2:])}"
    if scheme.tail:
        return Pattern(exact=(link,), beginnings=(link,))
    if scheme.pieces and len(given) < 4:
        return Pattern(beginnings=(link,))
    return Pattern(exact=(link,), beginnings=(f"{link}/{scheme.qualifier}/",))


def _shape(scheme: Scheme, shape: str) -> str:
    """Instances of the scheme alone: not the lots of a GTIN when its serial numbers are meant."""
    if not scheme.qualifier:
        return shape
    without = shape.removesuffix("/.*")
    return f"{without}(/{scheme.qualifier}/.*)?"
