"""Going through what does not fit: found at night, closed by inspectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.db import transaction

from chuan.core.audit.operations import record
from chuan.core.people.models import Person
from chuan.lib.vietnamese import clean
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.checks import Finding
from chuan.modules.traceability.models import ChainCheck, ChainFinding
from chuan.modules.traceability.queries.chains import last_places_of
from chuan.modules.traceability.queries.findings import (
    look_at,
    no_more_found,
    things_to_look_at,
)

NIGHT = "traceability.check_chains"
_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
# Events carry the moment their transaction began: so long before a night some may not have been there.
_STILL_UNDER_WAY = timedelta(hours=1)


def check_chains(*, until: datetime) -> ChainCheck:
    """Look at everything events have told of since the last time.

    What is found again stays as it is, also closed; what is not found any more is gone.
    """
    last = ChainCheck.objects.order_by("-until").first()
    since = last.until - _STILL_UNDER_WAY if last else _FIRST
    things = found = 0
    for idents in things_to_look_at(since, until):
        uris, findings = look_at(idents, until=until)
        things += len(uris)
        found += _keep(uris, findings, at=until)
    with transaction.atomic():
        check = ChainCheck.objects.create(until=until, thing_count=things, found_count=found)
        record(
            action="traceability.chains_checked",
            actor=None,
            by=NIGHT,
            subject=check,
            things=things,
            found=found,
        )
    return check


@transaction.atomic
def _keep(uris: Sequence[str], findings: Sequence[Finding], *, at: datetime) -> int:
    """How many are new."""
    told = {_digest(one): one for one in findings}
    known = set(ChainFinding.objects.filter(digest__in=told).values_list("digest", flat=True))
    places = last_places_of([one for digest, one in told.items() if digest not in known])
    ChainFinding.objects.bulk_create(
        [
            ChainFinding(
                rule=one.rule,
                uri=one.uri,
                text=one.text,
                place_name=places.get(one.events[-1], "")[:300],
                happened_at=one.at,
                event_ids=list(one.events),
                digest=digest,
                found_at=at,
            )
            for digest, one in told.items()
            if digest not in known
        ],
        ignore_conflicts=True,
    )
    of_these = ChainFinding.objects.filter(uri__in=uris)
    of_these.filter(state=ChainFinding.State.GONE, digest__in=told).update(
        state=ChainFinding.State.OPEN
    )
    no_more_found(uris, told.keys()).update(state=ChainFinding.State.GONE)
    return len(told) - len(known)


def _digest(finding: Finding) -> str:
    events = finding.events if len(finding.events) < 3 else (finding.events[0],)
    told = "\0".join([finding.rule, finding.uri, *map(str, events)])
    return hashlib.sha256(told.encode()).hexdigest()


@transaction.atomic
def close_finding(
    *, actor: Person, finding: ChainFinding, reason: str, at: datetime
) -> ChainFinding:
    """Note that somebody has looked into it, and what came out.

    :raises Denied: the actor is no inspector, or it is not open any more.
    """
    finding = ChainFinding.objects.select_for_update().get(pk=finding.pk)
    rules.close_finding.require(actor, finding)
    finding.state = ChainFinding.State.CLOSED
    finding.reason, finding.closed_by, finding.closed_at = clean(reason), actor, at
    finding.full_clean()
    finding.save(update_fields=["state", "reason", "closed_by", "closed_at"])
    record(action="traceability.finding_closed", actor=actor, subject=finding, rule=finding.rule)
    return finding
