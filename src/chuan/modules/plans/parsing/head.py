"""The head of a decision: number, day, issuer, signer, title, what it rests on."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chuan.modules.plans.parsing.deadlines import CREDIBLE_YEARS
from chuan.modules.plans.parsing.gazetteer import Text, gazetteer
from chuan.modules.plans.parsing.plan import Doubt, Notice, ReadDocument, Source
from chuan.modules.plans.parsing.refusals import gettext_noop
from chuan.modules.plans.parsing.sheet import Line
from chuan.modules.plans.parsing.spelling import bare, fold, plain_marks, sentence_start, squeeze

HEAD_LINES = 60
"""The head is looked for in so many lines."""

NUMBER = re.compile(
    r"(?<![\w/])\d{1,5}[a-z]?(?:/(?:19|20)\d\d)?\s?[-/]\s?[A-ZĐ][A-Za-zĐđ&]*\d*"
    r"(?:[-/][A-ZĐ][A-Za-zĐđ&]*\d*)*"
)
_MOTTO = re.compile(r"cong h\w* xa hoi chu\s*nghia viet nam|doc lap\s*-?\s*tu do\s*-?\s*hanh phuc")
_MOTTO_PARTS = (
    "cong hoa xa hoi chu nghia viet nam",
    "doc lap - tu do - hanh phuc",
    "dang cong san viet nam",
)
_OWN_NUMBER = re.compile(
    r"^\W*số\s*[:.]?\s*(?P<number>\d[\d\s]*[a-z]?)?\s*(?:/\s*(?P<year>(?:19|20)\d\d))?[\s.…_]*"
    r"[/-]\s*(?P<notation>[a-zđ]{1,6}(?:\s?[-/&]\s?[a-zđ]{2,}\d*)*)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"ngày[\s.…_]*(?P<day>\d{0,2})[\s.…_]*tháng[\s.…_]*(?P<month>\d{0,2})[\s.…_]*năm[\s.…_]*(?P<year>\d{4})?"
)
_ANNEX = re.compile(r"phụ lục(?:\s+(?:số\s+)?[\divxlc]{1,4})?(?!\w)")
_KINDS = (
    "quyết định", "kế hoạch", "chương trình", "chương trình hành động", "nghị quyết", "chỉ thị",
    "đề án", "phương án", "công văn", "thông báo",
)  # fmt: skip
_AUTHORITY = re.compile(
    r"(?:(?:phó\s+)?chủ tịch|ủy ban nhân dân|hội đồng nhân dân|(?:phó\s+)?giám đốc|bộ trưởng|"
    r"thủ tướng|ban thường vụ|thường trực|ban chấp hành)(?!\w)"
)
_GROUNDS = re.compile(r"(?:căn cứ|theo đề nghị|xét đề nghị|thực hiện|triển khai thực hiện|theo)\s")
_END_OF_TITLE = re.compile(
    r"(?:căn cứ|theo đề nghị|xét đề nghị|điều 1|\(ban hành|\(kèm theo|kính gửi|số\s*:|-{4,}|_{4,})"
)
_SIGNS_AS = re.compile(
    r"(?:quyền\s+|phó\s+|q\.\s*)?(?:chủ tịch|giám đốc|bộ trưởng|thứ trưởng|chánh văn phòng|tổng giám đốc|"
    r"cục trưởng|chi cục trưởng|trưởng ban|bí thư|viện trưởng|thủ tướng)(?:\s+.{0,40})?"
)
_NAME_WORD = re.compile(r"[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ](?:[’']?[A-ZÀ-ÝĂĐĨŨƠƯẠ-Ỹ]?[a-zà-ỹăđĩũơư]+)?[’']?")
_SIGNED = re.compile(r"\(?\s*(?:đã ký|ký|signed|ký tên).*", re.IGNORECASE)
_CITED = re.compile(
    r"(?:nghị quyết|chỉ thị|quyết định|nghị định|kết luận|chương trình|kế hoạch|luật|thông tư|đề án|chiến lược)"
    r"(?:\s+hành động)?\s+số\s*:?\s*$"
)
_NUMERIC_DATE = re.compile(r"(?<![\d/])(\d{1,2})\s?/\s?(\d{1,2})\s?/\s?(\d{1,5})(?![\d/])")
_STAMP = re.compile(r"\d{1,5}(?:\s+\d{1,5})*")
_PLACE = re.compile(r"(?<!\w)(?:Tỉnh|Thành Phố|Huyện|Quận|Thị Xã|Xã|Phường|Thị Trấn|Đặc Khu)(?=\s)")
_LEADING_PLACE = re.compile(
    r"(tỉnh|thành phố|tp\.?|huyện|quận|thị xã|xã|phường|thị trấn|đặc khu)\s+(.+)"
)


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Indexes of lines: where the head, the order itself, the plan and the annex begin."""

    title: int
    order: int
    recipients: int
    plan: int
    annex: int
    end: int


