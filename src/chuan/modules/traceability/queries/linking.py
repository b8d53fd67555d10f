"""What some links would change, and what is wrong with them: asked before anything is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from chuan.lib.vietnamese import clean, fold
from chuan.modules.traceability.engine import linktypes
from chuan.modules.traceability.engine.keys import Key
from chuan.modules.traceability.engine.scanned import NAMES, read_key
from chuan.modules.traceability.enums import LINK_TYPES
from chuan.modules.traceability.models import Link, Party, Place, Product
from chuan.modules.traceability.parsing.link_files import LinkTable
from chuan.modules.traceability.queries.numbers import Owned

MOST_AT_ONCE = 5000
# What a row of a link holds that its owner may say.
FACTS = (
    *("anchor", "link_type", "href", "title"),
    *("language", "media_type", "context", "is_default"),
)
_PLACES = frozenset({"gtin", "key", *NAMES.values()})
# RFC 9264 as GS1's schema has it: two letters, or two and two.
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_MEDIA = re.compile(r"\w+/[-+.\w]+")
_GLNS = ("414", "417")
_YES = frozenset({"x", "1", "co", "yes", "true"})
_NO = frozenset({"", "0", "khong", "no", "false"})


@dataclass(frozen=True, slots=True)
class NewLink:
    """One link as its owner gives it; `anchor` is any way of writing the key.

    `number` names a link that is there and is to become this one; without it, it is the same link
    when only title and default differ.
    """

    anchor: str
    link_type: str
    href: str
    title: str
    language: str = ""
    media_type: str = ""
    context: str = ""
    is_default: bool = False
    number: int | None = None


class LinkFault(NamedTuple):
    """What is wrong with the link at a place of the list, from 0, and in which of its fields."""

    at: int
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A link that is there, as it would be, and what it said before."""

    at: int
    row: Link
    before: Mapping[str, str | bool]


@dataclass(slots=True)
class Plan:
    """What storing some links does. With faults nothing of it may be stored."""

    added: list[tuple[int, Link]] = field(default_factory=list)
    changed: list[Changed] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    faults: list[LinkFault] = field(default_factory=list)

    @property
    def counts(self) -> tuple[int, int]:
        return len(self.added), len(self.changed)


def plan_of(party: Party, links: Sequence[NewLink]) -> Plan:
    """What of these is new to a party, what would change, what stands there already."""
    if len(links) > MOST_AT_ONCE:
        why = _("Mỗi lần tối đa 5.000 liên kết.")
        return Plan(faults=[LinkFault(MOST_AT_ONCE, "anchor", why)])
    scanned = [read_key(one.anchor) for one in links]
    register = _Register(party, [key for key in scanned if key])
    made = [_row(party, one, key) for one, key in zip(links, scanned, strict=True)]
    plan = Plan()
    nameless: set[int] = set()
    for at, (one, key, row) in enumerate(zip(links, scanned, made, strict=True)):
        wrong = _faults_of_row(row) | dict(_faults(one, key, register))
        plan.faults += (LinkFault(at, name, why) for name, why in wrong.items())
        if not (row.anchor and row.link_type):
            nameless.add(at)
    named = Link.objects.filter(pk__in=[one.number for one in links if one.number])
    by_number = {row.pk: row for row in named.filter(party=party)}
    known = {
        identity_of(row): row
        for row in Link.objects.filter(anchor__in={row.anchor for row in made})
    }
    taken: dict[tuple[str, ...], tuple[int, Link]] = {}
    touched: set[int] = set()
    for at, (one, row) in enumerate(zip(links, made, strict=True)):
        if at in nameless:
            # Nobody knows which link this is, nor whether another line tells it too.
            continue
        identity = identity_of(row)
        there = known.get(identity)
        if identity in taken:
            first, same = taken[identity]
            if _said(same) != _said(row) or links[first].number != one.number:
                why = _("Một dòng ở trên đã khai đúng liên kết này, với tên hoặc mặc định khác.")
                plan.faults.append(LinkFault(at, "href", why))
            continue
        taken[identity] = at, row
        if one.number is not None:
            mine = by_number.get(one.number)
            if mine is None or mine.pk in touched:
                why = _("Đơn vị không có liên kết số %(n)s, hoặc số này ghi hai lần trong tệp.")
                plan.faults.append(LinkFault(at, "number", why % {"n": one.number}))
                continue
            if there is not None and there.pk != mine.pk:
                plan.faults.append(LinkFault(at, "href", _("Liên kết này đã có.")))
                continue
            there = mine
        if there is None:
            plan.added.append((at, row))
        elif there.party_id != party.pk:
            plan.faults.append(LinkFault(at, "anchor", _("Liên kết này do đơn vị khác khai.")))
        elif there.pk in touched:
            why = _("Một dòng ở trên đã sửa liên kết này.")
            plan.faults.append(LinkFault(at, "number", why))
        elif _said(there) == _said(row):
            plan.unchanged.append(at)
            touched.add(there.pk)
        else:
            before = _said(there)
            for name in FACTS:
                setattr(there, name, getattr(row, name))
            plan.changed.append(Changed(at, there, before))
            touched.add(there.pk)
    plan.faults = in_order(plan.faults)
    return plan


