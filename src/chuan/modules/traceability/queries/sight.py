"""What a key sees: the one thing every answer to a machine begins with."""

from __future__ import annotations

from collections.abc import Collection

from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import AccessKey, Party, Place
from chuan.modules.traceability.queries.keys import parties_of
from chuan.modules.traceability.queries.registry import parties_told_by
from chuan.modules.traceability.queries.telling import teller_of
from chuan.modules.traceability.store.rows import fetched
from chuan.modules.traceability.store.sight import Sight, names_in

# Every answer to a party asks this; written out, it costs a tenth of what Django takes. Columns in the
# order of the model's fields, as `from_db` takes them.
_PLACE = ("id", "code", "gln", "is_confirmed")
_PLACES = f"SELECT {', '.join(_PLACE)} FROM {Place._meta.db_table} WHERE party_id = ANY(%s)"  # noqa: S608


def sight_of(key: AccessKey) -> Sight | None:
    """What the holder of a key sees (`rules/sight.py` says why); None sees everything.

    Whoever reads events for a machine hands this on: `queries.events.page`, `queries.trace.trace`,
    `store.reading`.
    """
    parties = parties_of(key)
    if parties is None:
        return None
    return _of_parties(parties, {teller_of(key) or ""} if key.is_nobodys else set())


def sight_of_person(person: Person) -> Sight | None:
    """What somebody who is signed in sees: inspectors and oversight everything, members of a business
    what their parties see.

    :raises Denied: they have nothing to do with any chain.
    """
    if rules.see_chains.allows(person):
        return None
    parties = list(parties_told_by(person))
    if not parties:
        rules.see_chains.require(person)
    return _of_parties(parties, set())


def _of_parties(parties: Collection[Party], others: Collection[str]) -> Sight:
    """:param others: more names that events have for whoever asks."""
    rows = fetched(_PLACES, [[one.pk for one in parties]])
    places = [Place.from_db(None, _PLACE, row) for row in rows]
    names = {uri for one in parties for uri in one.uris} | {
        uri for place in places for uri in place.uris
    }
    names.update(others)
    glns = {one.gln for one in parties} | {one.gln for one in places if one.is_confirmed}
    prefixes = {one.company_prefix for one in parties}
    return names_in(names, glns - {""}, prefixes - {""})