def find_landmarks(lines: Sequence[Line], annex_heading: int | None) -> Landmarks:
    """Where the parts of a document begin; a part that is missing begins where the next does."""
    end = len(lines)
    kinds = [at for at in range(end) if _is_kind(lines, at)]
    title = next((at for at in kinds if at < HEAD_LINES * 2), 0)
    order = next(
        (
            at
            for at in range(title + 1, end)
            if re.match(r"quyết định\s*:|điều 1\s*[.:]", _key(lines[at]))
        ),
        title,
    )
    annex = _annex_start(lines, order, annex_heading)
    plan = next((at for at in kinds if order < at < annex), None)
    recipients = next(
        (at for at in range(order, end) if _key(lines[at]).startswith("nơi nhận")), end
    )
    if plan is None:
        plan = title
    return Landmarks(title, order, recipients, min(plan, annex), annex, end)


def _annex_start(lines: Sequence[Line], order: int, heading: int | None) -> int:
    """The line "Phụ lục" above the headings of the annex, or the headings, or the end."""
    if heading is not None:
        above = range(heading - 1, max(order, heading - 40), -1)
        return next((at for at in above if _annex_title(lines[at])), heading)
    return next((at for at in range(order, len(lines)) if _annex_title(lines[at])), len(lines))


def _annex_title(line: Line) -> bool:
    key = _key(line)
    return bool(_ANNEX.match(key)) and (
        line.text.isupper() or _ANNEX.fullmatch(key.rstrip(" .:")) is not None
    )


def read_head(
    lines: Sequence[Line], marks: Landmarks
) -> tuple[ReadDocument, list[Notice], int | None]:
    """The head of a document, what is wrong or missing in it, and the year of its date line."""
    reader = _HeadReader(lines, marks)
    return reader.document(), reader.notices, reader.year


def numbers_in(text: str) -> Iterator[str]:
    """Numbers of documents in a text: "1703/QĐ-TTg", "38-CT/TW", "15/2020/NĐ-CP"."""
    for found in NUMBER.finditer(plain_marks(squeeze(text))):
        number = re.sub(r"\s", "", found.group())
        notation = number.lstrip("0123456789").lstrip("/-")
        if sum(letter.isupper() for letter in notation) >= 2:
            yield number


def impossible_dates(lines: Sequence[Line]) -> Iterator[Notice]:
    """Dates no calendar has: "31/12/024", "31/02/2025"."""
    for line in lines:
        for found in _NUMERIC_DATE.finditer(line.text):
            day, month, year = (int(part) for part in found.groups())
            written = found.group()
            where = place_of(line.source)
            if len(found[3]) == 2:
                continue
            if year not in CREDIBLE_YEARS:
                message = gettext_noop("Năm không có thật trong ngày “%s”.") % written
                yield Notice("impossible_year", message, where)
                continue
            try:
                dt.date(year, month, day)
            except ValueError:
                message = gettext_noop("Ngày “%s” không có trên lịch.") % written
                yield Notice("impossible_date", message, where)


def place_of(source: Source) -> str:
    """ "trang 7, dòng 15"; without the page where the file knows none."""
    if source.page is None:
        return f"dòng {source.line}"
    return f"trang {source.page}, dòng {source.line}"


def proper_case(text: str) -> str:
    """A name in capitals as it is written in a sentence: "ỦY BAN NHÂN DÂN TỈNH BÌNH ĐỊNH"."""
    written = squeeze(text)
    if not written.isupper():
        return written
    titled = _titled(written)
    found = gazetteer().match(Text.of(titled), 0)
    if found and found.known:
        return _places_in_small(found.full_name + titled[found.end :])
    place = _PLACE.search(titled)
    head = sentence_start(titled[: place.start()].lower()) if place else titled.capitalize()
    return _places_in_small(head + (titled[place.start() :] if place else ""))


