"""What does not fit in a chain: each rule looks at what happened to things, and names its evidence.

Rules are put on a shelf, so that a list of them can be shown and a new one is one function.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuan.lib.registry import Registry
from chuan.modules.traceability.engine.facts import Part, Role

_ELEMENTS = Path(__file__).resolve().parents[1] / "data" / "elements.toml"
# How long goods may be on the way, how fast they may travel (an airliner), and how far apart two
# places must be for that to be asked: what seems worth a look, not what a law says.
ON_THE_WAY: Final = timedelta(days=14)
FASTEST_KM_PER_HOUR: Final = 900.0
NEAR_KM: Final = 5.0
# More than this share used above what was made is more than measuring.
TOLERANCE: Final = 0.005
_RECEIVED: Final = frozenset({"receiving", "arriving", "accepting", "void_shipping", "unloading"})
_BIRTH: Final = frozenset({"commissioning"})
_DEATH: Final = frozenset({"decommissioning", "destroying"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One event as checks read it; `step` is the bare word of CBV, "" where none was told."""

    event_id: int
    at: datetime
    step: str
    place: str
    parts: tuple[Part, ...]
    fields: frozenset[str]
    action: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """What happened, in order, until now; coordinates in degrees of places that have them."""

    events: tuple[Seen, ...]
    until: datetime
    where: Mapping[str, tuple[float, float]]
    # Things that are one thing and not a lot.
    single: frozenset[str]

    def of_each(self, *, single: bool = True) -> Iterator[tuple[str, list[Seen]]]:
        """Each thing with its events; only single things unless told otherwise."""
        found: dict[str, list[Seen]] = {}
        for seen in self.events:
            for uri in dict.fromkeys(part.uri for part in seen.parts):
                if not single or uri in self.single:
                    found.setdefault(uri, []).append(seen)
        yield from sorted(found.items())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit, when, and the events that show it."""

    rule: str
    uri: str
    at: datetime
    text: str
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule: what it is called, why it matters, and how it looks."""

    key: str
    title: Promise
    look: Callable[[History], Iterator[Finding]]


checks: Registry[Check] = Registry(of="check of chains")


def _check(key: str, title: Promise) -> Callable[[Any], Any]:
    def put(look: Callable[[History], Iterator[Finding]]) -> Any:
        checks.add(key, Check(key, title, look))
        return look

    return put


def findings_of(history: History) -> list[Finding]:
    """Everything that does not fit, the newest first."""
    found = [finding for check in checks for finding in check.look(history)]
    return sorted(found, key=lambda one: (-one.at.timestamp(), one.rule, one.uri))


@_check("not_received", gettext_lazy("Xuất đi mà không nơi nào nhận"))
def _not_received(history: History) -> Iterator[Finding]:
    for uri, events in history.of_each(single=False):
        last = events[-1]
        if last.step != "shipping" or history.until - last.at < ON_THE_WAY:
            continue
        days = (history.until - last.at).days
        yield Finding(
            "not_received",
            uri,
            last.at,
            _("Xuất đi đã %(days)d ngày, chưa có sự kiện nào sau đó.") % {"days": days},
            (last.event_id,),
        )


@_check("received_twice", gettext_lazy("Nhận hai lần"))
def _received_twice(history: History) -> Iterator[Finding]:
    for uri, events in history.of_each():
        received: Seen | None = None
        for seen in events:
            if seen.step in ("shipping", "departing", "unpacking"):
                received = None
            elif seen.step == "receiving":
                if received is not None and received.place != seen.place:
                    yield Finding(
                        "received_twice",
                        uri,
                        seen.at,
                        _("Hai nơi cùng nhận mà ở giữa không có lần xuất nào."),
                        (received.event_id, seen.event_id),
                    )
                received = seen


@_check("too_early", gettext_lazy("Có mặt trước khi được tạo ra"))
def _too_early(history: History) -> Iterator[Finding]:
    for uri, events in history.of_each():
        born = next((seen for seen in events if seen.step in _BIRTH), None)
        if born is not None and events[0].at < born.at:
            yield Finding(
                "too_early",
                uri,
                events[0].at,
                _("Mã được dùng trước sự kiện tạo mã."),
                (events[0].event_id, born.event_id),
            )


