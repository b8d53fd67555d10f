"""What the rest of the product may ask of traceability."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.people.models import Person
from chuan.core.workbooks.opening import BookRefused
from chuan.lib.rules import Denied
from chuan.modules.traceability.engine.quotas import classes
from chuan.modules.traceability.enums import Scope
from chuan.modules.traceability.models import AccessKey, Party
from chuan.modules.traceability.operations import archive as archives
from chuan.modules.traceability.operations import distribution, keys, links
from chuan.modules.traceability.operations.links import WrongLinks
from chuan.modules.traceability.parsing.link_files import read_table
from chuan.modules.traceability.queries import held
from chuan.modules.traceability.queries.keys import client_id_of, parties_of
from chuan.modules.traceability.queries.keys import keys_in_use as found_keys
from chuan.modules.traceability.queries.linking import links_in, plan_of
from chuan.modules.traceability.store.archive import Damaged
from chuan.modules.traceability.store.distribution import LAYOUT, Refused

SCOPES = tuple(Scope.values)
QUOTAS = tuple(sorted(classes()))


class KeyRefused(ValueError):
    """No key was made, changed or revoked; the message says why."""


class LinksRefused(ValueError):
    """Nothing of a file of links was stored; `faults` are where something is wrong and what."""

    def __init__(self, why: str, faults: Sequence[str] = ()) -> None:
        super().__init__(why)
        self.faults = tuple(faults)


class CannotArchive(ValueError):
    """A month was not put away or not put back; the message says which or why."""


class CannotDistribute(ValueError):
    """The tables lie as before; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class RecallWork:
    """A recall that somebody has to do something about: decide on it, or answer for goods."""

    title: str
    url: str
    is_decision: bool


def recall_work_of(person: Person) -> list[RecallWork]:
    """Recalls a leader has to decide on, then those a holder of goods has not answered."""
    decide = [
        RecallWork(one.title, reverse("chains:recall", args=[one.pk]), is_decision=True)
        for one in held.to_decide(person)
    ]
    return decide + [
        RecallWork(
            one.recall.title,
            reverse("traceability:held-recall", args=[one.pk]),
            is_decision=False,
        )
        for one in held.waiting_for(person)
    ]


@dataclass(frozen=True, slots=True)
class KeyInUse:
    """A key as its keeper reads of it. `holder` is a party's name, "authority: everything", of an
    authority the names of the parties in its remit, or that it is nobody's."""

    client_id: str
    name: str
    holder: str
    quota: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    is_good: bool


