"""Reports for other stretches than a year: what a stretch is called, and what is wrong with one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from chuan.core.calendar.engine import add_months, last_day_of_month
from chuan.flows.annual_report.enums import ASKED_FOR, REVIEWS, PeriodKind
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.annual_report.queries.days import ONE_DAY
from chuan.flows.annual_report.queries.entry import Fault
from chuan.lib.language import in_vietnamese
from chuan.lib.periods import Period
from chuan.lib.vietnamese import clean, format_date, to_roman
from chuan.modules.plans import facade as plans

QUARTER, HALF, THREE_QUARTERS = 3, 6, 9


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that have a name of their own, “quý II năm 2026”."""

    phrase: str
    days: Period

    @property
    def last_day(self) -> date:
        return self.days.end - ONE_DAY

    @property
    def is_quarter(self) -> bool:
        return add_months(self.days.start, QUARTER) == self.days.end


@in_vietnamese
def year_in_words(year: int) -> str:
    return _("năm %(year)s") % {"year": year}


@in_vietnamese
def stretches_of(year: int) -> list[Stretch]:
    """The stretches of a year that reports are usually called for, in the order they end."""
    words = {"year": year}
    quarters = [
        _stretch(
            _("quý %(number)s năm %(year)s") % {**words, "number": to_roman(number)},
            year,
            QUARTER * (number - 1) + 1,
            QUARTER,
        )
        for number in range(1, 5)
    ]
    return [
        *quarters[:2],
        _stretch(_("6 tháng đầu năm %(year)s") % words, year, 1, HALF),
        quarters[2],
        _stretch(_("9 tháng đầu năm %(year)s") % words, year, 1, THREE_QUARTERS),
        quarters[3],
        _stretch(_("6 tháng cuối năm %(year)s") % words, year, HALF + 1, HALF),
    ]


def _stretch(phrase: str, year: int, month: int, months: int) -> Stretch:
    first = date(year, month, 1)
    return Stretch(phrase, Period(first, add_months(first, months)))


@in_vietnamese
def phrase_of(days: Period) -> str:
    """What texts call these days: by their name where they have one, else by their first and last."""
    last = days.end - ONE_DAY
    for stretch in _named_around(days):
        if stretch.days == days:
            return stretch.phrase
    if days == Period.year(last.year):
        return year_in_words(last.year)
    if days.end == date(last.year + 1, 1, 1) and days.start.year < last.year:
        return _("giai đoạn %(first)s - %(last)s") % {
            "first": days.start.year,
            "last": last.year,
        }
    if days.start.day == 1 and last == last_day_of_month(days.start.year, days.start.month):
        return _("tháng %(month)s năm %(year)s") % {"month": last.month, "year": last.year}
    return _("từ ngày %(first)s đến ngày %(last)s") % {
        "first": format_date(days.start),
        "last": format_date(last),
    }


# How a phrase that was kept is read again, for readers of another language.
_READ_AGAIN = {
    r"năm (?P<year>\d{4})": gettext_lazy("năm %(year)s"),
    r"quý (?P<number>[IV]+) năm (?P<year>\d{4})": gettext_lazy("quý %(number)s năm %(year)s"),
    r"6 tháng đầu năm (?P<year>\d{4})": gettext_lazy("6 tháng đầu năm %(year)s"),
    r"9 tháng đầu năm (?P<year>\d{4})": gettext_lazy("9 tháng đầu năm %(year)s"),
    r"6 tháng cuối năm (?P<year>\d{4})": gettext_lazy("6 tháng cuối năm %(year)s"),
    r"giai đoạn (?P<first>\d{4}) ?[-–] ?(?P<last>\d{4})": gettext_lazy(
        "giai đoạn %(first)s - %(last)s"
    ),
    r"tháng (?P<month>\d+) năm (?P<year>\d{4})": gettext_lazy("tháng %(month)s năm %(year)s"),
    r"từ ngày (?P<first>[\d/]+) đến ngày (?P<last>[\d/]+)": gettext_lazy(
        "từ ngày %(first)s đến ngày %(last)s"
    ),
}


def phrase_here(phrase: str) -> str:
    """A phrase as sentences of the reader's language take it; words of a person stay as they are."""
    if get_language() == "vi":
        return phrase
    for pattern, words in _READ_AGAIN.items():
        if found := re.fullmatch(pattern, phrase):
            return str(words) % found.groupdict()
    return phrase


def _named_around(days: Period) -> Iterator[Stretch]:
    for year in range(days.start.year, days.end.year + 1):
        yield from stretches_of(year)


