"""Where a scanned key leads: what its owners said, and what is known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from chuan.core.people.models import Person
from chuan.modules.traceability.engine import linktypes
from chuan.modules.traceability.engine.choosing import chosen
from chuan.modules.traceability.engine.linktypes import DEFAULT, DEFAULT_MULTI
from chuan.modules.traceability.engine.scanned import Scanned, filled
from chuan.modules.traceability.models import Link, LinkFile, Party, Place, Product
from chuan.modules.traceability.queries.contents import holds_recalled
from chuan.modules.traceability.queries.recalled import IS_RECALLED, is_recalled
from chuan.modules.traceability.queries.registry import parties_visible_to
from chuan.modules.traceability.store import tracing
from chuan.modules.traceability.store.lines import listed_texts
from chuan.modules.traceability.store.rows import fetched


@dataclass(frozen=True, slots=True)
class Target:
    """One link of one level of what was scanned, its address filled in."""

    anchor: str
    link_type: str
    href: str
    title: str
    language: str
    media_type: str
    context: str
    is_default: bool


_LOGISTIC_UNIT = "00"
# Every scanned label asks this; written out, it costs half of what Django takes to put it together.
_LINKS = (
    f"SELECT {IS_RECALLED}, anchor, link_type, href, title, language, media_type, context,"  # noqa: S608
    f" is_default FROM {Link._meta.db_table} WHERE anchor = ANY(%s::text[]) ORDER BY id"
)


def targets_of(scanned: Scanned) -> list[Target]:
    """Every link that holds for what was scanned, the finest level first.

    While it, or something packed in it, is recalled none of them is where scans lead: whoever scans must
    see the recall first, and its owner's page need not tell it.
    """
    found = []
    is_held_back = False
    levels = listed_texts(scanned.levels)
    asked = [levels, levels]
    for is_held_back, anchor, link_type, told, *rest in fetched(_LINKS, asked):  # noqa: B007
        href = filled(told, scanned)
        if href is not None:
            found.append(Target(anchor, link_type, href, *rest))
    if (
        not is_held_back
        and scanned.key.ai == _LOGISTIC_UNIT
        and any(one.is_default for one in found)
    ):
        is_held_back = holds_recalled(scanned.link)
    if is_held_back:
        found = [replace(one, is_default=False) for one in found]
    place = {anchor: at for at, anchor in enumerate(scanned.levels)}
    return sorted(found, key=lambda one: place[one.anchor])


def of_type(targets: Sequence[Target], link_type: str) -> list[Target]:
    """The links of a type at the finest level that has any: lots inherit from their product."""
    fitting = [
        one
        for one in targets
        if (one.is_default if link_type == DEFAULT else one.link_type == link_type)
    ]
    return [one for one in fitting if one.anchor == fitting[0].anchor]


def wanted_of(
    targets: Sequence[Target], *, link_type: str, languages: str, media_types: str, context: str
) -> list[Target]:
    """Links of a type that fit the wishes of whoever scans best: one is where a scan leads.

    :param link_type: as a request names it; "" for where its owner wants scans to lead.
    """
    wanted = linktypes.named(link_type) if link_type else DEFAULT
    if wanted == DEFAULT_MULTI:
        wanted = DEFAULT
    return chosen(
        of_type(targets, wanted) if wanted else [],
        languages=languages,
        media_types=media_types,
        context=context,
    )


def name_of(scanned: Scanned) -> str | None:
    """What is called so here; "" when only events or a recall know it; None when nobody knows it."""
    key = scanned.key
    if key.gtin:
        found = _name(Product.objects.filter(gtin=key.gtin, is_confirmed=True))
    elif key.ai == "414":
        found = _name(Place.objects.filter(gln=key.value, is_public=True, is_confirmed=True))
    elif key.ai == "417":
        found = _name(Party.objects.filter(gln=key.value))
    else:
        found = None
    if found is not None:
        return found
    if is_in_events(scanned.levels) or is_recalled(scanned.levels):
        return ""
    return None


def _name(rows: QuerySet[Place] | QuerySet[Party] | QuerySet[Product]) -> str | None:
    return rows.values_list("name", flat=True).first()


def is_in_events(levels: Iterable[str]) -> bool:
    return bool(tracing.idents_of(levels))


def is_told(scanned: Scanned, *, has_lot: bool) -> bool:
    """Whether anybody told of this lot or item, and not only of its product. A lot that is known
    vouches for its items: many businesses tell lots alone."""
    return has_lot or len(scanned.levels) == 1 or is_in_events(scanned.levels[:-1])


def links_visible_to(person: Person) -> QuerySet[Link]:
    return Link.objects.filter(party__in=parties_visible_to(person)).select_related("party")


def link_files_visible_to(person: Person) -> QuerySet[LinkFile]:
    """Files of links that were stored, and what this person sent and has not stored yet."""
    own = Q(loaded_at__isnull=False) | Q(sent_by=person)
    files = LinkFile.objects.filter(own, party__in=parties_visible_to(person))
    return files.select_related("party", "sent_by", "loaded_by", "undone_by")