def add_key(
    *,
    name: str,
    scopes: Sequence[str],
    by: str,
    party: str = "",
    organisation_id: int | None = None,
    remit: Sequence[str] = (),
    sees_everything: bool = False,
    expires_at: datetime | None = None,
    quota: str = "",
) -> str:
    """Make a key and return its text, which can never be read again.

    :param party: whose machine it is: GLN, tax code or code of a registered party; or
    :param organisation_id: the party that is this body; or
    :param remit: for an authority: the parties it watches over, or `sees_everything`; without
        any of these the key sees what is told with it.
    :raises KeyRefused: the name is in use, there is no such scope, quota or party, or it is said to be
        several's.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise KeyRefused(f"scopes: {', '.join(SCOPES)}")
    try:
        _key, text = keys.add_key(
            name=name,
            scopes=[Scope(scope) for scope in scopes],
            by=by,
            party=_holder(party, organisation_id),
            remit=[_party(one) for one in remit] if remit else None,
            sees_everything=sees_everything,
            expires_at=expires_at,
            quota=quota,
        )
    except ValidationError as error:
        raise KeyRefused("; ".join(error.messages)) from None
    return text


def rotate_key(*, name: str, by: str, grace: timedelta) -> str:
    """Give a key a new text and return it; the old one opens for `grace` longer.

    :raises KeyRefused: no key of this name is in use, or it has ended.
    """
    try:
        _key, text = keys.rotate_key(name=name, by=by, grace=grace)
    except AccessKey.DoesNotExist:
        raise KeyRefused(name) from None
    except ValidationError as error:
        raise KeyRefused("; ".join(error.messages)) from None
    return text


def revoke_key(*, name: str, by: str) -> None:
    """Let nobody in with this key any more.

    :raises KeyRefused: no key of this name is in use.
    """
    try:
        keys.revoke_key(name=name, by=by)
    except AccessKey.DoesNotExist:
        raise KeyRefused(name) from None


def keys_in_use(*, at: datetime) -> list[KeyInUse]:
    """Keys that were not revoked, by name."""
    return [
        KeyInUse(
            client_id=client_id_of(key),
            name=key.name,
            holder=_told(key),
            quota=key.quota,
            scopes=tuple(key.scopes),
            created_at=key.created_at,
            expires_at=key.expires_at,
            is_good=key.is_good(at=at),
        )
        for key in found_keys()
    ]


def load_links(
    *, party: str, username: str, name: str, content: bytes, at: datetime
) -> tuple[int, int]:
    """Add and correct resolver links from a CSV or XLSX file, as on the page; links that are not in
    it stay.

    :param party: its GLN, tax code or code.
    :param username: of somebody who keeps the party's links; the ledger names them.
    :return: how many were added and how many changed.
    :raises LinksRefused: all that is wrong at once; nothing was stored.
    """
    try:
        actor = Person.objects.get(username=username)
        table = read_table(name, content)
        told, unread = links_in(table)
        with transaction.atomic():
            file = links.keep_link_file(
                actor=actor, party=_party(party), name=name, links=told, unread=unread, at=at
            )
            counts = plan_of(file.party, told).counts
            links.load_link_file(actor=actor, file=file, shown=counts, at=at)
    except WrongLinks as error:
        faults = [f"{table.cell(one.at, one.field)}: {one.why}" for one in error.faults]
        raise LinksRefused(_("%(n)d chỗ cần sửa") % {"n": len(faults)}, faults) from None
    except Person.DoesNotExist:
        raise LinksRefused(f"no account is called {username}") from None
    except (BookRefused, Denied, KeyRefused) as error:
        raise LinksRefused(str(error)) from None
    return counts


def archive_before(*, end: date, folder: Path, by: str, at: datetime) -> list[tuple[str, int]]:
    """Put what was recorded before a month into files; returns the months and how many events.

    :raises CannotArchive: the month has not begun a day ago, a month is archived already, or a file
        could not be read back or has not all there is.
    """
    try:
        rows = archives.archive_before(end=end, folder=folder, by=by, at=at)
    except (archives.NotArchived, Damaged) as error:
        raise CannotArchive(str(error)) from None
    return [(str(row), row.event_count) for row in rows]


def restore_month(*, month: date, folder: Path, by: str) -> int:
    """Put a month back; returns how many events that were.

    :raises CannotArchive: it is in no archive, or a file is not what was written.
    """
    try:
        return archives.restore_month(month=month, folder=folder, by=by)
    except (archives.NotArchived, Damaged) as error:
        raise CannotArchive(str(error)) from None


def distribute(*, shards: int) -> list[tuple[str, str | None]]:
    """Spread the tables of events over the machines of a Citus database; returns each with the column
    it lies by, None where all of it is on every machine.

    :raises CannotDistribute: no Citus, no machines, or it is done already.
    """
    try:
        distribution.distribute(shards=shards)
    except Refused as error:
        raise CannotDistribute(str(error)) from None
    return [(one.table, one.column) for one in LAYOUT]


def _told(key: AccessKey) -> str:
    if key.is_nobodys:
        return "nobody: what is told with it"
    parties = parties_of(key)
    if parties is None:
        return "authority: everything"
    names = ", ".join(one.name for one in parties) or "nothing"
    return names if key.party is not None else f"authority: {names}"


def _holder(party: str, organisation_id: int | None) -> Party | None:
    if party and organisation_id is not None:
        raise KeyRefused("a party or an organisation, not both")
    if party:
        return _party(party)
    if organisation_id is None:
        return None
    found = list(Party.objects.filter(organisation_id=organisation_id)[:2])
    if len(found) != 1:
        raise KeyRefused(
            "this organisation is no party of traceability, or several: name the party"
        )
    return found[0]


def _party(told: str) -> Party:
    """By GLN, tax code or the code events name it by."""
    found = Party.objects.filter(Q(gln=told) | Q(tax_code=told))
    with suppress(ValueError):
        found = Party.objects.filter(code=UUID(told.removeprefix("urn:uuid:")))
    party = found.first() if told else None
    if party is None:
        raise KeyRefused(f"no party is registered as {told}")
    return party