def _places_in_small(text: str) -> str:
    return sentence_start(_PLACE.sub(lambda found: found.group().lower(), text))


def _titled(text: str) -> str:
    return " ".join(word.capitalize() for word in text.split())


class _HeadReader:
    def __init__(self, lines: Sequence[Line], marks: Landmarks) -> None:
        self._lines = lines
        self._marks = marks
        self.notices: list[Notice] = []
        self.year: int | None = None
        self._doubts: list[Doubt] = []
        self._sources: list[tuple[str, Source]] = []

    def document(self) -> ReadDocument:
        number, notation = self._number()
        issued_on, self.year = self._date()
        title = self._title()
        issuer = self._issuer()
        signer = self._signer()
        stamps = self._stamps() if number is None or issued_on is None else ()
        stamped_number, stamped_on = self._read_stamps(stamps, number, self.year)
        self._check_articles()
        return ReadDocument(
            number=number,
            notation=notation,
            issued_on=issued_on,
            issuer=issuer,
            signer=signer,
            title=title,
            based_on=tuple(self._based_on(number, notation, title or "")),
            stamps=stamps,
            stamped_number=stamped_number,
            stamped_on=stamped_on,
            doubts=tuple(self._doubts),
            sources=tuple(self._sources),
        )

    def _number(self) -> tuple[str | None, str | None]:
        top = self._lines[: self._marks.title] or self._lines[:HEAD_LINES]
        for line, text in _alone_then_joined(top):
            for piece in re.split(r"(?=\bSố\s*:)", plain_marks(text)):
                found = _OWN_NUMBER.match(piece)
                if not found or not piece.lstrip(" -").lower().startswith("số"):
                    continue
                notation = re.sub(r"\s", "", found["notation"])
                if sum(letter.isupper() for letter in notation) < 2:
                    continue
                self._saw("number", line)
                number = re.sub(r"\s", "", found["number"] or "") or None
                if number and found["year"]:
                    number = f"{number}/{found['year']}"
                if number is None:
                    self._missing(
                        "empty_number",
                        gettext_noop("Số văn bản để trống; hãy điền theo bản ký."),
                        line,
                        "number",
                    )
                return number, notation
        self._missing(
            "empty_number",
            gettext_noop("Không thấy số văn bản; hãy điền theo bản ký."),
            self._lines[0] if self._lines else None,
            "number",
        )
        return None, None

    def _date(self) -> tuple[dt.date | None, int | None]:
        top = self._lines[: self._marks.title] or self._lines[:HEAD_LINES]
        partial: tuple[Line, int | None] | None = None
        for line, text in _alone_then_joined(top):
            found = _DATE.search(fold(text))
            if not found or "kèm theo" in fold(text) or "căn cứ" in fold(text):
                continue
            year = int(found["year"]) if found["year"] else None
            if found["day"] and found["month"] and year:
                self._saw("issued_on", line)
                try:
                    return dt.date(year, int(found["month"]), int(found["day"])), year
                except ValueError:
                    message = gettext_noop("Ngày ký không có trên lịch; hãy sửa lại.")
                    self._missing("impossible_date", message, line, "issued_on")
                    return None, year
            if partial is None or (year and not partial[1]):
                partial = (line, year)
        if partial:
            self._saw("issued_on", partial[0])
            self._missing(
                "empty_date",
                gettext_noop("Ngày ký để trống; hãy điền theo bản ký."),
                partial[0],
                "issued_on",
            )
            return None, partial[1]
        self._missing(
            "empty_date",
            gettext_noop("Không thấy ngày ký; hãy điền theo bản ký."),
            self._lines[0] if self._lines else None,
            "issued_on",
        )
        return None, None

    def _title(self) -> str | None:
        at = self._marks.title
        if at >= len(self._lines) or not _is_kind(self._lines, at):
            return None
        kind = _kind_at(self._lines, at)
        texts: list[str] = []
        at += 2 if kind[1] else 1
        first = at
        for line in self._lines[at : at + 14]:
            key = _key(line)
            if _END_OF_TITLE.match(key) or re.match(r"(?:i|1|a)\s*[.)]\s", key):
                break
            if _AUTHORITY.match(key) and (line.text.isupper() or texts):
                break
            if texts and line.after_blank and _GROUNDS.match(key) and kind[0] != "quyết định":
                break
            if texts and re.match(
                r"(?:ubnd|ủy ban nhân dân) (?:tỉnh|thành phố).*(?:ban hành|xây dựng)", key
            ):
                break
            if not any(letter.isalnum() for letter in line.text):
                if texts and line.text.startswith(("---", "___", "***")):
                    break
                continue
            texts.append(line.text)
        if not texts:
            return None
        self._saw("title", self._lines[first])
        return squeeze(" ".join(texts)).strip(" .-_")

    def _issuer(self) -> str | None:
        names: list[str] = []
        top = self._lines[: min(self._marks.title, HEAD_LINES)] or self._lines[:8]
        for line in top[:14]:
            text = " ".join(_without_motto(part) for part in line.columns or (line.text,)).strip()
            key = fold(text)
            if re.match(r"\W*số\s*[:.]?\s*[\d/…._ -]", key) or _DATE.search(key):
                if names:
                    break
                continue
            text = text.strip(" -_*|")
            if not any(letter.isalpha() for letter in text):
                continue
            if text.isupper() and len(text) < 90:
                if not names:
                    self._saw("issuer", line)
                names.append(text)
            elif names:
                break
        return _issuer_of(names)

    def _signer(self) -> str | None:
        texts = [
            (text.strip(" ."), line)
            for line in self._lines[self._marks.order :]
            for text in line.columns or (line.text,)
        ]
        for at, (title, _line) in enumerate(texts):
            if not title.isupper() or not _SIGNS_AS.fullmatch(fold(title)):
                continue
            for text, line in texts[at + 1 : at + 20]:
                if _SIGNED.fullmatch(text) or _STAMP.fullmatch(text):
                    continue
                if _is_name(text):
                    self._saw("signer", line)
                    return _titled(text) if text.isupper() else text
                if text.isupper() and _SIGNS_AS.fullmatch(fold(text)):
                    break
        self._doubts.append(
            Doubt("no_signer", gettext_noop("Chưa thấy người ký; hãy điền."), "signer")
        )
        return None

    def _based_on(self, number: str | None, notation: str | None, title: str) -> Iterator[str]:
        """Numbers in the grounds first, then in the title, then those the plan says it carries out."""
        marks = self._marks
        own = f"{number}/{notation}" if number else None
        seen: set[str] = {own} if own else set()
        grounds_end = (
            marks.order if marks.order > marks.title else min(marks.title + 40, marks.annex)
        )
        grounds = [line.text for line in self._lines[marks.title : grounds_end]]
        body = " ".join(line.text for line in self._lines[grounds_end : marks.annex])
        annex = " ".join(line.text for line in self._lines[marks.annex :])
        cited = [
            number
            for text in (body, annex)
            for number in _cited_numbers(plain_marks(squeeze(text)))
        ]
        start = next((at for at, text in enumerate(grounds) if _GROUNDS.match(fold(text))), 0)
        for found in [*numbers_in(" ".join(grounds[start:])), *numbers_in(title), *cited]:
            if found not in seen and not (number is None and found.startswith("/")):
                seen.add(found)
                yield found

    def _stamps(self) -> tuple[str, ...]:
        """Loose digits between the order and the plan: what a number stamp leaves in a text."""
        marks = self._marks
        stop = marks.plan if marks.plan > marks.title else min(marks.annex, marks.title + 90)
        for line in self._lines[:stop]:
            if _STAMP.fullmatch(line.text.strip()):
                self._saw("stamps", line)
        return tuple(
            token
            for line in self._lines[:stop]
            if _STAMP.fullmatch(line.text.strip())
            for token in line.text.split()
        )

    def _read_stamps(
        self, stamps: tuple[str, ...], number: str | None, year: int | None
    ) -> tuple[str | None, dt.date | None]:
        if number is not None or len(stamps) not in (1, 3):
            return None, None
        if len(stamps) == 1 or year is None:
            return stamps[0], None
        try:
            return stamps[0], dt.date(year, int(stamps[2]), int(stamps[1]))
        except ValueError:
            return None, None

    def _check_articles(self) -> None:
        marks = self._marks
        order = self._lines[marks.title : marks.plan if marks.plan > marks.title else marks.end]
        articles = [
            int(found[1]) for line in order if (found := re.match(r"điều (\d+)\s*[.:]", _key(line)))
        ]
        if not articles:
            return
        for line in order:
            for found in re.finditer(r"(?<!\w)như điều (\d+)", _key(line)):
                if int(found[1]) > max(articles):
                    message = gettext_noop(
                        "Nơi nhận ghi “Như Điều %(cited)s” nhưng quyết định chỉ có %(count)s điều."
                    ) % {"cited": found[1], "count": max(articles)}
                    self.notices.append(
                        Notice("missing_article", message, f"Nơi nhận, {place_of(line.source)}")
                    )

    def _missing(self, code: str, message: str, line: Line | None, field: str) -> None:
        where = place_of(line.source) if line else ""
        self.notices.append(Notice(code, message, where))
        self._doubts.append(Doubt(code, message, field))

    def _saw(self, field: str, line: Line) -> None:
        self._sources.append((field, line.source))


