"""One GS1 key: read from a URN or a Digital Link, written as either.

Inside, everything is a canonical constrained Digital Link (CBV 2.0, section 8.9.2):
https://id.gs1.org, numeric application identifiers, GTINs of 14 digits, nothing but the key and the
qualifier of the finest level. What is no GS1 key stays the URI it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, unquote

from chuan.modules.traceability.engine import prefixes
from chuan.modules.traceability.engine.digits import (
    has_right_check_digit,
    has_right_check_pair,
    with_check_digit,
)
from chuan.modules.traceability.engine.schemes import (
    BY_AI,
    BY_NAME,
    BY_QUALIFIER,
    CLASS_PATTERNS,
    FINEST,
    Scheme,
    takes,
)

ROOT = "https://id.gs1.org/"
_GTIN = f"{ROOT}01/"
# Left as they are by every published example of a canonical link.
_PLAIN_IN_LINKS = "-._~';="
_PLAIN_IN_URNS = "-._!'()*+,:;="
_SHORT_NAMES = {
    **{"gtin": "01", "itip": "8006", "cpid": "8010", "gln": "414", "party": "417"},
    **{"gsrnp": "8017", "gsrn": "8018", "gcn": "255", "sscc": "00", "gdti": "253"},
    **{"ginc": "401", "gsin": "402", "grai": "8003", "giai": "8004"},
    **{"cpv": "22", "lot": "10", "ser": "21", "cpsn": "8011", "glnx": "254", "tpx": "235"},
    **{"gmn": "8013", "payTo": "415", "refNo": "8020", "srin": "8019", "uic": "7040"},
}
_URN = re.compile(r"urn:epc:(id|class|idpat):([a-z]+):(.+)", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+")
_LOT_BESIDE_SERIAL = re.compile(r"/(?:10|lot)/([^/?#]+)/(?:21|ser|235|tpx)/")
_GTIN_LENGTHS = {8, 12, 13, 14}


@dataclass(frozen=True, slots=True)
class Key:
    """A GS1 key: `value` is that of application identifier `ai`, check digit and tail included."""

    ai: str
    value: str
    qualifier_ai: str = ""
    qualifier: str = ""

    @property
    def link(self) -> str:
        """The canonical constrained Digital Link."""
        link = f"{ROOT}{self.ai}/{quoted(self.value)}"
        if self.qualifier_ai:
            link += f"/{self.qualifier_ai}/{quoted(self.qualifier)}"
        return link

    @property
    def scheme(self) -> Scheme | None:
        """What EPC calls this; None for a combination it has no name for (a lot of an ITIP)."""
        if self.qualifier_ai:
            return BY_QUALIFIER.get((self.ai, self.qualifier_ai))
        return BY_AI.get(self.ai)

    @property
    def is_class(self) -> bool:
        """Whether this names a kind or a lot of things rather than one thing."""
        if self.ai == "01" or self.ai == "8006":
            return self.qualifier_ai not in ("21", "235")
        if self.ai == "8013":
            return True
        scheme = BY_AI[self.ai]
        if scheme.tail:
            return len(self.value) == scheme.key_length
        return self.ai == "8010" and not self.qualifier_ai

    @property
    def has_right_check_digit(self) -> bool:
        """True also for keys that carry none."""
        scheme = BY_AI[self.ai]
        if scheme.check_pair:
            return has_right_check_pair(self.value)
        if not scheme.digits:
            return True
        return has_right_check_digit(self.value[: scheme.key_length - scheme.pieces])

    @property
    def gtin(self) -> str | None:
        return self.value[:14] if self.ai in ("01", "8006") else None

    def urn(self, prefix_length: int | None = None) -> str | None:
        """The EPC URN; None where EPC has no scheme or nobody knows how long the prefix is."""
        scheme = self.scheme
        if scheme is None or not scheme.urn:
            return None
        start = len(scheme.lead) + (1 if scheme.first else 0)
        length = prefix_length or prefixes.company_prefix_length(self.value[start : start + 12])
        if length is None:
            return None
        if not scheme.digits:
            body = [self.value[:length], _escaped(self.value[length:])]
        else:
            digits = self.value[start : len(scheme.lead) + scheme.digits]
            indicator = self.value[0] if scheme.first else ""
            body = [digits[:length], indicator + digits[length:]]
            if scheme.pieces:
                pieces = self.value[scheme.key_length - 4 :]
                body += [pieces[:2], pieces[2:]]
        return _with_serial(self, scheme, body)

    @property
    def after_lead(self) -> str:
        """The value from the company prefix on: what stands before it says how goods are packed (GTIN,
        SSCC), or nothing (GRAI)."""
        scheme = BY_AI[self.ai]
        return self.value[len(scheme.lead) + (1 if scheme.first else 0) :]


def _with_serial(key: Key, scheme: Scheme, body: list[str]) -> str:
    serial = key.value[scheme.key_length :] if scheme.tail else key.qualifier
    if serial:
        body.append(_escaped(serial))
    elif scheme.name == "sgln":
        body.append("0")
    elif key.is_class and scheme.name in CLASS_PATTERNS:
        return f"urn:epc:idpat:{scheme.name}:" + ".".join([*body, "*"])
    return f"{scheme.urn}{scheme.name}:" + ".".join(body)


@lru_cache(maxsize=262_144)
def canonical(uri: str) -> str:
    """The canonical link of any GS1 key; every other URI as it is."""
    key = read(uri)
    return key.link if key else uri


def lot_of(uri: str) -> str | None:
    """The lot that a Digital Link of one item names beside its serial number."""
    step = _LOT_BESIDE_SERIAL.search(uri)
    key = read(uri) if step else None
    if key is None or key.ai != "01" or step is None:
        return None
    return of_lot(key, unquote(step[1]))


def of_lot(key: Key, lot: str) -> str | None:
    """The canonical link of a lot of the same kind of goods; None when a lot cannot be called so."""
    if key.ai != "01" or not BY_QUALIFIER["01", "10"].takes_serial(lot):
        return None
    return Key("01", key.value, "10", lot).link


def lot_of_item(link: str, lot: str) -> str | None:
    """The canonical link of a lot, from the canonical link of an item of the same kind of goods."""
    product, _, serial = link.rpartition("/")[0].rpartition("/")
    gtin = product.removeprefix(_GTIN)
    if serial not in ("21", "235") or len(gtin) != 14 or not gtin.isdigit():
        return None
    return _lot_of_product(gtin, lot)


@lru_cache(maxsize=4096)
def _lot_of_product(gtin: str, lot: str) -> str | None:
    return of_lot(Key("01", gtin), lot)


@lru_cache(maxsize=65_536)
def as_urn(uri: str) -> str:
    """The EPC URN of any GS1 key; what has none as it is."""
    if uri.startswith("urn:"):
        return uri
    key = read(uri)
    return (key and key.urn()) or uri


def read(uri: str) -> Key | None:
    """The key in a URN, in a pattern that means a class, or in a Digital Link on any domain."""
    if uri.startswith("urn:epc:"):
        return _from_urn(uri)
    if uri.startswith(("https://", "http://")):
        return _from_link(uri)
    return None


def ai_of(name: str) -> str:
    """The application identifier a step of a link names: "gtin" and "01" are one."""
    return _SHORT_NAMES.get(name, name)


def quoted(value: str) -> str:
    """A value as canonical links write it."""
    if value.isalnum() and value.isascii():
        return value
    return quote(value, safe=_PLAIN_IN_LINKS)


def _from_urn(urn: str) -> Key | None:
    match = _URN.fullmatch(urn)
    scheme = BY_NAME.get(match[2]) if match else None
    if match is None or scheme is None or (match[1] == "class") != (scheme.name == "lgtin"):
        return None
    has_serial = scheme.has_serial
    count = 2 + (2 if scheme.pieces else 0) + (1 if has_serial else 0)
    parts = match[3].split(".", count - 1)
    if len(parts) != count:
        return None
    serial = unquote(parts.pop()) if has_serial else ""
    if match[1] == "idpat":
        if serial != "*" or scheme.name not in CLASS_PATTERNS:
            return None
        serial = ""
    elif has_serial and not scheme.takes_serial(serial):
        return None
    value = _value(scheme.name, *parts)
    if value is None:
        return None
    if scheme.name == "sgln" and serial == "0":
        serial = ""
    if scheme.tail:
        return Key(scheme.ai, value + serial)
    return Key(scheme.ai, value, scheme.qualifier if serial else "", serial)


# Thousands of items have the value of one product.
@lru_cache(maxsize=16_384)
def _value(name: str, prefix: str, reference: str, *others: str) -> str | None:
    """Prefix and reference put together, with their check digit.

    :param name: of the scheme.
    :param others: pieces.
    """
    scheme = BY_NAME[name]
    if not (_DIGITS.fullmatch(prefix) and prefixes.SHORTEST <= len(prefix) <= prefixes.LONGEST):
        return None
    if not scheme.digits:
        text = prefix + unquote(reference)
        return text if _is_text(scheme, text) and reference else None
    if len(prefix) + len(reference) != scheme.digits or not (
        _DIGITS.fullmatch(reference) or not reference
    ):
        return None
    if scheme.first:
        digits = reference[:1] + prefix + reference[1:]
    else:
        digits = scheme.lead + prefix + reference
    pieces = "".join(others)
    if scheme.pieces and not re.fullmatch(r"[0-9]{4}", pieces):
        return None
    return with_check_digit(digits) + pieces


def _is_text(scheme: Scheme, text: str) -> bool:
    return re.fullmatch(f"{scheme.letters}{{1,{scheme.text}}}", text) is not None


def _from_link(uri: str) -> Key | None:
    path = uri.split("?", 1)[0].split("#", 1)[0]
    steps = path.split("/")[3:]
    if steps and not steps[-1]:
        steps.pop()
    for at in range(len(steps) - 2, -1, -2):  # a domain may have a path of its own before the key
        ai = _SHORT_NAMES.get(steps[at], steps[at])
        if ai in BY_AI:
            return _from_steps(ai, unquote(steps[at + 1]), steps[at + 2 :])
    return None


def _from_steps(ai: str, value: str, rest: list[str]) -> Key | None:
    if ai == "01" and _DIGITS.fullmatch(value) and len(value) in _GTIN_LENGTHS:
        value = value.zfill(14)
    if not _is_value(BY_AI[ai], value):
        return None
    names = tuple(_SHORT_NAMES.get(name, name) for name in rest[::2])
    finest = FINEST.get((ai, names))
    if finest is None:
        return None
    values = [unquote(told) for told in rest[1::2]]
    if not all(map(takes, names, values)):
        return None
    return Key(ai, value, finest, values[names.index(finest)]) if finest else Key(ai, value)


def _is_value(scheme: Scheme, value: str) -> bool:
    if not scheme.digits:
        return _is_text(scheme, value) and _DIGITS.match(value) is not None and len(value) >= 4
    digits, tail = value[: scheme.key_length], value[scheme.key_length :]
    if len(digits) != scheme.key_length or not _DIGITS.fullmatch(digits):
        return False
    if not digits.startswith(scheme.lead):
        return False
    return not tail or (scheme.tail and scheme.takes_serial(tail))


def _escaped(text: str) -> str:
    return quote(text, safe=_PLAIN_IN_URNS)
