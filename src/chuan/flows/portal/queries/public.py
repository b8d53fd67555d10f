"""What anybody may read: live publications of plans that are public, and nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from chuan.core.orgs.queries import known_as
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


# Everything that can be found, a row each: `open` are the publications anybody may read now, `secret`
# the tasks of which only the heading is told. Of a figure, a body and a document, `key` is the period or
# the file it leads to.
_FINDABLE = """
    WITH open AS (SELECT content, kind FROM portal_publication WHERE id IN ({open})),
    rows AS (
        SELECT 1 AS rank, content->'plan'->>'issued_on' AS newest, place, 'task' AS kind,
               concat_ws(' ', one->>'code', one->>'title') AS title,
               CASE WHEN (one->>'id')::bigint = ANY(%s) THEN '' ELSE one->>'text' END AS text,
               (content->'plan'->>'id')::bigint AS plan_id, one->>'code' AS key,
               NULL::bigint AS body_id
        FROM open, jsonb_array_elements(content->'tasks') WITH ORDINALITY AS listed(one, place)
        WHERE kind = 'plan'
        UNION ALL
        SELECT 2, one->>'answered_on', (one->>'id')::bigint, 'answer', one->>'question',
               one->>'answer', (one->>'plan_id')::bigint, one->>'id', NULL
        FROM open, LATERAL (SELECT content->'answer' AS one) AS told
        WHERE kind = 'answer'
        UNION ALL
        SELECT 3, content->'results'->>'year', place, 'figure',
               concat_ws(' – ', one->>'title', content->'results'->>'phrase'), one->>'definition',
               (content->'results'->>'plan_id')::bigint, content->'results'->>'id', NULL
        FROM open, jsonb_array_elements(content->'figures') WITH ORDINALITY AS listed(one, place)
        WHERE kind = 'results'
        UNION ALL
        SELECT 4, content->'results'->>'year', place, 'body',
               concat_ws(' – ', one->>'body', content->'results'->>'phrase'), '',
               (content->'results'->>'plan_id')::bigint, content->'results'->>'id',
               (one->>'body_id')::bigint
        FROM open, jsonb_array_elements(content->'body_results') WITH ORDINALITY AS listed(one, place)
        WHERE kind = 'results'
        UNION ALL
        SELECT 5, content->'results'->>'year', place, 'document',
               concat_ws(' ', one->>'symbol', one->>'subject'), one->>'file_name',
               (content->'results'->>'plan_id')::bigint, one->>'id', NULL
        FROM open, jsonb_array_elements(content->'documents') WITH ORDINALITY AS listed(one, place)
        WHERE kind = 'results'
    )
    SELECT kind, title, text, plan_id, key
    FROM rows, LATERAL (SELECT chuan_fold(concat_ws(' ', title, text)) AS folded) AS read
    WHERE NOT EXISTS (SELECT FROM unnest(%s::text[]) AS word WHERE strpos(folded, word) = 0)
        OR body_id = ANY(%s)
    ORDER BY rank, newest DESC NULLS LAST, plan_id, place
    LIMIT %s
"""


def search(text: str, *, at_most: int = 100) -> list[Hit]:
    """Tasks, answers, figures, bodies and documents in which every word stands, tones and case aside.

    Bodies are found by every name they have or had, or a body before them had. The database reads
    what is open and hands out no more than was asked for. Four queries.
    """
    words = list(dict.fromkeys(fold(clean(text)).split()))
    if not words:
        return []
    may_be_read, asked = open_publications().values("pk").query.sql_with_params()
    statement = _FINDABLE.format(open=may_be_read)
    secret = sorted(facade.heading_only_lines())
    bodies = sorted(known_as(text))
    with connection.cursor() as cursor:
        cursor.execute(statement, [*asked, secret, words, bodies, at_most])
        return [Hit(*row) for row in cursor.fetchall()]


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
