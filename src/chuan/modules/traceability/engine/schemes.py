"""The identification keys of GS1, as EPC URNs and Digital Links write them.

Sources: EPC Tag Data Standard 2.0, section 6.3; GS1 Digital Link URI Syntax 1.3; CBV 2.0, section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

ANY = r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]"
DIGIT = r"[0-9]"
PART = r"[#\-/0-9A-Z]"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of key.

    `digits` counts company prefix and reference together, without check digit; 0 when the
    reference is free text of at most `text` characters, of the characters in `letters`. `first`
    says that the reference's first digit (indicator or extension) stands before the prefix in the
    key. `lead` is written before the prefix. `pieces` digits follow the check digit. A serial is
    either a key qualifier (`qualifier`) or the tail of the key itself (`tail`).
    """

    name: str
    ai: str
    digits: int = 0
    first: bool = False
    lead: str = ""
    pieces: int = 0
    text: int = 0
    letters: str = ANY
    qualifier: str = ""
    tail: bool = False
    serial: int = 0
    serial_letters: str = ANY
    urn: str = "urn:epc:id:"

    @property
    def key_length(self) -> int:
        """Digits of the key up to where a serial may follow."""
        return len(self.lead) + self.digits + 1 + self.pieces if self.digits else 0

    def takes_serial(self, serial: str) -> bool:
        return (
            len(serial) <= self.serial and _pattern(self.serial_letters).match(serial) is not None
        )


@cache
def _pattern(letters: str) -> re.Pattern[str]:
    return re.compile(f"{letters}+\\Z")


_ALL = (
    Scheme("sgtin", "01", 13, first=True, qualifier="21", serial=20),
    Scheme("lgtin", "01", 13, first=True, qualifier="10", serial=20, urn="urn:epc:class:"),
    Scheme("upui", "01", 13, first=True, qualifier="235", serial=28),
    Scheme("sscc", "00", 17, first=True),
    Scheme("sgln", "414", 12, qualifier="254", serial=20),
    Scheme("pgln", "417", 12),
    Scheme("grai", "8003", 12, lead="0", tail=True, serial=16),
    Scheme("giai", "8004", text=30),
    Scheme("gsrn", "8018", 17),
    Scheme("gsrnp", "8017", 17),
    Scheme("gdti", "253", 12, tail=True, serial=17),
    Scheme("sgcn", "255", 12, tail=True, serial=12, serial_letters=DIGIT),
    Scheme("cpi", "8010", text=30, letters=PART, qualifier="8011", serial=12, serial_letters=DIGIT),
    Scheme("ginc", "401", text=30),
    Scheme("gsin", "402", 16),
    Scheme("itip", "8006", 13, first=True, pieces=4, qualifier="21", serial=20),
)
BY_NAME = {scheme.name: scheme for scheme in _ALL}
# What a key without serial is: the scheme whose pattern it would be.
BY_AI = {scheme.ai: scheme for scheme in reversed(_ALL)}
BY_QUALIFIER = {(scheme.ai, scheme.qualifier): scheme for scheme in _ALL if scheme.qualifier}
# Without its extension a location is still itself; of these a class remains.
CLASS_PATTERNS = frozenset({"sgtin", "upui", "grai", "gdti", "sgcn", "cpi", "itip"})