def _cited_numbers(text: str) -> Iterator[str]:
    for found in NUMBER.finditer(text):
        if _CITED.search(fold(text[max(0, found.start() - 40) : found.start()])):
            yield re.sub(r"\s", "", found.group())


def _alone_then_joined(lines: Sequence[Line]) -> Iterator[tuple[Line, str]]:
    """Every line by itself, then every line with the next: a number may run over two lines."""
    for line in lines:
        yield line, line.text
    for line, following in itertools.pairwise(lines):
        yield line, f"{line.text} {following.text}"


def _key(line: Line) -> str:
    return fold(line.text).strip()


def _is_kind(lines: Sequence[Line], at: int) -> bool:
    return _kind_at(lines, at)[0] != ""


def _kind_at(lines: Sequence[Line], at: int) -> tuple[str, bool]:
    """The kind of document a heading names ("QUYẾT ĐỊNH"), and whether it takes two lines."""
    text = lines[at].text.strip(" .*")
    if not text.isupper():
        return "", False
    key = fold(text)
    if key in _KINDS:
        return key, False
    if at + 1 < len(lines) and lines[at + 1].text.isupper():
        both = f"{key} {fold(lines[at + 1].text.strip(' .'))}"
        if both in _KINDS:
            return both, True
    return "", False


