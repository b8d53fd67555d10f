"""Whose a number is: by the company prefix it begins with, or by what stands in the register."""

from __future__ import annotations

from chuan.modules.traceability.engine.prefixes import LONGEST, SHORTEST
from chuan.modules.traceability.models import Party, Place


def holder_of(digits: str) -> Party | None:
    """The party whose company prefix these digits begin with.

    :param digits: of a key, from its company prefix on (`Key.after_lead`).
    """
    beginnings = [digits[:length] for length in range(SHORTEST, LONGEST + 1)]
    return Party.objects.filter(company_prefix__in=beginnings).first()


def rival_of(prefix: str, party: Party) -> Party | None:
    """Another party whose company prefix begins with this one, or this one with it: GS1 lends no
    such two."""
    others = Party.objects.exclude(pk=party.pk).exclude(company_prefix="")
    longer = others.filter(company_prefix__startswith=prefix).first()
    beginnings = [prefix[:length] for length in range(SHORTEST, len(prefix))]
    return longer or others.filter(company_prefix__in=beginnings).first()


def other_with_gln(gln: str, party: Party) -> Party | None:
    """Another party that a GLN names, or that has a place it names."""
    named = Party.objects.filter(gln=gln).exclude(pk=party.pk).first()
    if named is not None:
        return named
    place = Place.objects.filter(gln=gln).exclude(party=party).select_related("party").first()
    return place.party if place else None
