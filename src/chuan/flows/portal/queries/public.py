"""What anybody may read: live publications of plans that are public, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from chuan.flows.portal.enums import PublicationKind
from chuan.flows.portal.models import LIVE, Publication, PublishedFile
from chuan.flows.portal.parsing.fields import heading_of, resources
from chuan.flows.portal.queries.drafts import COUNTS
from chuan.lib.vietnamese import clean, fold
from chuan.modules.plans import facade

Content = dict[str, Any]

# Where in the contents the rows of a resource stand.
PLACES = {
    "plan": (PublicationKind.PLAN, "plan"),
    "task": (PublicationKind.PLAN, "tasks"),
    "results": (PublicationKind.RESULTS, "results"),
    "task_result": (PublicationKind.RESULTS, "task_results"),
    "body_result": (PublicationKind.RESULTS, "body_results"),
    "figure": (PublicationKind.RESULTS, "figures"),
    "document": (PublicationKind.RESULTS, "documents"),
    "answer": (PublicationKind.ANSWER, "answer"),
}
RESOURCE_AT = {place: resource for resource, (_kind, place) in PLACES.items()}


@dataclass(frozen=True, slots=True)
class Edition:
    """The state of everything public: changes when anything is opened or taken back."""

    tag: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Published:
    """One publication as pages draw it: days are days."""

    content: Content
    published_at: datetime


def open_publications() -> QuerySet[Publication]:
    """Live, of a plan that is live itself, and counting or telling nothing of a task that has come to
    be followed by its heading alone since it was published."""
    plan = Publication.objects.filter(LIVE, kind=PublicationKind.PLAN, plan=OuterRef("plan"))
    is_plan = Q(kind=PublicationKind.PLAN)
    return (
        Publication.objects.filter(LIVE)
        .filter(is_plan | Q(Exists(plan)))
        .filter(is_plan | ~says_too_much())
    )


def says_too_much() -> Q:
    """Of a publication: it tells more than the heading of a task of which only that may be told now."""
    return Q(lines__overlap=sorted(facade.heading_only_lines()))


def edition() -> Edition:
    """Two queries; every page and file is cached by it.

    A task that comes to be followed by its heading alone makes another edition at once, though
    nothing was published or taken back: then there is no instant from which on it holds.
    """
    secret = sorted(facade.heading_only_lines())
    found = Publication.objects.aggregate(
        count=Count("pk"),
        out=Count("withdrawn_at"),
        published=Max("published_at"),
        withdrawn=Max("withdrawn_at"),
        too_much=Count("pk", filter=LIVE & Q(lines__overlap=secret)),
    )
    times = [at for at in (found["published"], found["withdrawn"]) if at is not None]
    words = "|".join([*(str(found[key]) for key in sorted(found)), str(secret)])
    at = None if found["too_much"] else max(times, default=None)
    return Edition(hashlib.sha256(words.encode()).hexdigest()[:24], at)


def plans() -> list[Published]:
    """Newest decision first."""
    found = _contents(PublicationKind.PLAN, open_publications())
    return sorted(
        found,
        key=lambda one: (one.content["plan"]["issued_on"] or date.min, one.content["plan"]["id"]),
        reverse=True,
    )


def plan(plan_id: int) -> Published | None:
    found = _contents(PublicationKind.PLAN, open_publications().filter(plan=plan_id))
    return found[0] if found else None


def results(period_id: int) -> Published | None:
    found = _contents(PublicationKind.RESULTS, open_publications().filter(period=period_id))
    return found[0] if found else None


def results_by_task(plan_id: int | None = None) -> list[Published]:
    """Periods with their counts by task, newest first; bodies and figures stay unread."""
    rows = open_publications().filter(kind=PublicationKind.RESULTS)
    if plan_id is not None:
        rows = rows.filter(plan=plan_id)
    found = [
        Published(
            _with_days({"results": period, "task_results": tasks, "documents": documents}), at
        )
        for period, tasks, documents, at in rows.values_list(
            "content__results", "content__task_results", "content__documents", "published_at"
        )
    ]
    return sorted(
        found,
        key=lambda one: (one.content["results"]["data_until"], one.content["results"]["id"]),
        reverse=True,
    )


def answers(plan_id: int | None = None) -> list[Published]:
    """Newest answer first."""
    rows = open_publications()
    if plan_id is not None:
        rows = rows.filter(plan=plan_id)
    found = _contents(PublicationKind.ANSWER, rows)
    return sorted(
        found,
        key=lambda one: (one.content["answer"]["answered_on"], one.content["answer"]["id"]),
        reverse=True,
    )


def answer(difficulty_id: int) -> Published | None:
    found = _contents(PublicationKind.ANSWER, open_publications().filter(difficulty=difficulty_id))
    return found[0] if found else None


def published_file(upload_id: int) -> PublishedFile | None:
    """A file of something that is open now."""
    return (
        PublishedFile.objects.filter(upload=upload_id, publication__in=open_publications())
        .select_related("upload__file", "publication")
        .order_by("-pk")
        .first()
    )


def rows_of(resource: str) -> list[Content]:
    """Every row of a resource, in the order of its plan and period, fields in that of the table."""
    kind, key = PLACES[resource]
    found = (
        open_publications()
        .filter(kind=kind)
        .order_by("plan", "period__data_from", "period", "pk")
        .values_list(f"content__{key}", flat=True)
    )
    rows: list[Content] = []
    for one in found:
        rows.extend(one if isinstance(one, list) else [one])
    if resource == "task":
        rows = _no_more_than_headings(rows)
    names = [field.name for field in resources()[resource].fields]
    return [{name: row[name] for name in names} for row in rows]


def summed(rows: list[Content]) -> dict[str, int]:
    """Counts of several rows added up."""
    return {key: sum(row[key] for row in rows) for key in COUNTS}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, in the words it was found by."""

    kind: str
    title: str
    text: str
    plan_id: int
    key: str


