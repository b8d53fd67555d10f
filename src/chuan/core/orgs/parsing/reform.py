"""From a list of new units, each with the old ones it was made of in free words, to who became what.

Pure: text in, a reading out. The list is a CSV with a row for each new unit: its name, its province
and “trước sáp nhập”, such as “Xã An Toàn, Xã An Nghĩa (phần còn lại sau khi sáp nhập vào xã An Hòa)”.

An old unit is one and the same in several rows when a row says that it takes what another left,
or both say which district it lay in. Everything the words leave open is a `Doubt` with a suggestion;
nothing is guessed in silence.
"""

from __future__ import annotations

import csv
import enum
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chuan.lib.vietnamese import clean, fold

COLUMNS = ("ma", "ten_moi", "ma_tinh", "tinh_moi", "truoc_sap_nhap")
UNCHANGED = "giu nguyen"
# What a name of a unit below the province begins with, small letters.
UNIT_TYPES = ("thị trấn", "đặc khu", "phường", "xã", "huyện")
PROVINCE_TYPES = ("thành phố", "thủ đô", "tỉnh")
# An answer: the words name no unit at all, such as a shooting range.
NO_UNIT = "none"
SAME, DIFFERENT = "same", "different"
WHOLE, PART = "whole", "part"

_TYPED = re.compile(rf"^({'|'.join(UNIT_TYPES)})\s+(.+)$", re.IGNORECASE)
_PROVINCE = re.compile(rf"^({'|'.join(PROVINCE_TYPES)})\s+(.+)$", re.IGNORECASE)
_DISTRICT = re.compile(
    r"^(?:thuộc\s+|do\s+)?((?:huyện|quận|thị xã|thành phố)\s+.+?)(?:\s+quản lý)?$", re.IGNORECASE
)
_REST = re.compile(r"^phần còn lại(?:\s+sau khi sáp nhập vào\s+(.+))?$", re.IGNORECASE)
_SOME = re.compile(r"^một phần\b", re.IGNORECASE)
_SHORT = {"tphcm": "thành phố Hồ Chí Minh", "tp hcm": "thành phố Hồ Chí Minh"}


class NotAReform(ValueError):
    """The file is not such a list at all; the text says what it should be."""


class DoubtKind(enum.StrEnum):
    NO_TYPE = "no_type"
    SAME_NAME = "same_name"
    REST_OF_NOTHING = "rest_of_nothing"
    UNKNOWN_WORDS = "unknown_words"


class _Titled:
    """What is called by its type and its name: “xã Krong”."""

    __slots__ = ()
    type: str
    name: str

    @property
    def title(self) -> str:
        return f"{self.type} {self.name}"


@dataclass(frozen=True, slots=True)
class Unit(_Titled):
    """One new unit below the province: a row of the list."""

    code: str
    type: str
    name: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Mention(_Titled):
    """One old unit in the words of one row. `takes_rest_of`: rows that took another part of it."""

    unit: Unit
    type: str
    name: str
    words: str
    district: str = ""
    is_part: bool = False
    is_rest: bool = False
    # The unit goes on as it was: nothing of it went anywhere else.
    is_unchanged: bool = False
    takes_rest_of: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class OldUnit(_Titled):
    """One unit that is gone and the new ones that took it over, in part when there are several."""

    type: str
    name: str
    district: str
    mentions: tuple[Mention, ...]
    is_part: bool = False

    @property
    def successors(self) -> list[Unit]:
        """In the order of the list."""
        units = {mention.unit for mention in self.mentions}
        return sorted(units, key=lambda unit: unit.line)

    @property
    def is_split(self) -> bool:
        return len(self.successors) > 1 or self.is_part


