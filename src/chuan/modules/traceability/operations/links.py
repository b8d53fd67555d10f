"""Where the resolver leads: what owners of keys say, one by one or in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Link, LinkFile, Party
from chuan.modules.traceability.operations.registry import ChangedMeanwhile, NothingChanged
from chuan.modules.traceability.queries.linking import (
    FACTS,
    LinkFault,
    NewLink,
    Plan,
    identity_of,
    in_order,
    plan_of,
)

__all__ = [
    "NewLink",
    "WrongLinks",
    "change_link",
    "keep_link_file",
    "load_link_file",
    "remove_link",
    "set_links",
    "undo_link_file",
]


class WrongLinks(ValueError):
    """Nothing was stored; `faults` are all that is wrong."""

    def __init__(self, faults: Sequence[LinkFault]) -> None:
        super().__init__(faults[0].why)
        self.faults = list(faults)


class OtherwiseMeanwhile(Exception):
    """Taking a file over would do something else by now than what its sender was shown."""


@transaction.atomic
def set_links(*, actor: Person, party: Party, links: Sequence[NewLink]) -> tuple[int, int]:
    """Add links, or correct those that are there; nothing else is touched.

    :return: how many were added and how many changed.
    :raises WrongLinks: all that is wrong at once; nothing was stored.
    """
    party = _locked(party)
    rules.keep_registry.require(actor, party)
    plan = _stored(party, links)
    added, changed = plan.counts
    if added or changed:
        record(
            action="traceability.links_set",
            actor=actor,
            subject=party,
            added=added,
            changed=changed,
        )
    return added, changed


@transaction.atomic
def change_link(*, actor: Person, link: Link, version: int, new: NewLink) -> Link:
    """Say something else of a link.

    :param version: of the row as the actor saw it.
    :raises ChangedMeanwhile: somebody else saved first; nothing is written.
    :raises NothingChanged: it says that already.
    :raises WrongLinks: what is wrong with it.
    """
    party = _locked(link.party)
    rules.keep_registry.require(actor, party)
    link = Link.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if link.version != version:
        raise ChangedMeanwhile(link)
    plan = _stored(party, [replace(new, number=link.pk)])
    if not plan.changed:
        raise NothingChanged
    [changed] = plan.changed
    record(
        action="traceability.link_changed",
        actor=actor,
        subject=party,
        before=dict(changed.before),
        after={name: getattr(changed.row, name) for name in FACTS},
    )
    return changed.row


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


# ---------------------------------------------------------------- files
@transaction.atomic
def keep_link_file(
    *,
    actor: Person,
    party: Party,
    name: str,
    links: Sequence[NewLink],
    unread: Sequence[LinkFault] = (),
    at: datetime,
) -> LinkFile:
    """Keep the links of a file until its sender has seen what they change; an earlier file of theirs
    that still waits makes room.

    :param unread: cells that could not be read as what they should be.
    :raises WrongLinks: all that is wrong at once; nothing was kept.
    """
    party = _locked(party)
    rules.keep_registry.require(actor, party)
    faults = in_order([*unread, *plan_of(party, links).faults])
    if faults:
        raise WrongLinks(faults)
    LinkFile.objects.filter(party=party, sent_by=actor, loaded_at=None).delete()
    file = LinkFile.objects.create(
        party=party,
        name=name[:255],
        links=[asdict(one) for one in links],
        sent_by=actor,
        sent_at=at,
    )
    record(action="traceability.link_file_sent", actor=actor, subject=party, links=len(links))
    return file


@transaction.atomic
def load_link_file(
    *, actor: Person, file: LinkFile, shown: tuple[int, int], at: datetime
) -> LinkFile:
    """Store what a file says.

    :param shown: how many links its sender was told would be added and changed.
    :raises OtherwiseMeanwhile: it would do something else by now.
    :raises WrongLinks: it can no longer be stored.
    """
    party = _locked(file.party)
    file = LinkFile.objects.select_for_update().get(pk=file.pk)
    rules.load_link_file.require(actor, party, file)
    plan = _stored(party, links_of_file(file))
    if plan.counts != shown:
        raise OtherwiseMeanwhile
    file.added = [row.pk for _at, row in plan.added]
    file.changed = [{"link": one.row.pk, **one.before} for one in plan.changed]
    file.versions = {str(one.row.pk): one.row.version for one in plan.changed}
    file.loaded_at, file.loaded_by = at, actor
    file.save()
    added, changed = plan.counts
    record(
        action="traceability.link_file_loaded",
        actor=actor,
        subject=party,
        file=file.name,
        added=added,
        changed=changed,
    )
    return file


@transaction.atomic
def undo_link_file(*, actor: Person, file: LinkFile, at: datetime) -> tuple[int, int]:
    """Take back what a file added and changed, as far as nobody touched it since.

    :return: how many links are as before, and how many were left because they were touched.
    """
    party = _locked(file.party)
    file = LinkFile.objects.select_for_update().get(pk=file.pk)
    rules.undo_link_file.require(actor, party, file)
    added = Link.objects.filter(pk__in=file.added, party=party, version=1)
    back = added.count()
    left = len(file.added) - back
    added.delete()
    rows = {
        row.pk: row
        for row in Link.objects.filter(pk__in=[one["link"] for one in file.changed], party=party)
    }
    told = Link.objects.filter(anchor__in={one["anchor"] for one in file.changed})
    taken = {identity_of(row): row.pk for row in told}
    restored = []
    for one in file.changed:
        row = rows.get(one["link"])
        if row is None or row.version != file.versions[str(row.pk)]:
            left += 1
            continue
        for name in FACTS:
            setattr(row, name, one[name])
        if taken.get(identity_of(row), row.pk) != row.pk:
            left += 1
            continue
        row.version += 1
        restored.append(row)
    Link.objects.bulk_update(restored, [*FACTS, "version"], batch_size=1000)
    file.undone_at, file.undone_by = at, actor
    file.save(update_fields=["undone_at", "undone_by"])
    record(
        action="traceability.link_file_undone",
        actor=actor,
        subject=party,
        file=file.name,
        back=back + len(restored),
        left=left,
    )
    return back + len(restored), left


def links_of_file(file: LinkFile) -> list[NewLink]:
    return [NewLink(**one) for one in file.links]


def _locked(party: Party) -> Party:
    return Party.objects.select_for_update(no_key=True).get(pk=party.pk)


def _stored(party: Party, links: Sequence[NewLink]) -> Plan:
    """Store what some links change.

    :raises WrongLinks: all that is wrong at once.
    """
    plan = plan_of(party, links)
    if plan.faults:
        raise WrongLinks(plan.faults)
    for one in plan.changed:
        one.row.version += 1
    Link.objects.bulk_create([row for _at, row in plan.added], batch_size=1000)
    changed = [one.row for one in plan.changed]
    Link.objects.bulk_update(changed, [*FACTS, "version"], batch_size=1000)
    return plan