def _without_motto(text: str) -> str:
    """A line of the head without the national name and motto beside it."""
    found = _MOTTO.search(bare(text))
    if found:
        text = text[: found.start()] + " " + text[found.end() :]
    key = bare(squeeze(text)).strip(" -_|")
    if len(key) >= 6 and any(key in part for part in _MOTTO_PARTS):
        return ""
    return squeeze(text)


def _issuer_of(names: list[str]) -> str | None:
    if not names:
        return None
    joined: list[str] = []
    for name in names:
        starts_body = gazetteer().match(Text.of(_titled(name)), 0) is not None
        is_place = bool(_LEADING_PLACE.match(fold(name))) or fold(name) in ("tỉnh", "thành phố")
        if joined and (is_place or not starts_body):
            joined[-1] += " " + name
        else:
            joined.append(name)
    issuer = proper_case(_spelled_out(joined[-1]))
    if len(joined) > 1:
        place = re.search(r"(?:tỉnh|thành phố)\s.+", proper_case(_spelled_out(joined[0])))
        if place and place.group() not in issuer:
            issuer = f"{issuer} {place.group()}"
    return issuer


def _spelled_out(name: str) -> str:
    return re.sub(r"^(?:UBND|UỶ BAN NHÂN DÂN)(?!\w)", "ỦY BAN NHÂN DÂN", name)


def _is_name(text: str) -> bool:
    words = text.split()
    if not 2 <= len(words) <= 6:
        return False
    if all(_NAME_WORD.fullmatch(word) for word in words):
        return True
    return (
        text.isupper()
        and all(word.isalpha() for word in words)
        and not (
            _SIGNS_AS.match(fold(text)) or _AUTHORITY.match(fold(text)) or fold(text) in _KINDS
        )
    )