@dataclass(frozen=True, slots=True)
class Doubt:
    """What the words leave open. `key` is the same each time the file is read.

    `choices` are what a person may answer, `suggestion` the one the reader would take.
    """

    key: str
    kind: DoubtKind
    words: str
    places: tuple[str, ...]
    choices: tuple[str, ...]
    suggestion: str
    answer: str = ""

    @property
    def is_answered(self) -> bool:
        return bool(self.answer)

    @property
    def taken(self) -> str:
        return self.answer or self.suggestion


@dataclass(frozen=True, slots=True)
class ProvinceReading:
    """One new province: what it was made of, its units, and the old units below it."""

    code: str
    name: str
    before: tuple[str, ...]
    units: tuple[Unit, ...]
    old_units: tuple[OldUnit, ...]
    doubts: tuple[Doubt, ...]

    @property
    def split(self) -> list[OldUnit]:
        return [one for one in self.old_units if one.is_split]

    @property
    def open_doubts(self) -> list[Doubt]:
        return [doubt for doubt in self.doubts if not doubt.is_answered]


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything the list says. `refused`: rows that could not be read, each with its line."""

    provinces: tuple[ProvinceReading, ...] = ()
    refused: tuple[str, ...] = ()

    def province(self, code: str) -> ProvinceReading | None:
        return next((one for one in self.provinces if one.code == code), None)


def read_reform(text: str, answers: Mapping[str, str] | None = None) -> Reading:
    """Read the whole list; `answers` are {key of a doubt: one of its choices}.

    :raises NotAReform: the columns are not those of such a list.
    """
    rows = list(_rows(text))
    refused = []
    provinces: dict[str, dict[str, str]] = {}
    units: dict[str, list[Unit]] = defaultdict(list)
    for line, row in rows:
        if not row["ma_tinh"] and _PROVINCE.match(row["ten_moi"]):
            provinces[row["ma"]] = row | {"ten_moi": _province_name(row["ten_moi"])}
            continue
        typed = _TYPED.match(row["ten_moi"])
        if typed is None or not row["truoc_sap_nhap"]:
            refused.append(f"{line}: {', '.join(filter(None, row.values()))}")
            continue
        unit = Unit(row["ma"], typed[1].lower(), typed[2], line, row["truoc_sap_nhap"])
        units[row["ma_tinh"]].append(unit)
        provinces.setdefault(
            row["ma_tinh"], {"ten_moi": _province_name(row["tinh_moi"]), "truoc_sap_nhap": ""}
        )
    return Reading(
        tuple(_province(code, row, units[code], answers or {}) for code, row in provinces.items()),
        tuple(refused),
    )


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")))
    header = [clean(name).lower() for name in next(reader, [])]
    if not set(COLUMNS) <= set(header):
        raise NotAReform(", ".join(COLUMNS))
    for values in reader:
        if any(value.strip() for value in values):
            row = dict(zip(header, (clean(value) for value in values), strict=False))
            yield reader.line_num, {name: row.get(name, "") for name in COLUMNS}


def _province(
    code: str, row: Mapping[str, str], units: Sequence[Unit], answers: Mapping[str, str]
) -> ProvinceReading:
    doubts = _Doubts(code, answers)
    mentions = [mention for unit in units for mention in _mentions(unit, doubts)]
    before = tuple(_before(row["ten_moi"], row["truoc_sap_nhap"]))
    old_units = tuple(_old_units(mentions, before, doubts))
    return ProvinceReading(
        code, row["ten_moi"], before, tuple(units), old_units, tuple(doubts.found)
    )


class _Doubts:
    """Keeps what was doubtful in one province and what a person answered."""

    def __init__(self, province: str, answers: Mapping[str, str]) -> None:
        self.province = province
        self.answers = answers
        self.found: list[Doubt] = []

    def ask(
        self,
        kind: DoubtKind,
        words: str,
        places: Sequence[str],
        choices: Sequence[str],
        suggestion: str,
    ) -> str:
        """What to take: the person's answer, or what is suggested until there is one."""
        where = "+".join(sorted(fold(place) for place in places))
        key = f"{self.province}/{kind}/{fold(words)}/{where}"[:400]
        answer = self.answers.get(key, "")
        doubt = Doubt(
            key,
            kind,
            words,
            tuple(places),
            tuple(choices),
            suggestion,
            answer if answer in choices else "",
        )
        self.found.append(doubt)
        return doubt.taken