def last_stretch(on: date) -> Stretch:
    """The quarter that ended last before a day."""
    quarters = [
        one for year in (on.year - 1, on.year) for one in stretches_of(year) if one.is_quarter
    ]
    return [one for one in quarters if one.days.end <= on][-1]


# ---------------------------------------------------------------- what is wrong with one


@dataclass(frozen=True, slots=True)
class Called:
    """A period as a coordinator puts it; None is what they have not said readably."""

    plan: plans.PlanRef | None
    kind: str
    phrase: str
    basis: str
    data_from: date | None
    data_to: date | None
    opens_on: date | None
    due_on: date | None
    grace_until: date | None
    locks_on: date | None

    @property
    def days(self) -> Period | None:
        if self.data_from is None or self.data_to is None or self.data_to <= self.data_from:
            return None
        return Period(self.data_from, self.data_to)


def faults_of(called: Called) -> list[Fault]:
    """Everything at once that keeps a period from being opened, field by field."""
    return [*_faults_of_days(called), *_faults_of_names(called), *_faults_of_order(called)]


def _faults_of_days(called: Called) -> Iterator[Fault]:
    if called.data_from and called.data_to and called.days is None:
        yield Fault(_("Ngày cuối của số liệu phải từ ngày đầu trở đi."), "data_to")
    days, plan = called.days, called.plan
    if days is None:
        return
    if called.kind == PeriodKind.QUARTERLY and days.end > add_months(days.start, QUARTER):
        yield Fault(_("Số liệu báo cáo quý không dài quá ba tháng."), "data_to")
    elif called.kind in REVIEWS and days.end <= add_months(days.start, 12):
        yield Fault(_("Sơ kết, tổng kết nhìn lại hơn một năm: chọn ngày đầu sớm hơn."), "data_from")
    elif called.kind not in REVIEWS and days.end > add_months(days.start, 12):
        yield Fault(_("Số liệu của một kỳ không dài quá một năm."), "data_to")
    if plan is None:
        return
    if days.end <= plan.first_day or days.start > plan.last_day:
        yield Fault(
            _(
                "Kế hoạch có hiệu lực từ %(first)s đến hết %(last)s: chọn số liệu trong thời gian đó."
            )
            % {"first": format_date(plan.first_day), "last": format_date(plan.last_day)},
            "data_from",
        )
    elif not plans.bodies_owing(plan.id, days):
        yield Fault(_("Không cơ quan nào có nhiệm vụ trong các ngày này."), "data_from")
    same = ReportingPeriod.objects.filter(
        plan=plan.id, kind=called.kind, data_from=days.start, data_to=days.end
    ).first()
    if same is not None:
        yield Fault(
            _("Đã mở “%(title)s” cho đúng các ngày số liệu này.") % {"title": same.title},
            "data_from",
        )


def _faults_of_names(called: Called) -> Iterator[Fault]:
    if called.kind in ASKED_FOR and not called.basis:
        yield Fault(
            _("Ghi số, ngày của văn bản yêu cầu báo cáo đột xuất, sơ kết, tổng kết."), "basis"
        )
    days = called.days
    if days is None:
        return
    meant = next(
        (
            one
            for one in _named_around(days)
            if clean(called.phrase).casefold() == one.phrase.casefold()
        ),
        None,
    )
    if meant is not None and not _is_about(meant.days, days):
        yield Fault(
            _("Theo ngày số liệu, kỳ này là “%(phrase)s”. Sửa cụm từ hoặc sửa ngày.")
            % {"phrase": phrase_of(days)},
            "phrase",
        )


def _is_about(named: Period, days: Period) -> bool:
    """Whether days that the law cuts off a little earlier may still go by the name."""
    shared = (min(named.end, days.end) - max(named.start, days.start)).days
    longer = max((named.end - named.start).days, (days.end - days.start).days)
    return 4 * shared > 3 * longer


def _faults_of_order(called: Called) -> Iterator[Fault]:
    due = called.due_on
    if due and called.opens_on and due < called.opens_on:
        yield Fault(_("Hạn gửi phải từ ngày mở trở đi."), "due_on")
    elif due and called.days and due < called.days.end - ONE_DAY:
        yield Fault(
            _("Hạn gửi phải từ ngày chốt số liệu %(day)s trở đi.")
            % {"day": format_date(called.days.end - ONE_DAY)},
            "due_on",
        )
    if due and called.grace_until and called.grace_until < due:
        yield Fault(_("Ngày hết gia hạn chung phải từ hạn gửi trở đi."), "grace_until")
    if called.grace_until and called.locks_on and called.locks_on <= called.grace_until:
        yield Fault(_("Ngày khóa phải từ ngày hết gia hạn chung trở đi."), "locks_on")