def search(text: str, *, at_most: int = 100) -> list[Hit]:
    """Tasks, answers, documents, figures and bodies in which every word stands, tones and case aside.

    Three queries.
    """
    words = fold(clean(text)).split()
    if not words:
        return []
    found = [hit for hit in _everything() if _has(words, f"{hit.title} {hit.text}")]
    return found[:at_most]


def _has(words: list[str], text: str) -> bool:
    folded = fold(text)
    return all(word in folded for word in words)


def _everything() -> list[Hit]:
    hits = []
    for one in plans():
        plan_id = one.content["plan"]["id"]
        for task in one.content["tasks"]:
            title = f"{task['code']} {task['title']}"
            hits.append(Hit("task", title, task["text"], plan_id, task["code"]))
    for one in answers():
        row = one.content["answer"]
        hits.append(Hit("answer", row["question"], row["answer"], row["plan_id"], str(row["id"])))
    rows = _contents(PublicationKind.RESULTS, open_publications())
    for one in sorted(rows, key=lambda row: -int(row.content["results"]["year"])):
        period = one.content["results"]
        for row in one.content["figures"]:
            title = f"{row['title']} – {period['phrase']}"
            hits.append(
                Hit("figure", title, row["definition"], period["plan_id"], str(period["id"]))
            )
        for row in one.content["body_results"]:
            title = f"{row['body']} – {period['phrase']}"
            hits.append(Hit("body", title, "", period["plan_id"], str(period["id"])))
        for row in one.content["documents"]:
            title = f"{row['symbol']} {row['subject']}"
            hits.append(Hit("document", title, row["file_name"], period["plan_id"], str(row["id"])))
    return hits


def _contents(kind: PublicationKind, rows: QuerySet[Publication]) -> list[Published]:
    found = rows.filter(kind=kind).values_list("content", "published_at")
    published = [Published(_with_days(content), at) for content, at in found]
    if kind == PublicationKind.PLAN:
        for one in published:
            one.content["tasks"] = _no_more_than_headings(one.content["tasks"])
    return published


def _no_more_than_headings(tasks: list[Content]) -> list[Content]:
    """Tasks that were published whole and are followed by their heading alone now, as such."""
    secret = facade.heading_only_lines()
    return [
        heading_of("task", row | {"heading_only": True}) if row["id"] in secret else row
        for row in tasks
    ]


def _with_days(content: Content) -> Content:
    """Days as days, where the table says that a field is one."""
    read = {}
    for place, rows in content.items():
        days = [
            field.name for field in resources()[RESOURCE_AT[place]].fields if field.type == "date"
        ]
        for row in rows if isinstance(rows, list) else [rows]:
            row |= {name: date.fromisoformat(row[name]) for name in days if row[name]}
        read[place] = rows
    return read
