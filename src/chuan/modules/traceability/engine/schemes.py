"""The identification keys of GS1, as EPC URNs and Digital Links write them.

Sources: EPC Tag Data Standard 2.0, section 6.3; GS1 Digital Link URI Syntax 1.3; GS1 Barcode Syntax
Dictionary (which qualifiers a key takes, in what order); CBV 2.0, section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import combinations

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
    either a key qualifier (`qualifier`) or the tail of the key itself (`tail`): of at most `serial`
    characters, of `serial_letters`. `check_pair`: two letters at the end check the others. EPC has no name for one whose `urn` is empty. One that
    `is_partial` says nothing without its qualifier.
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
    check_pair: bool = False
    is_partial: bool = False

    @property
    def key_length(self) -> int:
        """Digits of the key up to where a serial may follow."""
        return len(self.lead) + self.digits + 1 + self.pieces if self.digits else 0

    @property
    def has_serial(self) -> bool:
        return bool(self.qualifier or self.tail)

    def takes_serial(self, serial: str) -> bool:
        if self.qualifier:
            return takes(self.qualifier, serial)
        return (
            len(serial) <= self.serial and _pattern(self.serial_letters).match(serial) is not None
        )


@cache
def _pattern(letters: str) -> re.Pattern[str]:
    return re.compile(f"{letters}+\\Z")


_ALL = (
    Scheme("sgtin", "01", 13, first=True, qualifier="21"),
    Scheme("lgtin", "01", 13, first=True, qualifier="10", urn="urn:epc:class:"),
    Scheme("upui", "01", 13, first=True, qualifier="235"),
    Scheme("sscc", "00", 17, first=True),
    Scheme("sgln", "414", 12, qualifier="254"),
    Scheme("pgln", "417", 12),
    Scheme("grai", "8003", 12, lead="0", tail=True, serial=16),
    Scheme("giai", "8004", text=30),
    Scheme("gsrn", "8018", 17),
    Scheme("gsrnp", "8017", 17),
    Scheme("gdti", "253", 12, tail=True, serial=17),
    Scheme("sgcn", "255", 12, tail=True, serial=12, serial_letters=DIGIT),
    Scheme("cpi", "8010", text=30, letters=PART, qualifier="8011"),
    Scheme("ginc", "401", text=30),
    Scheme("gsin", "402", 16),
    Scheme("itip", "8006", 13, first=True, pieces=4, qualifier="21"),
    Scheme("gmn", "8013", text=25, urn="", check_pair=True),
    Scheme("payee", "415", 12, urn="", is_partial=True),
)
BY_NAME = {scheme.name: scheme for scheme in _ALL if scheme.urn}
# What a key without serial is: the scheme whose pattern it would be.
BY_AI = {scheme.ai: scheme for scheme in reversed(_ALL)}
BY_QUALIFIER = {(scheme.ai, scheme.qualifier): scheme for scheme in _ALL if scheme.qualifier}
# Without its extension a location is still itself; of these a class remains.
CLASS_PATTERNS = frozenset({"sgtin", "upui", "grai", "gdti", "sgcn", "cpi", "itip"})

# What a qualifier may hold.
_VALUES = {
    **dict.fromkeys(("10", "21", "22", "254"), f"{ANY}{{1,20}}"),
    "235": f"{ANY}{{1,28}}",
    "7040": rf"{DIGIT}{ANY}{{2}}[\-0-9A-Z_a-z]",
    "8011": f"0|[1-9]{DIGIT}{{0,11}}",
    "8019": f"{DIGIT}{{1,10}}",
    "8020": f"{ANY}{{1,25}}",
}
# By key, the qualifiers it takes, from coarse to fine; any may be left out.
_SEQUENCES: dict[str, tuple[tuple[str, ...], ...]] = {
    "01": (("22", "10", "21"), ("235",)),
    "8006": (("22", "10", "21"),),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    **dict.fromkeys(("417", "8004"), (("7040",),)),
    "8010": (("8011",),),
    **dict.fromkeys(("8017", "8018"), (("8019",),)),
}
QUALIFIERS = frozenset(_VALUES)
# A consumer variant says nothing of which thing is meant.
_SAYS_NOTHING = "22"
# Key and qualifiers as they stand in a link → the finest that says something, empty where none does.
FINEST = {
    (ai, names): max((one for one in names if one != _SAYS_NOTHING), key=names.index, default="")
    for ai in BY_AI
    for sequence in _SEQUENCES.get(ai, ((),))
    for count in range(len(sequence) + 1)
    for names in combinations(sequence, count)
    if count or not BY_AI[ai].is_partial
}


def takes(qualifier: str, value: str) -> bool:
    """Whether this may stand behind that qualifier."""
    return _whole(_VALUES[qualifier]).fullmatch(value) is not None


@cache
def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
