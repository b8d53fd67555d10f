"""Finds the name of a body at a place in a text: known names, families, collectives, patterns."""

from __future__ import annotations

import itertools
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chuan.modules.plans.parsing.plan import BodyKind
from chuan.modules.plans.parsing.spelling import bare, fold, sentence_start

LONGEST_MENDED = 2
"""Words of one name that may carry a wrong tone mark and still be mended."""

_CAPITALISED = re.compile(r"[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][\w’']*")
_PLACE_WORD = re.compile(
    r"\s+(?:(?:các\s+)?(?:tỉnh|thành phố|tp\.?|huyện|quận|thị xã|xã|phường|đặc khu|khu vực|vùng|trung ương)(?!\w))"
)
_PLACE_NAME = re.compile(r"(?:\s+-\s*|\s+|-)(?:[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][\w’']*|(?<=khu vực )[IVX\d]+)")
_UPPER_RUN = re.compile(r"[A-ZĐ]{2}|\.")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its keys, letter for letter: `plain` has spaces for line breaks, at `breaks`."""

    plain: str
    fold: str
    bare: str
    breaks: frozenset[int] = frozenset()

    @classmethod
    def of(cls, plain: str, breaks: frozenset[int] = frozenset()) -> Text:
        return cls(plain, fold(plain), bare(plain), breaks)


@dataclass(frozen=True, slots=True)
class Found:
    """A body found at letters [start, end) of a text.

    `family` is set where further fields may follow without the word ("Sở Y tế, Xây dựng");
    `goes_on`: words up to the end of the item still belong to the name.
    """

    start: int
    end: int
    kind: BodyKind
    name: str
    full_name: str
    known: bool = True
    mended: bool = False
    family: Family | None = None
    goes_on: bool = False
    full_base: str = ""
    """`full_name` without the place after it."""


@dataclass(frozen=True, slots=True)
class _Name:
    key: str
    full: str
    short: bool
    with_place: bool
    family: Family | None = None


@dataclass(frozen=True)
class Family:
    """A word and the fields that make bodies with it; `fields` from the longest to the shortest."""

    word: str
    fields: tuple[tuple[str, str, bool], ...]
    """(key, full field, whether the key is an abbreviation)."""
    place: re.Pattern[str] = re.compile(r"(?!)")
    closed: bool = False
    """Only place names make a body of it ("UBND huyện …"); `place` is how one looks."""

    def named(self, field: str) -> str:
        return f"{self.word} {field}"

    @property
    def committee(self) -> str:
        """The word without a kind of locality: "UBND" of "UBND huyện"."""
        return "UBND" if self.word.startswith("UBND") else "Ủy ban nhân dân"


class Gazetteer:
    def __init__(self, data: dict[str, object]) -> None:
        self.families: list[Family] = []
        self._names: dict[str, list[_Name]] = {}
        self._bare_names: dict[str, list[_Name]] = {}
        self._plurals: list[tuple[re.Pattern[str], Family]] = []
        self._load_families(data)
        self._load_bodies(data)
        for names in itertools.chain(self._names.values(), self._bare_names.values()):
            names.sort(key=lambda name: len(name.key), reverse=True)
        self._load_heads(data)
        self._load_collectives(data)

    def match(self, text: Text, at: int, *, stop: int | None = None) -> Found | None:
        """The longest body that begins at letter `at`; `stop` is where the cell ends."""
        stop = len(text.plain) if stop is None else stop
        if at >= stop or not self._may_begin(text, at):
            return None
        candidates = [
            self._name_at(text, at, stop),
            self._committee_at(text, at, stop),
            self._collective_at(text, at, stop),
        ]
        best = max((c for c in candidates if c), key=lambda found: found.end, default=None)
        if best and not best.mended:
            return best
        return best or self._head_at(text, at, stop)

    def plural_at(self, text: Text, at: int) -> tuple[Family, int] | None:
        """ "Các Sở: …" or "UBND các huyện: …" at a place: the family, and where its list begins."""
        for pattern, family in self._plurals:
            found = pattern.match(text.fold, at)
            if not found:
                continue
            begin = found.end()
            if not _CAPITALISED.match(text.plain, begin) or self._may_be_noun(text, begin):
                continue
            if not self._committee.match(text.fold, begin):
                return family, begin
        return None

    def field_at(self, text: Text, at: int, family: Family, stop: int) -> Found | None:
        """A field of a family without its word: "Xây dựng" after "Các Sở:"."""
        for key, full, short in family.fields:
            if text.fold.startswith(key, at) and _ends_word(text.fold, at + len(key)):
                end = self._with_place(text, at + len(key), stop)
                name = family.named(text.plain[at : at + len(key)] if short else full)
                whole = family.named(full)
                return Found(at, end, BodyKind.NAMED, name, whole, family=family, full_base=whole)
        if family.closed and (found := family.place.match(text.plain, at, stop)):
            locality = self._locality.match(text.fold, at, found.end())
            name = (
                f"{family.committee} {found.group()}" if locality else family.named(found.group())
            )
            return Found(at, found.end(), BodyKind.NAMED, name, name, family=family)
        return None

    def _may_be_noun(self, text: Text, at: int) -> bool:
        """Whether a plural word stands here ("Các Sở Ban ngành"), not a field."""
        row = self._rows["departments"][0].match(text.fold, at)
        return row is not None and (row.end() >= len(text.fold) or text.fold[row.end()] in " ,;")

    def _may_begin(self, text: Text, at: int) -> bool:
        return (at == 0 or not text.plain[at - 1].isalnum()) and not self._not_bodies.match(
            text.fold, at
        )

    def _name_at(self, text: Text, at: int, stop: int) -> Found | None:
        found = self._listed_name(text, at, stop, text.fold, self._names)
        if found is None:
            found = self._listed_name(text, at, stop, text.bare, self._bare_names)
        return found or self._family_member(text, at, stop)

    def _listed_name(
        self, text: Text, at: int, stop: int, key_text: str, names: dict[str, list[_Name]]
    ) -> Found | None:
        if not text.plain[at].isupper():
            return None
        for name in names.get(key_text[at : at + 3], ()):
            end = at + len(name.key)
            if end > stop or not key_text.startswith(name.key, at) or not _ends_word(key_text, end):
                continue
            written = text.plain[at:end]
            mended = key_text is text.bare
            if mended and _wrong_words(written, name.full) > LONGEST_MENDED:
                continue
            full_end = self._with_place(text, end, stop) if name.with_place else end
            place = text.plain[end:full_end].replace("Tỉnh", "tỉnh")
            base = written if name.short and not mended else name.full
            return Found(
                at,
                full_end,
                BodyKind.NAMED,
                base + place,
                name.full + place,
                mended=mended,
                family=name.family,
                full_base=name.full,
            )
        return None

    def _family_member(self, text: Text, at: int, stop: int) -> Found | None:
        for family in self.families:
            word = fold(family.word) + " "
            if not text.fold.startswith(word, at) or not text.plain[at].isupper():
                continue
            begin = at + len(word)
            if begin < stop and _CAPITALISED.match(text.plain, begin):
                found = re.compile(r"[^,;:()\n]+?(?=\s*(?:[,;:()\n]|$)|\s+và\s)").match(
                    text.plain, begin, stop
                )
                if found:
                    name = f"{family.word} {found.group()}"
                    return Found(
                        at, found.end(), BodyKind.NAMED, name, name, known=False, family=family
                    )
        return None

    def _committee_at(self, text: Text, at: int, stop: int) -> Found | None:
        found = self._committee.match(text.fold, at, stop)
        if not found:
            return None
        committee = self._committee_names[found.group()]
        row = self._row_at(text, found.end() + 1, stop, "localities")
        if row and (row.opener or not row.single):
            end, qualified = row.end, row
            name = f"{self._committee_spelling[found.group()]} {qualified.name}"
            full = f"{committee} {qualified.with_opener()}"
            kind = BodyKind.OPEN if qualified.is_open else BodyKind.GROUP
            return Found(at, end, kind, name, full, mended=qualified.mended, goes_on=True)
        end = self._with_place(text, found.end(), stop)
        place = text.plain[found.end() : end]
        if re.match(r"\s+(?:các|cấp)\s", fold(text.plain[found.end() : stop])) and not place:
            return None
        return Found(
            at,
            end,
            BodyKind.NAMED,
            text.plain[at:end],
            committee + place,
            family=self._committee_family,
        )

    def _collective_at(self, text: Text, at: int, stop: int) -> Found | None:
        rows = [
            row
            for which in ("departments", "localities", "organisations")
            if (row := self._row_at(text, at, stop, which)) is not None
        ]
        mixed = self._row_at(text, at, stop, "all")
        if mixed and mixed.is_open and not mixed.joins_with_and:
            rows.append(mixed)
        best = max(rows, key=lambda row: row.end, default=None)
        if best is None or (best.single and not (best.opener or best.qualified)):
            return None if best is None else self._lone_collective(text, best)
        return self._of_row(text, at, best)

    def _lone_collective(self, text: Text, row: _RowFound) -> Found | None:
        """A single plural word without "các": only where an item plainly is nothing else."""
        after = text.plain[row.end :].lstrip()
        if after and after[0] not in ",;.)" and not fold(after).startswith("và "):
            return None
        if row.which == "departments":
            return None
        return self._of_row(text, row.start, row)

    def _of_row(self, text: Text, at: int, row: _RowFound) -> Found:
        kind = BodyKind.OPEN if row.is_open else BodyKind.GROUP
        return Found(
            at,
            row.end,
            kind,
            sentence_start(row.with_opener()),
            sentence_start(row.with_opener()),
            mended=row.mended,
            goes_on=True,
        )

    def _row_at(self, text: Text, at: int, stop: int, which: str) -> _RowFound | None:
        exact = self._rows[which][0].match(text.fold, at, stop)
        loose = self._rows[which][1].match(text.bare, at, stop)
        if loose and (exact is None or loose.end() > exact.end()):
            found = self._read_row(text, loose, which, is_bare=True)
            if found and found.wrong_words <= LONGEST_MENDED and found.name.count(" ") >= 2:
                return found
        return self._read_row(text, exact, which, is_bare=False) if exact else None

    def _read_row(
        self, text: Text, match: re.Match[str], which: str, *, is_bare: bool
    ) -> _RowFound | None:
        written = text.fold[match.start() : match.end()]
        name = written
        wrong = 0
        if is_bare:
            name = self._mend(text.bare[match.start() : match.end()], written)
            wrong = _wrong_words(written, name)
        name = re.sub(r"\btp\b", "thành phố", name).replace("ubnd", "UBND").replace("ocop", "OCOP")
        nouns = self._nouns_bare if is_bare else self._nouns
        row_text = match.group("row")
        single = len(re.split(r"\s*(?:,|/|-|&|\bvà\b|\bva\b)\s*", row_text)) == 1 or (
            row_text in nouns
        )
        qualifier = match.group("open")
        return _RowFound(
            start=match.start(),
            end=match.end(),
            which=which,
            name=name,
            opener=bool(match.group("opener")),
            single=single,
            qualified=bool(qualifier or match.group("naming")),
            is_open=bool(qualifier) or row_text in ("bên liên quan", "ben lien quan"),
            joins_with_and=bool(re.search(r"\s(?:và|va)\s", row_text)),
            wrong_words=wrong,
        )

    def _mend(self, bare_text: str, written: str) -> str:
        """The row in right spelling: every noun and qualifier as the gazetteer has it."""

        def right(found: re.Match[str]) -> str:
            here = written[found.start() : found.end()]
            known = self._right_spelling[found.group()]
            return here if here in known else known[0]

        return self._spelled.sub(right, bare_text) if bare_text else written

    def _head_at(self, text: Text, at: int, stop: int) -> Found | None:
        found = self._heads.match(text.fold, at, stop)
        if not found or not text.plain[at].isupper():
            return None
        proper = self._head_tails[found.group()] == "proper"
        end = found.end()
        if proper:
            end = self._with_place(text, end, stop)
            if end == found.end():
                return None
        name = text.plain[at:end]
        return Found(
            at,
            end,
            BodyKind.NAMED,
            name,
            name,
            known=proper or end > found.end(),
            goes_on=not proper,
        )

    def _with_place(self, text: Text, end: int, stop: int) -> int:
        """The end of a name with the place after it: "tỉnh", "tỉnh Bình Định", "Bình Định".

        A place name may be broken over lines; but one capital on the next line begins something
        else, as names of places have two.
        """
        word = _PLACE_WORD.match(text.fold, end, stop)
        if word:
            end = word.end()
        count = 0
        while found := _PLACE_NAME.match(text.plain, end, stop):
            begin = found.start() + len(found.group()) - len(found.group().lstrip(" -"))
            if self.begins_something(text, begin, stop):
                break
            if end in text.breaks and count != 1:
                second = _PLACE_NAME.match(text.plain, found.end(), stop)
                if count or not second or found.end() in text.breaks:
                    break
            end = found.end()
            count += 1
        return end

    def begins_something(self, text: Text, at: int, stop: int) -> bool:
        """Whether a known body or a plural begins here (so that no name runs over it)."""
        if self._not_bodies.match(text.fold, at):
            return True
        if any(
            text.fold.startswith(name.key, at) and _ends_word(text.fold, at + len(name.key))
            for name in self._names.get(text.fold[at : at + 3], ())
            if name.key not in ("thuế", "thống kê")
        ):
            return True
        return bool(
            self._committee.match(text.fold, at, stop)
            or self._opening.match(text.fold, at, stop)
            or self._heads.match(text.fold, at, stop)
        )

    def _load_families(self, data: dict[str, object]) -> None:
        for entry in _tables(data["family"]):
            word = str(entry["word"])
            fields = []
            for names in _lists(entry["fields"]):
                for name in names:
                    for key in _ways_to_write(name):
                        fields.append((key, names[0], _is_short(name)))
            fields.sort(key=lambda field: len(field[0]), reverse=True)
            family = Family(word, tuple(dict.fromkeys(fields)))
            self.families.append(family)
            for key, full, short in family.fields:
                self._add(_Name(f"{fold(word)} {key}", family.named(full), short, True, family))
            for plural in _strings(entry["plural"]):
                self._plurals.append(
                    (re.compile(re.escape(fold(plural)) + r"\s*(?::\s*|\s)"), family)
                )

    def _load_bodies(self, data: dict[str, object]) -> None:
        bodies = _table(data["bodies"])
        for group, with_place in (("with_place", True), ("without_place", False)):
            for names in _lists(bodies[group]):
                for name in names:
                    for key in _ways_to_write(name):
                        self._add(_Name(key, names[0], _is_short(name), with_place))

    def _add(self, name: _Name) -> None:
        self._names.setdefault(name.key[:3], []).append(name)
        if not name.short and name.key.count(" ") >= 2:
            key = bare(name.key)
            self._bare_names.setdefault(key[:3], []).append(
                _Name(key, name.full, False, name.with_place, name.family)
            )

    def _load_heads(self, data: dict[str, object]) -> None:
        self._head_tails: dict[str, str] = {}
        for entry in _tables(data["head"]):
            for word in _strings(entry["words"]):
                self._head_tails[fold(word)] = str(entry["tail"])
        self._heads = re.compile(_alternatives(self._head_tails) + r"(?!\w)")
        words = _strings(_table(data["not_bodies"])["words"])
        self._not_bodies = re.compile(_alternatives(map(fold, words)) + r"(?!\w)")
        self.lead_ins = re.compile(
            _alternatives(map(fold, _strings(_table(data["lead_ins"])["words"])))
            + r"(?!\w)\s*:?\s*"
        )

    def _load_collectives(self, data: dict[str, object]) -> None:
        collective = _table(data["collective"])
        openers = _strings(collective["openers"])
        committees = _strings(collective["committee"])
        qualifiers = _table(collective["qualifiers"])
        naming, is_open = _strings(qualifiers["naming"]), _strings(qualifiers["open"])
        classes = {name: _strings(nouns) for name, nouns in _table(collective["classes"]).items()}
        classes["all"] = list(itertools.chain.from_iterable(classes.values()))

        self._committee_names = {
            key: "Ủy ban nhân dân" if "và" not in key else name
            for name in committees
            for key in _ways_to_write(name)
        }
        self._committee_spelling = {
            key: name for name in committees for key in _ways_to_write(name)
        }
        self._committee = re.compile(_alternatives(self._committee_names) + r"(?!\w)")
        self._opening = re.compile(_alternatives(map(fold, openers)) + r"\s")
        self._nouns = {fold(noun) for nouns in classes.values() for noun in nouns}
        self._nouns_bare = {bare(noun) for noun in self._nouns}
        self._right_spelling: dict[str, list[str]] = {}
        for word in itertools.chain(openers, naming, is_open, *classes.values(), ("và",)):
            self._right_spelling.setdefault(bare(word), []).append(fold(word))
        self._spelled = re.compile(r"(?<!\w)" + _alternatives(self._right_spelling) + r"(?!\w)")
        self._rows = {
            name: (
                _row_pattern(openers, nouns, naming, is_open, fold),
                _row_pattern(openers, nouns, naming, is_open, bare),
            )
            for name, nouns in classes.items()
        }
        localities = [
            fold(noun) for noun in classes["localities"] if " " not in noun or "xã" in noun
        ]
        proper = r"(?:[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ][\w’']*)(?:\s*-?\s*[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ0-9][\w’']*)*"
        noun = _alternatives([*localities, "thành phố", "thị trấn", "đặc khu"])
        self._locality = re.compile(rf"{noun}\s")
        self._committee_family = Family(
            "UBND", (), re.compile(rf"(?i:{noun})\s+{proper}"), closed=True
        )
        for key, committee in (("ubnd", "UBND"), ("ủy ban nhân dân", "Ủy ban nhân dân")):
            for word in (
                "huyện",
                "xã",
                "phường",
                "thị xã",
                "thành phố",
                "thị trấn",
                "đặc khu",
                "quận",
            ):
                family = Family(
                    f"{committee} {word}", (), re.compile(rf"(?:{noun}\s+)?{proper}"), closed=True
                )
                pattern = rf"{key}\s+các\s+{word}\s*(?::\s*|\s)"
                self._plurals.append((re.compile(pattern), family))


@dataclass(frozen=True, slots=True)
class _RowFound:
    """Plural words in a row, as found."""

    start: int
    end: int
    which: str
    name: str
    opener: bool
    single: bool
    qualified: bool
    is_open: bool
    joins_with_and: bool
    wrong_words: int

    @property
    def mended(self) -> bool:
        return self.wrong_words > 0

    def with_opener(self) -> str:
        if self.opener or self.which not in ("departments", "localities"):
            return self.name
        return f"các {self.name}"


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer of the package, read once."""
    path = files("chuan.modules.plans.parsing").joinpath("gazetteer.toml")
    return Gazetteer(tomllib.loads(path.read_text("utf-8")))


