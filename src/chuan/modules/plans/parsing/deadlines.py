"""From the words of a deadline to a kind and a last day: "Quý II năm 2025" is 30/06/2025."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chuan.lib.vietnamese import from_roman
from chuan.modules.plans.parsing.plan import Doubt, Due, DueKind
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.spelling import fold, squeeze

LONGEST_DEADLINE = 160
"""Letters; a longer cell is no deadline, whatever words it has."""

CREDIBLE_YEARS = range(1945, 2101)

_BETWEEN = r"\s*(?:,|và|-|\+|&|;)\s*"
_OF_YEAR = r"(?:\s*[/,.-]?\s*(?:năm\s*)?(?P<year>20\d\d)(?!\d))?"
_QUARTER_NUMBER = r"(?:iv|i{1,3}|[1-4])(?![\w/]*\d{0,2}\s*tháng)\b"
_DAY_IN_WORDS = re.compile(
    r"(?:ngày\s*)?(?<!\d)(?P<day>\d{1,2})\s*(?:/\s*)?tháng\s*(?P<month>\d{1,2})"
    r"(?:\s*,?\s*(?:năm|/)\s*(?P<year>\d{3,4}))?(?!\d)"
)
_DAY = re.compile(
    r"(?<![\d/])(?P<day>\d{1,2})\s*(?P<mark>[/.-])\s*(?P<month>\d{1,2})\s*(?P=mark)\s*"
    r"(?P<year>\d{3,4})(?![\d/])"
)
_DAY_WITHOUT_YEAR = re.compile(
    r"(?<![\d/])(?P<day>\d{1,2})\s*/\s*(?P<month>\d{1,2})(?P<year>)(?![\d/])"
)
_QUARTER = re.compile(
    rf"(?<!\w)(?:quý|quí|q\.?)\s*(?P<list>{_QUARTER_NUMBER}(?:{_BETWEEN}(?:qu[ýí]\s*)?{_QUARTER_NUMBER})*){_OF_YEAR}"
)
_MONTH = re.compile(
    rf"(?<!\w)(?:tháng\s*|t\.?)(?P<list>\d{{1,2}}(?!\d)(?:{_BETWEEN}(?:tháng\s*)?\d{{1,2}}(?!\d|/\d{{1,2}}/))*)"
    rf"{_OF_YEAR}"
)
_MONTH_WITHOUT_WORD = re.compile(r"(?<![\d/])(?P<list>\d{1,2})\s*/\s*(?P<year>20\d\d)(?![\d/])")
_YEARS = re.compile(rf"(?:năm\s*)?(?<!\d)20\d\d(?!\d)(?:{_BETWEEN}(?:năm\s*)?20\d\d(?!\d))*")

_EXCLUSIVE = re.compile(r"(?<!\w)trước(?:\s+(?:ngày|thời điểm))?\s*$")
_UNTIL = re.compile(r"(?<!\w)(?:đến|tới)(?:\s+(?:hết|cuối|ngày|năm))*\s*$")
_FROM = re.compile(r"(?<!\w)từ(?:\s+(?:năm|ngày|đầu))*\s*$")
_FIGURE = re.compile(r"\d|quý|tháng|năm")
_RANGE = re.compile(r"\s*(?:-|đến|tới)\s*")


@dataclass(frozen=True, slots=True)
class ReadDeadline:
    due: Due
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    yearly: re.Pattern[str]
    continuing: re.Pattern[str]
    by_law: re.Pattern[str]
    leftovers: re.Pattern[str]
    keywords: re.Pattern[str]
    parts_of_year: tuple[tuple[re.Pattern[str], int, int], ...]


@dataclass(frozen=True, slots=True)
class _Span:
    """A point or stretch of time: its first and last day, and the letters it takes."""

    first: dt.date
    last: dt.date
    begin: int
    end: int
    whole_years: bool = False
    several: bool = False


def read_deadline(text: str, *, year: int | None = None) -> ReadDeadline:
    """Read a deadline cell; always gives the best guess, with doubts where it is one.

    `year` is the plan's own, for deadlines that name none ("Quý IV").
    "Trước ngày 30/9/2026" ends on 29/9: the day itself no longer counts.
    """
    folded = fold(squeeze(text))
    if not folded.strip(" .,;:-"):
        return _unsure("empty_deadline", gettext_noop("Dòng này không ghi thời hạn."))
    scan = _Scan(folded, year)
    vocabulary = _vocabulary()
    if vocabulary.yearly.search(folded) or (
        vocabulary.continuing.search(folded) and not re.search(r"(?<!\w)(?:đến|tới)\s", folded)
    ):
        doubts = list(scan.faults)
        if scan.has_own_day():
            doubts.append(
                Doubt(
                    "several_deadlines",
                    gettext_noop("Thời hạn vừa có ngày vừa lặp lại; tạm hiểu là hằng năm."),
                    "due",
                )
            )
        return ReadDeadline(Due(DueKind.YEARLY), tuple(doubts))
    if not scan.spans:
        if scan.faults or scan.yearless:
            return ReadDeadline(Due(DueKind.ONCE), scan.doubts())
        if vocabulary.by_law.search(folded):
            return ReadDeadline(Due(DueKind.BY_LAW))
        return _unsure(
            "unknown_deadline",
            gettext_noop("Chưa hiểu cách ghi thời hạn; hãy chọn loại thời hạn và ngày."),
        )
    due = _due_of(folded, scan.spans)
    doubts = list(scan.doubts())
    if due.kind is DueKind.YEARLY:
        doubts.append(
            Doubt(
                "open_ended",
                gettext_noop("Thời hạn chỉ có năm bắt đầu; tạm hiểu là hằng năm."),
                "due",
            )
        )
    if scan.leftover():
        doubts.append(
            Doubt(
                "unknown_deadline",
                gettext_noop("Thời hạn có chữ chưa hiểu; hãy kiểm tra loại thời hạn và ngày."),
                "due",
            )
        )
    return ReadDeadline(due, tuple(doubts))


def is_deadline(text: str) -> bool:
    """Whether a text is a deadline and nothing else; running text with a year in it is not."""
    if len(text) > LONGEST_DEADLINE:
        return False
    folded = fold(text)
    vocabulary = _vocabulary()
    if not (_FIGURE.search(folded) or vocabulary.keywords.search(folded)):
        return False
    scan = _Scan(folded, year=2000)
    on_law = vocabulary.by_law.match(folded) and len(folded) > len("theo ")
    if not (scan.spans or scan.faults or vocabulary.yearly.search(folded) or on_law):
        return False
    return not scan.leftover()


class _Scan:
    """Every point in time of a text; the most exact reading comes first, each letter counts once."""

    def __init__(self, folded: str, year: int | None) -> None:
        self.spans: list[_Span] = []
        self.faults: list[Doubt] = []
        self.yearless = False
        self._folded = self._rest = folded
        self._year = year
        self._year_assumed = False
        self._year_givers: set[int] = set()
        self._read_days(_DAY_IN_WORDS)
        self._read_days(_DAY)
        self._read_parts_of_year()
        self._read_quarters()
        self._read_months(_MONTH)
        self._read_months(_MONTH_WITHOUT_WORD)
        self._read_years()
        self._read_days(_DAY_WITHOUT_YEAR)
        self.spans.sort(key=lambda span: span.begin)

    def doubts(self) -> tuple[Doubt, ...]:
        doubts = list(self.faults)
        if self.yearless:
            doubts.append(
                Doubt(
                    "no_year",
                    gettext_noop("Thời hạn không ghi năm; hãy điền năm và chọn ngày."),
                    "due",
                )
            )
        elif self._year_assumed:
            doubts.append(
                Doubt(
                    "assumed_year",
                    gettext_noop("Thời hạn không ghi năm; tạm lấy năm của kế hoạch."),
                    "due",
                )
            )
        return tuple(doubts)

    def has_own_day(self) -> bool:
        """Whether a point within a year is written with its year: "Quý IV/2025 và thường xuyên"."""
        exact = any(not span.whole_years for span in self.spans)
        return exact and not self._year_assumed

    def leftover(self) -> str:
        """What is neither a point in time nor a word of the vocabulary."""
        rest = _vocabulary().leftovers.sub(" ", self._rest.replace("\0", " "))
        return rest.strip(" .,;:-/()+&*\n\t")

    def _take(self, found: re.Match[str]) -> None:
        blank = "\0" * (found.end() - found.start())
        self._rest = self._rest[: found.start()] + blank + self._rest[found.end() :]

    def _read_days(self, pattern: re.Pattern[str]) -> None:
        for found in list(pattern.finditer(self._rest)):
            year = self._year_of(found)
            self._take(found)
            if year is None:
                continue
            if year not in CREDIBLE_YEARS:
                self._fault(
                    "impossible_year",
                    gettext_noop("Năm trong thời hạn không có thật; hãy sửa lại."),
                )
                continue
            try:
                day = dt.date(year, int(found["month"]), int(found["day"]))
            except ValueError:
                self._fault(
                    "impossible_date",
                    gettext_noop("Ngày trong thời hạn không có trên lịch; hãy sửa lại."),
                )
                continue
            self.spans.append(_Span(day, day, *found.span()))

    def _read_parts_of_year(self) -> None:
        for pattern, month, day in _vocabulary().parts_of_year:
            for found in list(pattern.finditer(self._rest)):
                year = self._year_of(found)
                self._take(found)
                if year is not None:
                    second_half = "cuối" in found.group()
                    first = dt.date(year, 7 if second_half else 1, 1)
                    self.spans.append(_Span(first, dt.date(year, month, day), *found.span()))

    def _read_quarters(self) -> None:
        for found in list(_QUARTER.finditer(self._rest)):
            numbers = [
                int(written) if written.isdigit() else from_roman(written)
                for written in re.findall(r"iv|i{1,3}|[1-4]", found["list"])
            ]
            self._read_stretch(found, 3 * numbers[0] - 2, 3 * numbers[-1])

    def _read_months(self, pattern: re.Pattern[str]) -> None:
        for found in list(pattern.finditer(self._rest)):
            numbers = [int(number) for number in re.findall(r"\d+", found["list"])]
            if all(1 <= number <= 12 for number in numbers):
                self._read_stretch(found, numbers[0], numbers[-1])

    def _read_stretch(self, found: re.Match[str], first_month: int, last_month: int) -> None:
        year = self._year_of(found)
        self._take(found)
        if year is None:
            return
        first = dt.date(year, first_month, 1)
        last = dt.date(year, last_month, calendar.monthrange(year, last_month)[1])
        self.spans.append(_Span(first, last, *found.span()))

    def _read_years(self) -> None:
        for found in list(_YEARS.finditer(self._rest)):
            self._take(found)
            years = [int(number) for number in re.findall(r"20\d\d", found.group())]
            if len(years) == 1 and any(
                found.start() <= at < found.end() for at in self._year_givers
            ):
                continue
            first, last = dt.date(min(years), 1, 1), dt.date(max(years), 12, 31)
            several = len(years) > 1
            self.spans.append(_Span(first, last, *found.span(), whole_years=True, several=several))

    def _year_of(self, found: re.Match[str]) -> int | None:
        """The year written with a point in time, else one written elsewhere, else the plan's."""
        if found["year"]:
            return int(found["year"])
        years = list(re.finditer(r"(?<!\d)20\d\d(?!\d)", self._folded))
        later = [year for year in years if year.start() >= found.end()]
        giver = later[0] if later else years[-1] if years else None
        if giver:
            self._year_givers.add(giver.start())
            return int(giver.group())
        self._year_assumed = True
        if self._year is None:
            self.yearless = True
        return self._year

    def _fault(self, code: str, message: str) -> None:
        self.faults.append(Doubt(code, message, "due"))


