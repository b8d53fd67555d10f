"""Taking in events: whole documents, or one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import psycopg
from django.db import DatabaseError, transaction
from django.utils import timezone

from chuan.core.audit.operations import record
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.documents import Document, Fault
from chuan.modules.traceability.engine.facts import Facts, facts_of
from chuan.modules.traceability.engine.validation import faults_of
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import AccessKey, CaptureJob
from chuan.modules.traceability.operations.delivery import tell_streams
from chuan.modules.traceability.operations.master import keep_master_data
from chuan.modules.traceability.queries.telling import (
    declared_of_others,
    objections,
    teller_of,
)
from chuan.modules.traceability.store.writing import Stored, store

MOST_EVENTS = 5000
# Seconds for which a single event waits at most for others to be committed with.
GATHER_S = 0.005
# What PostgreSQL calls it when two transactions wait for each other, and when the month of what is written
# was made after its place had been looked up.
_IN_THE_WAY = ("40P01", "23514")
_TAKEN = "an eventID that no other event has"


T = TypeVar("T")


class Refused(ValueError):
    """Nothing was stored; `faults` say why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(str(faults[0]))
        self.faults = faults


class TooMany(Refused):
    """More events in one document than are taken at once."""


class AlreadyThere(ValueError):
    """An event with this id is known."""


def capture_document(
    *, key: AccessKey, document: Document, behaviour: ErrorBehaviour
) -> CaptureJob:
    """Store the events of a document: all or none (rollback), or those that are right (proceed).

    An event that is known already is counted as a duplicate and stored once. What has returned is
    on disk.

    :raises Denied: the key is not for capturing.
    :raises Refused: something is wrong with the document itself, or, to be rolled back, with an
        event.
    """
    rules.capture_events.require(key)
    if len(document.events) > MOST_EVENTS:
        rule = f"at most {MOST_EVENTS} events in one document"
        raise TooMany([Fault(None, "$.epcisBody.eventList", str(len(document.events)), rule)])
    started = timezone.now()
    faults = faults_of(document)
    if faults and (behaviour == ErrorBehaviour.ROLLBACK or any(f.event is None for f in faults)):
        raise Refused(faults)
    wrong = {fault.event for fault in faults}
    right = [at for at in range(len(document.events)) if at not in wrong]
    facts = [facts_of(document, document.events[at]) for at in right]
    unseemly = {right[place]: fault for place, fault in objections(key, facts).items()}
    if unseemly and behaviour == ErrorBehaviour.ROLLBACK:
        raise Refused(_placed(unseemly))
    faults += _placed(unseemly)
    seemly = {at: one for at, one in zip(right, facts, strict=True) if at not in unseemly}
    return _again_if_it_gave_way(lambda: _keep(key, document, behaviour, seemly, faults, started))


@transaction.atomic
def _keep(
    key: AccessKey,
    document: Document,
    behaviour: ErrorBehaviour,
    right: Mapping[int, Facts],
    faults: list[Fault],
    started: datetime,
) -> CaptureJob:
    """Store what is right of a document.

    :param right: by their places in the document.
    :param faults: what is wrong with the rest.
    """
    facts = list(right.values())
    stored = store(facts, captured_by=key.pk, told_by=teller_of(key))
    taken = [
        Fault(at, "$.eventID", one.event_uri, _TAKEN)
        for (at, one), found in zip(right.items(), stored, strict=True)
        if not found.fresh and not found.same
    ]
    if taken and behaviour == ErrorBehaviour.ROLLBACK:
        raise Refused(taken)
    # Somebody else may have told an event of this id since we looked.
    meddling = declared_of_others(key, facts, here=())
    if meddling:
        places = list(right)
        raise Refused(_placed({places[place]: fault for place, fault in meddling.items()}))
    keep_master_data(key=key, document=document)
    new = len({found.event_id for found in stored if found.fresh})
    job = CaptureJob.objects.create(
        key=key,
        behaviour=behaviour,
        created_at=started,
        finished_at=timezone.now(),
        success=not (faults or taken),
        event_count=new,
        duplicate_count=len(stored) - new - len(taken),
        errors=[_told(fault) for fault in [*faults, *taken]],
    )
    record(
        action="traceability.document_captured",
        actor=None,
        by=key.name,
        subject=job,
        events=new,
    )
    if new:
        tell_streams()
    return job


def _again_if_it_gave_way(work: Callable[[], T]) -> T:
    """Once more where two transactions waited for each other and this was the one to give way, or a month
    was made or brought back meanwhile."""
    try:
        return work()
    # Django gives errors of COPY no name of its own.
    except (DatabaseError, psycopg.Error) as error:
        told = error if isinstance(error, psycopg.Error) else error.__cause__
        if getattr(told, "sqlstate", None) not in _IN_THE_WAY:
            raise
        return work()


def _placed(faults: Mapping[int, Fault]) -> list[Fault]:
    return [replace(fault, event=at) for at, fault in sorted(faults.items())]


def _told(fault: Fault) -> dict[str, object]:
    return {"event": fault.event, "path": fault.path, "value": fault.value, "rule": fault.rule}