def in_order(faults: Iterable[LinkFault]) -> list[LinkFault]:
    """As their lines and columns stand."""
    columns = ("number", *FACTS)
    return sorted(faults, key=lambda fault: (fault.at, columns.index(fault.field)))


def links_in(table: LinkTable) -> tuple[list[NewLink], list[LinkFault]]:
    """The links a file tells, one for each line, and which of its cells cannot be read as what
    they should be."""
    types = _names_of_types()
    links: list[NewLink] = []
    faults: list[LinkFault] = []
    for at, line in enumerate(table.lines):
        told = dict(line.cells)
        number, default = told.pop("number"), fold(told.pop("is_default"))
        if number and not (number.isascii() and number.isdigit() and len(number) < 18):
            faults.append(LinkFault(at, "number", _("Để nguyên số có trong tệp tải về.")))
            number = ""
        if default not in _YES | _NO:
            faults.append(LinkFault(at, "is_default", _("Ghi x hoặc để trống.")))
        told["link_type"] = types.get(fold(told["link_type"]), told["link_type"])
        links.append(
            NewLink(**told, is_default=default in _YES, number=int(number) if number else None)
        )
    return links, faults


def identity_of(row: Link) -> tuple[str, ...]:
    """What no two links have both."""
    return (row.anchor, row.link_type, row.language, row.media_type, row.context, row.href)


def _said(row: Link) -> dict[str, str | bool]:
    return {name: getattr(row, name) for name in FACTS}


def _names_of_types() -> dict[str, str]:
    """Types as people choose them, in the language they read, by what they are called."""
    return {fold(str(word)): name for name, word in LINK_TYPES.items()}


class _Register:
    """Whose the keys of some links are, asked once for all of them."""

    def __init__(self, party: Party, keys: Sequence[Key]) -> None:
        self._owned = Owned([party], {name for key in keys for name in _names(key)})
        gtins = {key.gtin for key in keys if key.gtin}
        glns = {key.value for key in keys if key.ai in _GLNS}
        # Numbers that the register has under somebody else, confirmed or not.
        rows = [
            *Product.objects.filter(gtin__in=gtins).exclude(party=party).values_list("gtin"),
            *Place.objects.filter(gln__in=glns).exclude(party=party).values_list("gln"),
            *Party.objects.filter(gln__in=glns).exclude(pk=party.pk).values_list("gln"),
        ]
        self._others = {number for (number,) in rows}

    def holds(self, key: Key) -> bool:
        """Whether the party may speak for a key: it is its own, and nobody else's in the register."""
        number = key.gtin or key.value
        return number not in self._others and any(map(self._owned.has, _names(key)))


def _names(key: Key) -> set[str]:
    """What the register may call what a key names: a GLN is that of a place and of a party."""
    if key.gtin:
        return {Key("01", key.gtin).link}
    if key.ai in _GLNS:
        return {Key(ai, key.value).link for ai in _GLNS}
    return {key.link}


def _faults(link: NewLink, key: Key | None, register: _Register) -> Iterator[tuple[str, str]]:
    """What is wrong, field by field; of each the first alone."""
    if key is None:
        yield "anchor", _("“%(value)s” không phải mã GS1 đọc được.") % {"value": link.anchor}
    elif not register.holds(key):
        why = _("Mã %(value)s không phải của đơn vị này, hoặc còn chờ xác nhận.")
        yield "anchor", why % {"value": key.value}
    if linktypes.named(link.link_type) not in linktypes.KNOWN:
        yield "link_type", _("Không có loại liên kết “%(value)s”.") % {"value": link.link_type}
    if why := _fault_of_address(link.href):
        yield "href", why
    if not clean(link.title):
        yield "title", _("Liên kết cần có tên.")
    if link.language and not _LANGUAGE.fullmatch(link.language):
        yield "language", _("Ngôn ngữ viết như vi, en hoặc en-GB.")
    if link.media_type and not _MEDIA.fullmatch(link.media_type):
        yield "media_type", _("Kiểu nội dung viết như text/html.")


def _fault_of_address(href: str) -> str:
    try:
        address = urlsplit(href)
    except ValueError:
        address = None
    if address is None or address.scheme not in ("https", "http") or not address.hostname:
        return _("Địa chỉ phải bắt đầu bằng https://.")
    if set(re.findall(r"\{(.*?)\}", href)) - _PLACES or "{" in address.netloc:
        return _(
            "Trong địa chỉ chỉ dùng được {gtin}, {lot}, {serial}, {variant}, {extension}, {key}."
        )
    return ""


def _faults_of_row(row: Link) -> dict[str, str]:
    try:
        # Its party is locked and one link is not told twice: neither is asked for each of 5,000.
        row.full_clean(exclude=["party"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return {name: messages[0] for name, messages in error.message_dict.items()}
    return {}


def _row(party: Party, link: NewLink, key: Key | None) -> Link:
    return Link(
        party=party,
        anchor=key.link if key else "",
        link_type=linktypes.named(link.link_type) or "",
        href=link.href.strip(),
        title=clean(link.title),
        language=link.language,
        media_type=link.media_type,
        context=clean(link.context),
        is_default=link.is_default,
    )