def _row_pattern(
    openers: list[str],
    nouns: list[str],
    naming: list[str],
    is_open: list[str],
    key: Callable[[str], str],
) -> re.Pattern[str]:
    opener, noun, names, opens = (
        _alternatives(map(key, words)) for words in (openers, nouns, naming, is_open)
    )
    joint = rf"(?:\s*[,/&-]\s*(?:{key('và')}\s+)?|\s+{key('và')}\s+)"
    row = rf"{noun}(?!\w)(?:{joint}{noun}(?!\w))*"
    return re.compile(
        rf"(?P<opener>(?:{opener}\s+)?(?:\d+\s+)?)(?P<row>{row})"
        rf"(?P<naming>(?:\s+{names}(?!\w))*)"
        rf"(?P<open>(?:\s+{opens}(?!\w))*)"
    )


def _alternatives(words: Iterable[str]) -> str:
    longest_first = sorted(set(words), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in longest_first) + ")"


def _ways_to_write(name: str) -> set[str]:
    """A name in folded form, with "&" and "và", and with or without spaces at a dash."""
    key = fold(name)
    ways = {key}
    if "&" in key:
        ways |= {key.replace("&", " & "), key.replace("&", " và ")}
    if " & " in key:
        ways |= {key.replace(" & ", " và "), key.replace(" & ", "&")}
    elif " và " in key:
        ways.add(key.replace(" và ", " & "))
    for way in list(ways):
        if " - " in way:
            ways |= {way.replace(" - ", "-"), way.replace(" - ", "- "), way.replace(" - ", " -")}
        if ", " in way:
            ways.add(way.replace(", ", ","))
    return ways


def _is_short(name: str) -> bool:
    """Whether a name is an abbreviation: capitals in a row that are no word."""
    return any(len(word) > 1 and sum(c.isupper() for c in word) > 1 for word in name.split())


def _ends_word(text: str, end: int) -> bool:
    return end >= len(text) or not text[end].isalnum()


def _wrong_words(written: str, right: str) -> int:
    pairs = zip(fold(written).split(), fold(right).split(), strict=False)
    return sum(one != other for one, other in pairs)


def _table(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError(value)
    return value


def _tables(value: object) -> list[dict[str, object]]:
    return [_table(entry) for entry in _items(value)]


def _lists(value: object) -> list[list[str]]:
    return [_strings(entry) for entry in _items(value)]


def _strings(value: object) -> list[str]:
    return [str(entry) for entry in _items(value)]


def _items(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError(value)
    return value