# ---------------------------------------------------------------- one at a time
class _Ticket:
    """One event, and what became of it once it is done."""

    __slots__ = ("captured_by", "done", "error", "facts", "stored", "turn")

    def __init__(self, facts: Facts, captured_by: AccessKey) -> None:
        self.facts = facts
        self.captured_by = captured_by
        self.stored: Stored | None = None
        self.error: BaseException | None = None
        self.done = False
        # Held until somebody committed it, or it is its own holder's turn to commit.
        self.turn = threading.Lock()
        self.turn.acquire()


class _Counter:
    """Where single events meet: while one commit is under way the others gather, and the next
    commit takes them all.

    Whoever finds nobody at work commits; with the end of a commit the first of those who came in
    the meantime takes over. A commit costs nearly the same for one event and for ten, so whoever
    is to commit waits a moment for as many as were seen the last time; who is alone never waits.
    """

    def __init__(self) -> None:
        self.changing = threading.Lock()
        self.waiting: list[_Ticket] = []
        self.is_busy = False
        # Those who were committed last, and those who waited by then: they may all come again.
        self.expected = 1
        self.complete = threading.Event()

    def hand_in(self, ticket: _Ticket) -> Stored:
        """What became of the event, once it is on disk."""
        with self.changing:
            self.waiting.append(ticket)
            leads, self.is_busy = not self.is_busy, True
            if len(self.waiting) >= self.expected:
                self.complete.set()
        if not leads:
            ticket.turn.acquire()
        if not ticket.done:
            self._commit_all()
        if ticket.error is not None:
            raise ticket.error
        assert ticket.stored is not None  # noqa: S101 - done without error
        return ticket.stored

    def _commit_all(self) -> None:
        batch: list[_Ticket] = []
        try:
            self.complete.wait(GATHER_S)
            with self.changing:
                batch, self.waiting = self.waiting, []
            _commit(batch)
        finally:
            with self.changing:
                following = self.waiting[:1]
                self.is_busy = bool(following)
                self.expected = max(len(self.waiting) + len(batch), 1)
                if len(self.waiting) < self.expected:
                    self.complete.clear()
            for one in (*following, *batch):
                one.turn.release()


_counter = _Counter()


def _commit(batch: list[_Ticket]) -> None:
    """Commit the events of each key in one transaction; if that fails each by itself, so that none
    spoils the rest. Whatever happens, everybody who waits is told."""
    try:
        # A transaction never waits for things of one key while it holds those of another.
        for who in sorted({ticket.captured_by.pk for ticket in batch}):
            _commit_of([ticket for ticket in batch if ticket.captured_by.pk == who])
    except BaseException as error:
        for ticket in batch:
            if ticket.stored is None and ticket.error is None:
                ticket.error = error
        raise
    finally:
        for ticket in batch:
            ticket.done = True


def _commit_of(tickets: list[_Ticket]) -> None:
    try:
        _again_if_it_gave_way(lambda: _store(tickets))
    except BaseException as error:
        # What was found out on the way was rolled back.
        for ticket in tickets:
            ticket.stored = ticket.error = None
        if not isinstance(error, Exception):
            raise
        if len(tickets) == 1:
            tickets[0].error = error
            return
        for ticket in tickets:
            _commit_of([ticket])


@transaction.atomic
def _store(tickets: list[_Ticket]) -> None:
    """Store events of one key, but for those against which something speaks."""
    key = tickets[0].captured_by
    unseemly = objections(key, [ticket.facts for ticket in tickets], together=False)
    for at, ticket in enumerate(tickets):
        fault = unseemly.get(at)
        ticket.error = Refused([replace(fault, event=0)]) if fault else None
    seemly = [ticket for ticket in tickets if ticket.error is None]
    if not seemly:
        return
    results = store([one.facts for one in seemly], captured_by=key.pk, told_by=teller_of(key))
    seen: set[int] = set()
    for ticket, stored in zip(seemly, results, strict=True):
        # Two people may send one event at the same moment; the first has brought it.
        ticket.stored = stored.again() if stored.event_id in seen else stored
        seen.add(stored.event_id)
    fresh = [ticket.facts.event_uri for ticket in seemly if ticket.stored and ticket.stored.fresh]
    if fresh:
        # One line for all that one key handed in while another commit was under way.
        record(
            action="traceability.events_captured",
            actor=None,
            by=key.name,
            subject=key,
            events=fresh,
        )
        tell_streams()


def capture_event(*, key: AccessKey, document: Document) -> str:
    """Store one event; returns its id. What has returned is on disk.

    :raises Denied: the key is not for capturing.
    :raises Refused: something is wrong with it.
    :raises AlreadyThere: an event with its id is known.
    """
    rules.capture_events.require(key)
    faults = faults_of(document)
    if faults:
        raise Refused(faults)
    facts = facts_of(document, document.events[0])
    if not _counter.hand_in(_Ticket(facts, key)).fresh:
        raise AlreadyThere(facts.event_uri)
    return facts.event_uri