def _due_of(folded: str, spans: list[_Span]) -> Due:
    final = max(spans, key=lambda span: span.last)
    before = folded[: final.begin]
    if _EXCLUSIVE.search(before):
        return Due(DueKind.ONCE, final.first - dt.timedelta(days=1))
    if _UNTIL.search(before) or "giai đoạn" in before or (final.whole_years and final.several):
        return Due(DueKind.UNTIL, final.last)
    if _FROM.search(before):
        return Due(DueKind.YEARLY)
    if len(spans) > 1 and _RANGE.fullmatch(folded[spans[0].end : spans[-1].begin]):
        return Due(DueKind.UNTIL, final.last)
    return Due(DueKind.ONCE, final.last)


@cache
def _vocabulary() -> _Vocabulary:
    data = tomllib.loads(
        files("chuan.modules.plans.parsing").joinpath("deadlines.toml").read_text("utf-8")
    )
    leftovers = [*data["yearly"], *data["continuing"], *data["by_law"], *data["filler"]]
    return _Vocabulary(
        yearly=_any_of(data["yearly"]),
        continuing=_any_of(data["continuing"]),
        by_law=_any_of(data["by_law"]),
        leftovers=_any_of(leftovers),
        keywords=_any_of([*data["yearly"], *data["by_law"]]),
        parts_of_year=tuple(
            (
                re.compile(r"(?<!\w)" + re.escape(fold(phrase)) + _OF_YEAR),
                int(day[:2]),
                int(day[3:]),
            )
            for phrase, day in data["parts_of_year"].items()
        ),
    )


def _any_of(phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted({fold(phrase) for phrase in phrases}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")


def _unsure(code: str, message: str) -> ReadDeadline:
    return ReadDeadline(Due(DueKind.BY_LAW), (Doubt(code, message, "due"),))