def _province_name(name: str) -> str:
    """“Thành Phố Cần Thơ” → “Thành phố Cần Thơ”."""
    typed = _PROVINCE.match(name)
    return f"{typed[1].capitalize()} {typed[2]}" if typed else name


def _before(new: str, text: str) -> Iterator[str]:
    """The provinces one was made of: “tỉnh Bình Định và tỉnh Gia Lai”."""
    if not text or fold(text) == UNCHANGED:
        yield new
        return
    for part in re.split(r",| và (?=tỉnh |thành phố )", text):
        name = clean(part)
        if name:
            yield _SHORT.get(fold(name), name)


# ---------------------------------------------------------------- the words of one row


def _mentions(unit: Unit, doubts: _Doubts) -> Iterator[Mention]:
    if fold(unit.text) == UNCHANGED:
        yield Mention(unit, unit.type, unit.name, unit.text, is_unchanged=True)
        return
    last_type = unit.type
    for words in _pieces(unit.text):
        bare, notes = _without_brackets(words)
        typed = _TYPED.match(bare)
        if typed is not None:
            type_, name = typed[1].lower(), typed[2]
        else:
            choices = (*UNIT_TYPES[:4], NO_UNIT)
            # A name alone follows the one before it: “Phường A, B”. Other words may be anything.
            suggestion = last_type if re.match(r"^\w[\w’'\- ]+$", bare) else NO_UNIT
            type_ = doubts.ask(DoubtKind.NO_TYPE, bare, [unit.title], choices, suggestion)
            name = bare
            if type_ == NO_UNIT:
                continue
        last_type = type_
        yield _mention(unit, type_, name, words, notes, doubts)


def _mention(
    unit: Unit, type_: str, name: str, words: str, notes: Sequence[str], doubts: _Doubts
) -> Mention:
    district, note = "", ""
    is_part = is_rest = False
    rest_of: tuple[str, ...] = ()
    for text in notes:
        if rest := _REST.match(text):
            is_part = is_rest = True
            rest_of = tuple(clean(one) for one in re.split(r",| và ", rest[1] or "") if one)
        elif found := _DISTRICT.match(text.partition(",")[0]):
            district = found[1][:1].lower() + found[1][1:]
        elif re.match(r"^quận \d+$", text, re.IGNORECASE):
            district = text.lower()
        elif _SOME.match(text):
            is_part = True
        elif not text.lower().startswith("bao gồm"):
            doubts.ask(DoubtKind.UNKNOWN_WORDS, words, [unit.title], (WHOLE, PART), WHOLE)
            note = text
        else:
            note = text
    return Mention(
        unit,
        type_,
        name,
        words,
        district=district,
        is_part=is_part,
        is_rest=is_rest,
        takes_rest_of=rest_of,
        note=note,
    )


def _pieces(text: str) -> Iterator[str]:
    """Cut at commas outside brackets."""
    depth, piece = 0, ""
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter in ",;" and depth <= 0:
            yield clean(piece)
            piece = ""
        else:
            piece += letter
    if clean(piece):
        yield clean(piece)


def _without_brackets(words: str) -> tuple[str, list[str]]:
    notes = [clean(note) for note in re.findall(r"\(([^()]*)\)", words)]
    return clean(re.sub(r"\([^()]*\)", " ", words)), notes


# ---------------------------------------------------------------- one and the same


@dataclass(slots=True)
class _Cluster:
    """Mentions known to be of one old unit."""

    mentions: list[Mention] = field(default_factory=list)

    @property
    def district(self) -> str:
        return next((one.district for one in self.mentions if one.district), "")

    @property
    def is_settled(self) -> bool:
        """Nothing is left to ask: it did not change, or its district tells it from others."""
        return bool(self.district) or any(one.is_unchanged for one in self.mentions)


