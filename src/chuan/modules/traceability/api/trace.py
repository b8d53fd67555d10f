"""Tracing over HTTP: an extension of the binding."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.api import answers
from chuan.modules.traceability.api.answers import Problem, Wishes, in_json, wishes_of
from chuan.modules.traceability.api.door import resource
from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.engine.values import instant
from chuan.modules.traceability.engine.walk import Caps, Direction, Mode
from chuan.modules.traceability.models import AccessKey
from chuan.modules.traceability.queries.events import document_of
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.queries.trace import Traced
from chuan.modules.traceability.queries.trace import trace as traced

_WIDEST = Caps()
_KNOWN = {"direction", "mode", "until", "since", "depth", "things", "events", "fanout"}
_KNOWN |= {"quantities"}


def _trace(request: HttpRequest, key: AccessKey, *, epc: str) -> HttpResponse:
    """`direction` upstream (default) or downstream; `mode` gdst (default) or strict; `until` an
    instant (upstream), `since` one (downstream); caps `depth`, `things`, `events` and `fanout`;
    `quantities` true: how much of each thing went where, null for what is unknown."""
    rules.query_events.require(key)
    wishes = wishes_of(request)
    unknown = sorted(set(request.GET) - _KNOWN)
    if unknown:
        raise _bad(unknown[0], "no such parameter")
    try:
        direction = Direction(request.GET.get("direction", Direction.UPSTREAM))
        mode = Mode(request.GET.get("mode", Mode.GDST))
    except ValueError:
        raise _bad("direction, mode", "upstream or downstream, gdst or strict expected") from None
    bound, other = ("until", "since") if direction is Direction.UPSTREAM else ("since", "until")
    if other in request.GET:
        raise _bad(other, f"{direction} has {bound}")
    told = request.GET.get(bound)
    since = instant(told) if told else None
    if told and since is None:
        raise _bad(bound, "a date and time with zone expected")
    wanted = request.GET.get("quantities", "false")
    if wanted not in ("true", "false"):
        raise _bad("quantities", "true or false expected")
    found = traced(
        epc,
        sight=sight_of(key),
        direction=direction,
        mode=mode,
        since=since,
        quantities=wanted == "true",
        caps=Caps(
            depth=_cap(request, "depth", _WIDEST.depth),
            things=_cap(request, "things", _WIDEST.things),
            events=_cap(request, "events", _WIDEST.events),
            fanout=_cap(request, "fanout", _WIDEST.fanout),
        ),
    )
    if found is None:
        raise Problem(404, "NoSuchNameException", f"no event with {epc}")
    document = document_of(
        found.events, at=timezone.now(), query_name="trace", translate=wishes.translate
    )
    answer = in_json(
        {
            "epc": wishes.identifier(epc),
            "direction": direction,
            "mode": mode,
            "depth": found.depth,
            "truncated": found.truncated,
            "things": [wishes.identifier(thing) for thing in found.things],
            "links": [
                {
                    "from": wishes.identifier(source),
                    "to": wishes.identifier(target),
                    "how": how,
                }
                for source, target, how in found.links
            ],
            **_quantities(found, wishes),
            "document": write_json(document),
        }
    )
    answers.tell_archive(answer)
    return answer


def _quantities(found: Traced, wishes: Wishes) -> dict[str, object]:
    if found.quantities is None:
        return {}
    return {
        "quantities": [
            {
                "epc": wishes.identifier(one.uri),
                "amount": one.amount,
                "of": one.whole,
                "uom": one.uom,
                "share": one.share,
            }
            for one in found.quantities
        ]
    }


def _cap(request: HttpRequest, name: str, most: int) -> int:
    given = whole_number(request.GET.get(name, str(most)))
    if given is None or not 1 <= given <= most:
        raise _bad(name, f"1 to {most} expected")
    return given


def _bad(name: str, why: str) -> Problem:
    return Problem(400, "QueryParameterException", f"{name}: {why}")


trace = resource(GET=_trace)
