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
from chuan.modules.traceability.engine.keys import canonical, read
from chuan.modules.traceability.engine.scanned import NAMES
from chuan.modules.traceability.models import Link, Party

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
    owned = _owned(party)
    made, faults = [], []
    for at, one in enumerate(links):
        why = _fault(one, party, owned)
        if why:
            faults.append((at, why))
        else:
            made.append(_row(party, one))
    if faults:
        raise WrongLinks(faults)
    known = {
        _identity(row): row for row in Link.objects.filter(anchor__in={row.anchor for row in made})
    }
    new: dict[tuple[str, ...], Link] = {}
    changed: dict[tuple[str, ...], Link] = {}
    for row in made:
        key = _identity(row)
        there = known.get(key)
        if there is None:
            new[key] = row
        elif (there.title, there.is_default) != (row.title, row.is_default):
            there.title, there.is_default = row.title, row.is_default
            changed[key] = there
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


def _owned(party: Party) -> set[str]:
    products = party.products.values_list("gtin", flat=True)
    places = party.places.exclude(gln="").values_list("gln", flat=True)
    return {*products, *places, *filter(None, [party.gln])}


def _fault(link: NewLink, party: Party, owned: set[str]) -> str | None:
    key = read(link.anchor)
    if key is None or not key.has_right_check_digit:
        return _("“%(value)s” không phải mã GS1 đọc được.") % {"value": link.anchor}
    if (key.gtin or key.value) not in owned and not (
        party.company_prefix and key.prefix == party.company_prefix
    ):
        return _("Mã %(value)s không phải của đơn vị này.") % {"value": key.value}
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
    try:
        _row(party, link).full_clean(validate_constraints=False)
    except ValidationError as error:
        return error.messages[0]
    return None


def _row(party: Party, link: NewLink) -> Link:
    return Link(
        party=party,
        anchor=canonical(link.anchor),
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
