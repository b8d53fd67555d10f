"""What does not fit, in all chains of the province."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Substr

from chuan.core.people.models import Person
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.checks import ON_THE_WAY, Finding, Seen, findings_of
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.models import ChainFinding, Product
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.chains import history_of, names_of_places, seen_in
from chuan.modules.traceability.store import changes, tracing

# Things looked at together, and events of them; a lot of more events than that is not judged.
_BATCH = 500
_MOST_EVENTS = 20_000


def findings_visible_to(person: Person) -> QuerySet[ChainFinding]:
    """Inspectors and oversight see those of the whole province."""
    if not rules.see_chains.allows(person):
        return ChainFinding.objects.none()
    return ChainFinding.objects.select_related("closed_by")


def with_product_names(rows: QuerySet[ChainFinding]) -> QuerySet[ChainFinding]:
    """Each with what its goods are called in the register; nothing where nobody knows."""
    gtin = Substr(OuterRef("uri"), len(f"{ROOT}01/") + 1, 14)
    names = Product.objects.filter(gtin=gtin, is_confirmed=True).values("name")[:1]
    return rows.annotate(product_name=Coalesce(Subquery(names), Value("")))


def open_findings_of(uris: Collection[str]) -> QuerySet[ChainFinding]:
    """What nobody has looked into yet, about these things."""
    return ChainFinding.objects.filter(uri__in=uris, state=ChainFinding.State.OPEN)


def things_to_look_at(since: datetime, until: datetime) -> Iterator[list[int]]:
    """What was told of since the last time, and what has been silent for too long since then."""
    for ask, start, end in (
        (changes.told_of, since, until),
        (changes.silent_since, since - ON_THE_WAY, until - ON_THE_WAY),
    ):
        after = 0
        while batch := ask(start, end, after=after, most=_BATCH):
            after = batch[-1]
            yield batch


def look_at(idents: Collection[int], *, until: datetime) -> tuple[list[str], list[Finding]]:
    """These things, and what does not fit in what was told of them; those of which more was told than
    is read are left out."""
    events = changes.events_with(idents, most=_MOST_EVENTS + 1)
    if len(events) > _MOST_EVENTS:
        # By half of what was told nobody is judged.
        ordered = sorted(idents)
        middle = len(ordered) // 2
        halves = [ordered[:middle], ordered[middle:]] if middle else []
        looked = [look_at(half, until=until) for half in halves]
        return [uri for uris, _found in looked for uri in uris], [
            one for _uris, found in looked for one in found
        ]
    uris = set(tracing.uris_of(idents).values())
    rows = tracing.events_of(events)
    history = history_of(seen_in(rows), until=until)
    # Of other things in the same events only a part is known here.
    return sorted(uris), [one for one in findings_of(history) if one.uri in uris]


def no_more_found(uris: Collection[str], digests: Collection[str]) -> QuerySet[ChainFinding]:
    """What was found of these things before, is open, and is not among what was found now; but for what
    rests on events in an archive, which say the same as ever."""
    rows = ChainFinding.objects.filter(uri__in=uris, state=ChainFinding.State.OPEN)
    rows = rows.exclude(digest__in=digests)
    if here_since() is None:
        return rows
    told = dict(rows.values_list("pk", "event_ids"))
    here = changes.here({event for events in told.values() for event in events})
    return rows.filter(pk__in=[pk for pk, events in told.items() if here.issuperset(events)])


def evidence_of(finding: ChainFinding) -> list[tuple[Seen, str]]:
    """The events that show it, in order, each with the name of its place."""
    events = seen_in(tracing.events_of(finding.event_ids))
    names = names_of_places({seen.place for seen in events if seen.place})
    return [(seen, names.get(seen.place, "")) for seen in events]
