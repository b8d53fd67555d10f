"""Where the resolver leads: what owners of keys say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine import linktypes
from chuan.modules.traceability.engine.keys import Key, read
from chuan.modules.traceability.engine.scanned import NAMES
from chuan.modules.traceability.models import Link, Party, Place, Product

MOST_AT_ONCE = 5000
_PLACES = frozenset({"gtin", "key", *NAMES.values()})
# RFC 9264 as GS1's schema has it: two letters, or two and two.
_LANGUAGE = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_MEDIA = re.compile(r"\w+/[-+.\w]+")


@dataclass(frozen=True, slots=True)
class NewLink:
    """One link as its owner gives it; `anchor` is any way of writing the key."""

    anchor: str
    link_type: str
    href: str
    title: str
    language: str = ""
    media_type: str = ""
    context: str = ""
    is_default: bool = False


class WrongLinks(ValueError):
    """Nothing was stored; `faults` are the numbers of the links, from 0, and what is wrong."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__(faults[0][1])
        self.faults = faults


@transaction.atomic
def set_links(*, actor: Person, party: Party, links: Sequence[NewLink]) -> tuple[int, int]:
    """Add links, or correct title and default of those that are there; nothing else is touched.

    :return: how many were added and how many changed.
    :raises WrongLinks: all that is wrong at once; nothing was stored.
    """
    party = Party.objects.select_for_update(no_key=True).get(pk=party.pk)
    rules.keep_registry.require(actor, party)
    if len(links) > MOST_AT_ONCE:
        raise WrongLinks([(MOST_AT_ONCE, _("Mỗi lần tối đa 5.000 liên kết."))])
    keys = [read(one.anchor) for one in links]
    register = _Register(party, [key for key in keys if key])
    made: list[Link] = []
    faults: list[tuple[int, str]] = []
    for at, (one, key) in enumerate(zip(links, keys, strict=True)):
        row = _row(party, one, key)
        why = _fault(one, key, register) or _fault_of_row(row)
        if why:
            faults.append((at, why))
        made.append(row)
    known = {
        _identity(row): row for row in Link.objects.filter(anchor__in={row.anchor for row in made})
    }
    for at, row in enumerate(made):
        before = known.get(_identity(row))
        if before is not None and before.party_id != party.pk:
            faults.append((at, _("Liên kết này do đơn vị khác khai.")))
    if faults:
        raise WrongLinks(sorted(faults))
    new: dict[tuple[str, ...], Link] = {}
    changed: dict[tuple[str, ...], Link] = {}
    for row in made:
        identity = _identity(row)
        there = known.get(identity)
        if there is None:
            new[identity] = row
        elif (there.title, there.is_default) != (row.title, row.is_default):
            there.title, there.is_default = row.title, row.is_default
            changed[identity] = there
    Link.objects.bulk_create(new.values(), batch_size=1000)
    Link.objects.bulk_update(changed.values(), ["title", "is_default"], batch_size=1000)
    if new or changed:
        record(
            action="traceability.links_set",
            actor=actor,
            subject=party,
            added=len(new),
            changed=len(changed),
        )
    return len(new), len(changed)


@transaction.atomic
def remove_link(*, actor: Person, link: Link) -> None:
    """Lead there no more.

    :raises Link.DoesNotExist: it is gone already.
    """
    link = Link.objects.select_for_update(of=("self",)).select_related("party").get(pk=link.pk)
    rules.keep_registry.require(actor, link.party)
    record(
        action="traceability.link_removed",
        actor=actor,
        subject=link.party,
        anchor=link.anchor,
        link_type=link.link_type,
        href=link.href,
    )
    link.delete()


class _Register:
    """Whose the keys of some links are, asked once for all of them."""

    def __init__(self, party: Party, keys: Sequence[Key]) -> None:
        self._party = party
        products = Product.objects.filter(gtin__in={key.gtin for key in keys if key.gtin})
        glns = {key.value for key in keys if key.ai in ("414", "417")}
        # Numbers that stand in the register: of whom, and whether that is beyond doubt.
        rows = [
            *products.values_list("gtin", "party", "is_confirmed"),
            *Place.objects.filter(gln__in=glns).values_list("gln", "party", "is_confirmed"),
            *((one.gln, one.pk, True) for one in Party.objects.filter(gln__in=glns)),
        ]
        self._others = {number for number, owner, _sure in rows if owner != party.pk}
        self._own = {number for number, owner, sure in rows if owner == party.pk and sure}

    def holds(self, key: Key) -> bool:
        """Whether the party may speak for a key: the register says it is its own, or says nothing
        and it begins with its company prefix."""
        number = key.gtin or key.value
        prefix = self._party.company_prefix
        begins = bool(prefix) and key.after_lead.startswith(prefix)
        return number not in self._others and (number in self._own or begins)


def _fault(link: NewLink, key: Key | None, register: _Register) -> str | None:
    if key is None or not key.has_right_check_digit:
        return _("“%(value)s” không phải mã GS1 đọc được.") % {"value": link.anchor}
    if not register.holds(key):
        return _("Mã %(value)s không phải của đơn vị này, hoặc còn chờ xác nhận.") % {
            "value": key.value
        }
    if linktypes.named(link.link_type) not in linktypes.KNOWN:
        return _("Không có loại liên kết “%(value)s”.") % {"value": link.link_type}
    try:
        address = urlsplit(link.href)
    except ValueError:
        address = None
    if address is None or address.scheme not in ("https", "http") or not address.hostname:
        return _("Địa chỉ phải bắt đầu bằng https://.")
    if set(re.findall(r"\{(.*?)\}", link.href)) - _PLACES or "{" in address.netloc:
        return _(
            "Trong địa chỉ chỉ dùng được {gtin}, {lot}, {serial}, {variant}, {extension}, {key}."
        )
    if not clean(link.title):
        return _("Liên kết cần có tên.")
    if link.language and not _LANGUAGE.fullmatch(link.language):
        return _("Ngôn ngữ viết như vi, en hoặc en-GB.")
    if link.media_type and not _MEDIA.fullmatch(link.media_type):
        return _("Kiểu nội dung viết như text/html.")
    return None


def _fault_of_row(row: Link) -> str | None:
    try:
        # Its party is locked and one link is not told twice: neither is asked for each of 5,000.
        row.full_clean(exclude=["party"], validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        return error.messages[0]
    return None


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


def _identity(row: Link) -> tuple[str, ...]:
    return (row.anchor, row.link_type, row.language, row.media_type, row.context, row.href)
