"""Whose a number is: by the company prefix it begins with, or by what stands in the register."""

from __future__ import annotations

import re
from collections.abc import Collection

from django.db import connection

from chuan.modules.traceability.engine.keys import read
from chuan.modules.traceability.engine.prefixes import LONGEST, SHORTEST
from chuan.modules.traceability.models import Party, Place, Product
from chuan.modules.traceability.store.lines import Message

_CODE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# Every event of a party asks these, in one message: written out, they cost a third of what Django takes.
# Columns in the order of the model's fields, as `from_db` takes them.
_PLACE = ("id", "code", "party_id", "gln", "is_confirmed")
# Places of these confirmed numbers, or of these codes, which nobody else can have.
_PLACES = (
    f"SELECT {', '.join(_PLACE)} FROM {Place._meta.db_table}"  # noqa: S608
    " WHERE (gln = ANY(%s) AND is_confirmed) OR code = ANY(%s::uuid[])"
)
_PRODUCT = ("id", "gtin")
_GOODS = (
    f"SELECT {', '.join(_PRODUCT)} FROM {Product._meta.db_table}"  # noqa: S608
    " WHERE gtin = ANY(%s) AND is_confirmed AND party_id = ANY(%s)"
)
_HELD = (
    f"SELECT gln, company_prefix FROM {Party._meta.db_table}"  # noqa: S608
    " WHERE (company_prefix = ANY(%s) OR gln = ANY(%s)) AND id <> ALL(%s)"
)


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


class Owned:
    """What is parties' own of these names: themselves, what the register has under them, and numbers
    of their prefixes. A number that waits to be confirmed is nobody's yet."""

    def __init__(self, parties: Collection[Party], names: Collection[str]) -> None:
        self.pks = {one.pk for one in parties}
        self.prefixes = tuple(one.company_prefix for one in parties if one.company_prefix)
        self.registered = {uri for one in parties for uri in one.uris}
        values: dict[str, set[str]] = {"414": set(), "01": set()}
        codes: set[str] = set()
        for name in {_base(one) for one in names} - self.registered:
            key = read(name)
            if key is not None and key.ai in values:
                values[key.ai].add(key.value)
            elif _CODE.fullmatch(name):
                codes.add(name.removeprefix("urn:uuid:"))
        places, goods, self._held = self._asked(values["414"], codes, values["01"])
        self.registered.update(*(one.uris for one in places if one.party_id in self.pks))
        self.registered.update(one.uri for one in goods)
        self._places_of_others = [one for one in places if one.party_id not in self.pks]

    def _asked(
        self, glns: Collection[str], codes: Collection[str], gtins: Collection[str]
    ) -> tuple[list[Place], list[Product], list[tuple[str, str]]]:
        """Places and own goods of these numbers, and numbers and prefixes of others under which these
        places may be."""
        if not (glns or codes or gtins):
            return [], [], []
        mine, message = list(self.pks), Message()
        if glns or codes:
            strange = [one for one in glns if not one.startswith(self.prefixes)]
            lengths = range(SHORTEST, LONGEST + 1)
            beginnings = {one[:length] for one in strange for length in lengths}
            message.add(_PLACES, list(glns), list(codes))
            message.add(_HELD, list(beginnings), strange, mine)
        if gtins:
            message.add(_GOODS, list(gtins), mine)
        with connection.cursor() as cursor:
            answers = message.send(cursor)
        goods = answers.pop() if gtins else []
        places, held = answers or ([], [])
        return (
            [Place.from_db(None, _PLACE, row) for row in places],
            [Product.from_db(None, _PRODUCT, row) for row in goods],
            held,
        )

    def has(self, uri: str) -> bool:
        if _base(uri) in self.registered:
            return True
        key = read(uri) if self.prefixes else None
        return key is not None and key.after_lead.startswith(self.prefixes)

    def of_others(self, places: Collection[str]) -> set[str]:
        """Those of these places that the register or a company prefix gives to somebody else.

        :param places: some of the names this was made for.
        """
        glns: dict[str, set[str]] = {}
        codes: dict[str, set[str]] = {}
        for uri in places:
            if self.has(uri):
                continue
            key = read(uri)
            if key is not None and key.ai == "414":
                glns.setdefault(key.value, set()).add(uri)
            elif _CODE.fullmatch(uri):
                codes.setdefault(uri.removeprefix("urn:uuid:"), set()).add(uri)
        found = {
            uri
            for one in self._places_of_others
            for uri in (*glns.get(one.gln, ()), *codes.get(str(one.code), ()))
        }
        for number, prefix in self._held:
            for gln, uris in glns.items():
                if gln == number or (prefix and gln.startswith(prefix)):
                    found |= uris
        return found


def _base(uri: str) -> str:
    """A place without its extension: a door is part of its house."""
    return uri.partition("/254/")[0]