@_check("too_late", gettext_lazy("Có mặt sau khi đã hủy hoặc ngừng dùng"))
def _too_late(history: History) -> Iterator[Finding]:
    for uri, events in history.of_each():
        dead = next((seen for seen in events if seen.step in _DEATH), None)
        if dead is not None and events[-1].at > dead.at:
            yield Finding(
                "too_late",
                uri,
                events[-1].at,
                _("Mã còn xuất hiện sau khi đã tiêu hủy hoặc ngừng dùng: có thể là mã sao chép."),
                (dead.event_id, events[-1].event_id),
            )


@_check("too_fast", gettext_lazy("Di chuyển nhanh không thể có"))
def _too_fast(history: History) -> Iterator[Finding]:
    for uri, events in history.of_each():
        located = [seen for seen in events if seen.place in history.where]
        for before, after in itertools.pairwise(located):
            far = kilometres(history.where[before.place], history.where[after.place])
            hours = (after.at - before.at).total_seconds() / 3600
            if far > NEAR_KM and far > hours * FASTEST_KM_PER_HOUR:
                yield Finding(
                    "too_fast",
                    uri,
                    after.at,
                    _("Cách nhau %(far)d km mà chỉ sau %(minutes)d phút.")
                    % {"far": round(far), "minutes": round(hours * 60)},
                    (before.event_id, after.event_id),
                )


@_check("more_used", gettext_lazy("Dùng nhiều hơn số đã làm ra"))
def _more_used(history: History) -> Iterator[Finding]:
    made: dict[tuple[str, str], float] = {}
    used: dict[tuple[str, str], float] = {}
    events: dict[tuple[str, str], list[Seen]] = {}
    for seen in history.events:
        for part in seen.parts:
            if part.quantity is None:
                continue
            key = (part.uri, part.uom or "")
            born = part.role == Role.THING_CLASS and seen.step in (
                *_BIRTH,
                "creating_class_instance",
            )
            if part.role == Role.OUTPUT_CLASS or born:
                made[key] = made.get(key, 0.0) + part.quantity
            elif part.role == Role.INPUT_CLASS:
                used[key] = used.get(key, 0.0) + part.quantity
            else:
                continue
            events.setdefault(key, []).append(seen)
    for key, amount in sorted(used.items()):
        if key in made and amount > made[key] * (1 + TOLERANCE):
            yield Finding(
                "more_used",
                key[0],
                events[key][-1].at,
                _("Đã dùng %(used)g %(uom)s, chỉ làm ra %(made)g %(uom)s.")
                % {"used": amount, "made": made[key], "uom": key[1] or _("đơn vị")},
                tuple(seen.event_id for seen in events[key]),
            )


@_check("missing_element", gettext_lazy("Thiếu dữ liệu để truy xuất"))
def _missing_element(history: History) -> Iterator[Finding]:
    told = _elements()
    for seen in history.events:
        if not seen.parts:
            continue
        for element in told["element"]:
            asked = not element["steps"] or seen.step in element["steps"]
            if asked and not seen.fields & set(element["fields"]):
                yield Finding(
                    "missing_element",
                    seen.parts[0].uri,
                    seen.at,
                    _("Sự kiện thiếu %(name)s.") % {"name": element["name"]},
                    (seen.event_id,),
                )


def sources_of(rule: str) -> list[tuple[str, bool]]:
    """What a rule rests on, and whether somebody compared it with the text itself."""
    told = _elements()["element"] if rule == "missing_element" else ()
    return sorted({(one["source"], one["is_read"]) for one in told})


@cache
def _elements() -> dict[str, Any]:
    return tomllib.loads(_ELEMENTS.read_text(encoding="utf-8"))


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """The great-circle distance between two places in degrees of latitude and longitude."""
    (lat_1, long_1), (lat_2, long_2) = (
        (math.radians(lat), math.radians(long)) for lat, long in (one, other)
    )
    half = (
        math.sin((lat_2 - lat_1) / 2) ** 2
        + math.cos(lat_1) * math.cos(lat_2) * math.sin((long_2 - long_1) / 2) ** 2
    )
    return 2 * 6371.0 * math.asin(math.sqrt(min(half, 1.0)))