def _old_units(
    mentions: Sequence[Mention], provinces: Sequence[str], doubts: _Doubts
) -> Iterator[OldUnit]:
    by_name: dict[tuple[str, str], list[Mention]] = defaultdict(list)
    for mention in mentions:
        # With their tones: An Nghĩa and Ân Nghĩa are two.
        by_name[mention.type, mention.name.lower()].append(mention)
    tied = {name: _clusters(same) for name, same in by_name.items()}
    loose = {name: [one for one in found if not one.is_settled] for name, found in tied.items()}
    neighbours = Counter(_places(found) for found in loose.values() if len(found) > 1)
    for name, clusters in tied.items():
        open_ones = loose[name]
        if len(open_ones) > 1:
            are_near = len(provinces) == 1 or neighbours[_places(open_ones)] > 1
            suggestion = SAME if are_near else DIFFERENT
            settled = [one for one in clusters if one.is_settled]
            clusters = [*settled, *_asked(open_ones, doubts, suggestion)]
        for cluster in clusters:
            yield _old_unit(cluster, doubts)


def _places(clusters: Sequence[_Cluster]) -> tuple[str, ...]:
    return tuple(sorted(cluster.mentions[0].unit.title for cluster in clusters))


def _clusters(same: Sequence[Mention]) -> list[_Cluster]:
    """Put together what the words put together: a rest with what was taken before, a district."""
    clusters = [_Cluster([mention]) for mention in same]

    def join(one: _Cluster, other: _Cluster) -> None:
        if one is not other:
            one.mentions += other.mentions
            clusters.remove(other)

    def of(mention: Mention) -> _Cluster:
        return next(cluster for cluster in clusters if mention in cluster.mentions)

    for mention in same:
        for other in same:
            if mention is other:
                continue
            is_its_rest = any(_names(text, other.unit) for text in mention.takes_rest_of)
            same_district = bool(mention.district) and mention.district == other.district
            if is_its_rest or same_district:
                join(of(mention), of(other))
    # “(phần còn lại)” that names nobody is of the only other one there is.
    for cluster in list(clusters):
        if len(clusters) == 2 and any(
            one.is_rest and not one.takes_rest_of for one in cluster.mentions
        ):
            join(clusters[0], clusters[1])
            break
    return clusters


def _names(text: str, unit: Unit) -> bool:
    """Whether words in brackets name a new unit, however they write hyphens: “xã An Hòa mới”."""
    asked = _letters(text).removesuffix(" moi")
    return asked in {_letters(unit.title), _letters(unit.name)}


def _letters(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))


def _asked(clusters: list[_Cluster], doubts: _Doubts, suggestion: str) -> list[_Cluster]:
    """Two of one name that nothing ties: a person says whether they are one.

    Names are told apart by district where a province had two of them. Without a district two
    provinces that became one each had theirs, or the unit was split and the words do not say so.
    """
    first = clusters[0].mentions[0]
    places = [cluster.mentions[0].unit.title for cluster in clusters]
    answer = doubts.ask(DoubtKind.SAME_NAME, first.title, places, (DIFFERENT, SAME), suggestion)
    if answer == DIFFERENT:
        return clusters
    return [_Cluster([mention for cluster in clusters for mention in cluster.mentions])]


def _old_unit(cluster: _Cluster, doubts: _Doubts) -> OldUnit:
    first = cluster.mentions[0]
    is_part = False
    if len({mention.unit for mention in cluster.mentions}) == 1 and any(
        mention.is_part for mention in cluster.mentions
    ):
        answer = doubts.ask(
            DoubtKind.REST_OF_NOTHING, first.words, [first.unit.title], (WHOLE, PART), PART
        )
        is_part = answer == PART
    return OldUnit(first.type, first.name, cluster.district, tuple(cluster.mentions), is_part)
