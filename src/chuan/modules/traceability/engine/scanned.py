"""What a scanned Digital Link names: a key, from its finest level up to its kind.

Source: GS1 Digital Link URI Syntax 1.3; GS1-Conformant Resolver 1.1, section on inheritance: what is
said of a product holds for its lots, what is said of a lot for its items.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from chuan.modules.traceability.engine import keys
from chuan.modules.traceability.engine.digits import has_right_check_digit
from chuan.modules.traceability.engine.keys import Key
from chuan.modules.traceability.engine.schemes import BY_AI, FINEST, QUALIFIERS

LONGEST = 400
NAMES = {"10": "lot", "21": "serial", "22": "variant", "235": "serial", "254": "extension"}

_SEPARATOR = "\x1d"
# Application identifiers that labels of goods have; of a fixed length, how many characters.
_ELEMENT = re.compile(
    r"(0[012]|1[0-7]|2[0-2]|235|24[01]|25[0345]|30|37|3[1-69][0-9]{2}|40[12]|41[0-7]"
    r"|7040|80(?:0[346]|1[01379]|18|20))"
)
# As labels print them for people: (01)09506000134352(10)AB-1.
_BRACKETED = re.compile(r"\(([0-9]{2,4})\)\s*([^(]+)")
_LENGTHS = {
    **{"00": 18, "01": 14, "02": 14, "20": 2},
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), 6),
    **dict.fromkeys((f"41{last}" for last in range(8)), 13),
    # Weights and measures: six figures, the last figure of the identifier says where the point is.
    **{f"3{kind}{point}": 6 for kind in range(10, 37) for point in range(6)},
}
# Of several keys on a label, goods and what holds them come first, then where it is.
_PRIMARY = ("01", "00", "414", *sorted(BY_AI.keys() - {"00", "01", "414"}))
_WORDS = re.compile(r"[^0-9]{3,}")


@dataclass(frozen=True, slots=True)
class Scanned:
    """One key as it was scanned.

    `path` is what stands after the resolver's root, as people read it; `levels` are canonical
    links from the finest to the coarsest.
    """

    path: str
    key: Key
    levels: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]

    @property
    def link(self) -> str:
        return self.levels[0]

    @property
    def gtin(self) -> str | None:
        return self.key.gtin

    @property
    def lot(self) -> str:
        return dict(self.parts).get("lot", "")

    @property
    def serial(self) -> str:
        return dict(self.parts).get("serial", "")

    @property
    def ends_in_words(self) -> bool:
        """Whether what follows a slash in the last value looks like no part of a number: servers undo
        %2F, so `10/A%2F1` and a mistyped `10/A/about` look alike."""
        _head, slash, tail = self.path.split("/", 2)[-1].rpartition("/")
        return bool(slash) and "%2F" in self.link and _WORDS.fullmatch(tail) is not None


def read_path(path: str) -> Scanned | None:
    """The key in `01/09506000134352/10/AB%2B1`; None when there is none or its check digit is wrong.

    :param path: as addresses are written, with percent signs; see `written` for one that is not.
    """
    path = path.strip("/")
    if len(path) > LONGEST or any(ord(one) < 32 for one in path):
        return None
    steps = path.split("/")
    if len(steps) < 2 or len(steps) % 2:
        return None
    finest = keys.read(f"{keys.ROOT}{path}")
    # What precedes the key on other people's domains has no place here.
    if finest is None or not _begins(steps, finest) or not finest.has_right_check_digit:
        return None
    levels = []
    for end in range(len(steps), 0, -2):
        key = keys.read(keys.ROOT + "/".join(steps[:end]))
        if key is not None:
            levels.append(key.link)
        elif not BY_AI[finest.ai].is_partial:
            return None
    scheme = BY_AI[finest.ai]
    if scheme.tail and len(finest.value) > scheme.key_length:
        levels.append(Key(finest.ai, finest.value[: scheme.key_length]).link)
    return Scanned(
        unquote(path), finest, tuple(dict.fromkeys(levels)), tuple(_parts(finest, steps))
    )


def written(path: str) -> str:
    """A path as a server hands it on, written as addresses are.

    Servers undo %2F: steps that name no further qualifier are the rest of the value before them.
    """
    steps = path.strip("/").split("/")
    kept, rest = steps[:2], steps[2:]
    named: set[str] = set()
    while len(kept) > 1 and rest:
        ai = keys.ai_of(rest[0])
        if ai in QUALIFIERS and ai not in named and len(rest) > 1:
            named.add(ai)
            kept += rest[:2]
            rest = rest[2:]
        else:
            kept[-1] += f"/{rest.pop(0)}"
    return "/".join(quote(step, safe="-._~!$&'()*+,;=:@") for step in kept)


def read_text(text: str) -> Scanned | None:
    """What somebody typed or a camera read: a link on any domain, or the digits of a barcode."""
    text = text.strip()
    digits = "".join(text.split())
    if digits.isascii() and digits.isdigit():
        if len(digits) in (8, 12, 13, 14):
            return read_path(f"01/{digits.zfill(14)}")
        if len(digits) == 18:
            return read_path(f"00/{digits}")
        if len(digits) == 20 and digits.startswith("00"):
            return read_path(f"00/{digits[2:]}")
    path = _of_brackets(text) or _of_elements(text)
    if path is not None:
        return read_path(path)
    key = keys.read(text)
    if key is None:
        return None
    if not text.startswith("urn:"):
        steps = text.split("?", 1)[0].split("#", 1)[0].split("/")[3:]
        for at in range(len(steps) - 1):
            found = read_path("/".join(steps[at:]).rstrip("/"))
            if found is not None:
                return found
    return read_path(key.link.removeprefix(keys.ROOT))


def is_mistyped(text: str) -> bool:
    """Whether these are as many digits as a number under a barcode has, and do not fit together."""
    digits = "".join(text.split())
    is_number = digits.isascii() and digits.isdigit() and len(digits) in (8, 12, 13, 14, 18)
    return is_number and not has_right_check_digit(digits)


def _of_elements(text: str) -> str | None:
    """The key in element strings, as scanners hand on a GS1 DataMatrix or GS1-128: values one after
    the other, those without a fixed length ended by a separator (GS1 General Specifications, 7.8)."""
    rest = text.removeprefix("]d2").removeprefix("]C1").strip(_SEPARATOR)
    found: dict[str, str] = {}
    while rest:
        match = _ELEMENT.match(rest)
        if match is None or match[1] in found:
            return None
        value, rest = rest[match.end() :], ""
        fixed = _LENGTHS.get(match[1])
        if fixed is None:
            value, _mark, rest = value.partition(_SEPARATOR)
        else:
            value, rest = value[:fixed], value[fixed:].lstrip(_SEPARATOR)
            if len(value) < fixed:
                return None
        found[match[1]] = value
    return _path_of(found)


def _of_brackets(text: str) -> str | None:
    told = _BRACKETED.findall(text)
    if not told or "".join(f"({ai}){value}" for ai, value in told) != re.sub(r"\)\s+", ")", text):
        return None
    found = {ai: value.strip() for ai, value in told}
    return _path_of(found | {"01": found["01"].zfill(14)} if "01" in found else found)


def _path_of(found: dict[str, str]) -> str | None:
    """The key among elements and what makes it finer; dates and weights name nothing."""
    primary = next((ai for ai in _PRIMARY if ai in found), None)
    if primary is None:
        return None
    told = QUALIFIERS & found.keys()
    fitting = [names for ai, names in FINEST if ai == primary and told.issuperset(names)]
    named = [primary, *max(fitting, key=len, default=())]
    return "/".join(f"{ai}/{quote(found[ai], safe='')}" for ai in named)


def read_key(text: str) -> Key | None:
    """The key somebody wrote, at its finest level: as `read_text`, or as `01/…/10/…`."""
    found = read_text(text) or read_path(text.strip())
    return found.key if found else None


def filled(template: str, scanned: Scanned) -> str | None:
    """A link's address with what was scanned in its places; None where something is not there.

    Places: `{gtin}` of 14 digits, `{key}` (the value of the primary key), `{lot}`, `{serial}`,
    `{variant}`, `{extension}`.
    """
    if "{" not in template:
        return template
    values = dict(scanned.parts)
    for name in ("gtin", "key", *set(NAMES.values())):
        place = "{" + name + "}"
        if place in template:
            if not values.get(name):
                return None
            if values[name] in (".", ".."):
                # Two of them in a path lead out of the place the owner meant.
                return None
            template = template.replace(place, values[name])
    return None if "{" in template or "}" in template else template


def _plain(value: str) -> str:
    """A value that ends no parameter, step or fragment of the address it is put into."""
    return quote(value, safe="-._~")


def _begins(steps: list[str], key: Key) -> bool:
    ai = keys.ai_of(steps[0])
    return ai == key.ai


def _parts(key: Key, steps: list[str]) -> list[tuple[str, str]]:
    found = [("key", _plain(key.value))]
    if key.gtin:
        found.append(("gtin", key.gtin))
    for at in range(2, len(steps), 2):
        name = NAMES.get(keys.ai_of(steps[at]))
        if name:
            found.append((name, _plain(unquote(steps[at + 1]))))
    return found
