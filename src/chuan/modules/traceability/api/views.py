"""The addresses of the EPCIS 2.0 REST binding."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.api import answers, xml
from chuan.modules.traceability.api.answers import Problem, in_json, wishes_of
from chuan.modules.traceability.api.door import resource
from chuan.modules.traceability.engine.documents import Document, Syntax, Unreadable
from chuan.modules.traceability.engine.facts import KIND_CODES, Role
from chuan.modules.traceability.engine.keys import canonical
from chuan.modules.traceability.engine.model import CONTEXT, EVENT_TYPES
from chuan.modules.traceability.engine.patterns import Pattern
from chuan.modules.traceability.engine.query import (
    MOST_PER_PAGE,
    BadParameter,
    Query,
    read_query,
)
from chuan.modules.traceability.engine.reading_json import read_json
from chuan.modules.traceability.engine.reading_xml import read_xml
from chuan.modules.traceability.engine.vocabulary import Form, Vocabulary, web_uri, written
from chuan.modules.traceability.enums import ErrorBehaviour
from chuan.modules.traceability.models import AccessKey, CaptureJob
from chuan.modules.traceability.operations.capture import (
    MOST_EVENTS,
    AlreadyThere,
    Refused,
    TooMany,
    capture_document,
    capture_event,
)
from chuan.modules.traceability.operations.metering import take
from chuan.modules.traceability.operations.tokens import forget_token
from chuan.modules.traceability.queries.archive import archived_month_of
from chuan.modules.traceability.queries.events import (
    TooComplex,
    TooLarge,
    document_of,
    page,
    told,
)
from chuan.modules.traceability.queries.sight import sight_of
from chuan.modules.traceability.store import reading
from chuan.modules.traceability.store.sight import Sight

_PER_PAGE = 30
_IN_A_PATH = "/~:@!$&'()*+,;="
# A thousand events keep an interpreter busy for as long as a hundred questions: two documents at once
# would be no faster, and everybody else would wait for both. One that waits for PostgreSQL itself keeps
# the next waiting for so many seconds and no longer.
_document = threading.Lock()
_PATIENCE = 2.0
# Of a capture job in XML.
_ATTRIBUTES = ("captureID", "running", "success", "captureErrorBehaviour")
_READERS: dict[str, Callable[[bytes], Document]] = {
    "application/json": read_json,
    "application/ld+json": read_json,
    "application/xml": read_xml,
    "text/xml": read_xml,
}
_RESOURCES = (
    *("capture", "events", "eventTypes", "epcs", "bizSteps", "bizLocations", "readPoints"),
    *("dispositions", "queries"),
)


def _start(request: HttpRequest, key: AccessKey) -> HttpResponse:
    rules.query_events.require(key)
    told_of = _of_collection(list(_RESOURCES))
    if wishes_of(request).syntax is Syntax.XML:
        return HttpResponse(xml.told("Collection", told_of), content_type="application/xml")
    return in_json(told_of)


# ---------------------------------------------------------------- taking in
def _reader(request: HttpRequest) -> Callable[[], Document]:
    """What reads the document that was sent, all of which is here."""
    kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    reader = _READERS.get(kind)
    if reader is None or request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem(415, "UnsupportedMediaTypeException", "JSON or XML, not compressed, expected")
    body = request.body

    def read() -> Document:
        try:
            return reader(body)
        except Unreadable as unreadable:
            raise answers.faulty(unreadable.faults) from None

    return read


def _capture(request: HttpRequest, key: AccessKey) -> HttpResponse:
    rules.capture_events.require(key)
    behaviour = request.headers.get("GS1-Capture-Error-Behaviour", ErrorBehaviour.ROLLBACK)
    if behaviour not in ErrorBehaviour.values:
        raise Problem(400, "ValidationException", "GS1-Capture-Error-Behaviour: no such behaviour")
    read = _reader(request)
    with _in_turn():
        job = _captured(key, read(), ErrorBehaviour(behaviour))
    answer = HttpResponse(status=202)
    answer["Location"] = _below(request, str(job.capture_id))
    answer["GS1-Capture-Error-Behaviour"] = behaviour
    return _with_limits(answer)


@contextmanager
def _in_turn() -> Iterator[None]:
    has_turn = _document.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if has_turn:
            _document.release()


def _below(request: HttpRequest, name: str) -> str:
    """The address of one thing of the collection that was asked. Ids of events have characters that end
    a path."""
    # Ids made of hashes have one letter to be written otherwise; `quote` would look at each.
    written = "%3F".join(quote(part, safe=_IN_A_PATH) for part in name.split("?"))
    return f"{request.scheme}://{request.get_host()}{request.path}/{written}"


def _captured(key: AccessKey, document: Document, behaviour: ErrorBehaviour) -> CaptureJob:
    take(key, events=len(document.events))
    try:
        return capture_document(key=key, document=document, behaviour=behaviour)
    except TooMany as many:
        raise answers.faulty(
            many.faults, status=413, name="CaptureLimitExceededException"
        ) from None
    except Refused as refused:
        raise answers.faulty(refused.faults) from None


def _limits() -> dict[str, str]:
    return {
        "GS1-EPCIS-Capture-Limit": str(MOST_EVENTS),
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings.DATA_UPLOAD_MAX_MEMORY_SIZE),
    }


def _with_limits(answer: HttpResponse) -> HttpResponse:
    for name, value in _limits().items():
        answer[name] = value
    return answer


def _capture_jobs(request: HttpRequest, key: AccessKey) -> HttpResponse:
    """The jobs of this key, newest first."""
    rules.capture_events.require(key)
    answers.accepts_json(request)
    jobs = CaptureJob.objects.filter(key=key).order_by("-pk")
    token, size = request.GET.get("nextPageToken"), page_size(request)
    if token:
        jobs = jobs.filter(pk__lt=answers.place_from(token, of="capture")[0])
    found = list(jobs[: size + 1])
    answer = in_json([_of_job(job) for job in found[:size]])
    if len(found) > size:
        last = found[size - 1].pk
        answers.link_next(answer, request, answers.token_for((last,), of="capture"))
    return _with_limits(answer)


def _capture_job(request: HttpRequest, key: AccessKey, *, capture_id: str) -> HttpResponse:
    rules.capture_events.require(key)
    try:
        job = CaptureJob.objects.filter(key=key, capture_id=UUID(capture_id)).first()
    except ValueError:
        job = None
    if job is None:
        raise Problem(404, "NoSuchNameException", "no such capture job")
    if wishes_of(request).syntax is Syntax.XML:
        return HttpResponse(
            xml.told("CaptureJob", _of_job(job), attributes=_ATTRIBUTES),
            content_type="application/xml",
        )
    return in_json(_of_job(job))


def _of_job(job: CaptureJob) -> dict[str, Any]:
    return {
        "captureID": str(job.capture_id),
        "createdAt": told(job.created_at),
        "finishedAt": told(job.finished_at),
        "running": False,
        "success": job.success,
        "captureErrorBehaviour": job.behaviour,
        "errors": [
            {
                "type": "epcisException:ValidationException",
                "title": "ValidationException",
                "status": 400,
                "detail": "{path}: {rule} (found: {value})".format(**error),
                **error,
            }
            for error in job.errors
        ],
    }


def _add_event(request: HttpRequest, key: AccessKey) -> HttpResponse:
    rules.capture_events.require(key)
    document = _reader(request)()
    if document.envelope or len(document.events) != 1:
        raise Problem(
            400, "ValidationException", "one event by itself expected; else POST /capture"
        )
    take(key, events=1)
    try:
        uri = capture_event(key=key, document=document)
    except Refused as refused:
        raise answers.faulty(refused.faults) from None
    except AlreadyThere as there:
        raise Problem(409, "ResourceAlreadyExistsException", f"{there} is known") from None
    context = [CONTEXT, *({prefix: meaning} for prefix, meaning in document.namespaces.items())]
    told_of = {**document.events[0], "@context": context, "eventID": uri}
    answer = in_json(told_of, status=201, kind="application/ld+json")
    answer["Location"] = _below(request, uri)
    return answer


# ---------------------------------------------------------------- giving out
def _events(request: HttpRequest, key: AccessKey) -> HttpResponse:
    return _answer_query(request, key, lambda query: None)


def _answer_query(
    request: HttpRequest,
    key: AccessKey,
    narrow: Callable[[Query], None],
    see: Callable[[AccessKey], Sight | None] = sight_of,
) -> HttpResponse:
    rules.query_events.require(key)
    parameters = {
        name: values for name, values in request.GET.lists() if name not in answers.PAGING
    }
    try:
        query = read_query(
            {name: [str(value) for value in values] for name, values in parameters.items()},
            extensions(request),
        )
    except BadParameter as bad:
        raise Problem(400, "QueryParameterException", str(bad)) from None
    narrow(query)
    return answer_query(
        request, key, query, question=f"{request.path}?{sorted(parameters.items())}", see=see
    )


def answer_query(
    request: HttpRequest,
    key: AccessKey,
    query: Query,
    *,
    question: str,
    query_name: str = "SimpleEventQuery",
    see: Callable[[AccessKey], Sight | None] = sight_of,
) -> HttpResponse:
    """A page of what satisfies a query.

    :param question: what its page tokens are good for.
    :param see: what the key sees, where that is known already.
    """
    rules.query_events.require(key)
    wishes = wishes_of(request)
    token, size = request.GET.get("nextPageToken"), page_size(request)
    after, given = None, 0
    if token:
        moment, event_id, given = answers.place_from(token, of=question)
        after = (datetime.fromisoformat(moment), event_id)
    if query.limit is not None:
        size = min(size, query.limit - given)
    try:
        found = page(query, sight=see(key), after=after, size=size)
    except TooLarge as large:
        raise Problem(413, "QueryTooLargeException", str(large)) from None
    except TooComplex as complicated:
        raise Problem(413, "QueryTooComplexException", str(complicated)) from None
    document = document_of(
        found.rows, at=timezone.now(), query_name=query_name, translate=wishes.translate
    )
    answer = wishes.write(document)
    answers.tell_archive(answer)
    given += len(found.rows)
    if found.after and (query.limit is None or given < query.limit):
        place = (found.after[0].isoformat(), found.after[1], given)
        answers.link_next(answer, request, answers.token_for(place, of=question))
    return answer


def extensions(request: HttpRequest) -> dict[str, str]:
    """Prefixes for names of extension fields: `GS1-Extensions: ex=https://…/, …`."""
    pairs = (one.partition("=") for one in request.headers.get("GS1-Extensions", "").split(","))
    return {prefix.strip(): uri.strip() for prefix, equals, uri in pairs if equals}


def page_size(request: HttpRequest) -> int:
    given = whole_number(request.GET.get("perPage", str(_PER_PAGE)))
    if given is None or not 1 <= given <= 10**6:
        raise Problem(400, "QueryParameterException", "perPage: a number above 0 expected")
    return min(given, MOST_PER_PAGE)


def _event(request: HttpRequest, key: AccessKey, *, event_uri: str) -> HttpResponse:
    """The event, and what declared it wrong."""
    rules.query_events.require(key)
    wishes = wishes_of(request)
    rows = reading.with_id(event_uri, sight=sight_of(key))
    if not rows:
        month = archived_month_of(event_uri) if key.sees_everything else None
        archived = f": recorded in {month:%Y-%m}, which is archived" if month else ""
        raise Problem(404, "NoSuchNameException", f"no event {event_uri}{archived}")
    document = document_of(
        rows, at=timezone.now(), query_name="SimpleEventQuery", translate=wishes.translate
    )
    return wishes.write(document)


# ---------------------------------------------------------------- what there is
def _collection(request: HttpRequest, member: list[str]) -> HttpResponse:
    answers.accepts_json(request)
    return in_json(_of_collection(member))


def _of_collection(member: list[str]) -> dict[str, Any]:
    return {"@context": CONTEXT, "type": "Collection", "member": member}


def _event_types(request: HttpRequest, key: AccessKey) -> HttpResponse:
    rules.query_events.require(key)
    return _collection(request, sorted(EVENT_TYPES))


def _event_type(request: HttpRequest, key: AccessKey, *, value: str) -> HttpResponse:
    rules.query_events.require(key)
    if value not in KIND_CODES:
        raise Problem(404, "NoSuchNameException", f"no event type {value}")
    return _collection(request, ["events"])


def _events_of_type(request: HttpRequest, key: AccessKey, *, value: str) -> HttpResponse:
    _event_type(request, key, value=value)

    def narrow(query: Query) -> None:
        query.kinds, query.other_kinds = [KIND_CODES[value]], []

    return _answer_query(request, key, narrow)


def _listed(column: str | None, vocabulary: Vocabulary | None) -> Any:
    """A view of the words, places or things that events have."""

    def view(request: HttpRequest, key: AccessKey) -> HttpResponse:
        rules.query_events.require(key)
        token, size = request.GET.get("nextPageToken"), page_size(request)
        of = column or "epcs"
        after = answers.place_from(token, of=of)[0] if token else ""
        sight = sight_of(key)
        if column:
            found = reading.values_of(column, after=after, count=size, sight=sight)
        else:
            found = reading.things(after=after, count=size, sight=sight)
        wishes = wishes_of(request)
        shown = [
            written(uri, vocabulary, Form.BARE) if vocabulary else wishes.identifier(uri)
            for uri in found.uris
        ]
        answer = _collection(request, shown)
        if found.after is not None:
            answers.link_next(answer, request, answers.token_for((found.after,), of=of))
        return answer

    return view


def _narrowed(column: str | None, vocabulary: Vocabulary | None, *, to_events: bool) -> Any:
    """A view of one word, place or thing: that it has events, or these events."""

    def view(request: HttpRequest, key: AccessKey, *, value: str) -> HttpResponse:
        rules.query_events.require(key)
        uri = web_uri(value, vocabulary) if vocabulary else canonical(value)
        query = Query()
        _narrow(query, column, uri)
        sight = sight_of(key)
        if not _has_any(query, sight):
            raise Problem(404, "NoSuchNameException", f"no event with {value}")
        if not to_events:
            return _collection(request, ["events"])
        return _answer_query(
            request, key, lambda asked: _narrow(asked, column, uri), lambda _key: sight
        )

    return view


def _has_any(query: Query, sight: Sight | None) -> bool:
    try:
        return next(reading.find(query, sight=sight, chunk=1), None) is not None
    except TooComplex as complicated:
        raise Problem(413, "QueryTooComplexException", str(complicated)) from None


def _narrow(query: Query, column: str | None, uri: str) -> None:
    if column is None:
        query.matches.append(_anybody(uri))
    elif column in query.columns and uri not in query.columns[column]:
        query.columns[column] = []
    else:
        query.columns[column] = [uri]


def _anybody(uri: str) -> tuple[tuple[Role, ...], list[Pattern]]:
    return tuple(Role), [Pattern(exact=(uri,))]


def _nowhere(request: HttpRequest, key: AccessKey, *, rest: str) -> HttpResponse:
    raise Problem(404, "NoSuchNameException", "no such resource")


def _forget_token(request: HttpRequest, key: AccessKey, *, token: str) -> HttpResponse:
    """Whatever is no token is good for nothing already."""
    if answers.is_token(token):
        forget_token(key=key, token=token, until=timezone.now() + answers.TOKENS_LAST)
    return HttpResponse(status=204)


_LISTS: dict[str, tuple[str | None, Vocabulary | None]] = {
    "epcs": (None, None),
    "bizSteps": ("biz_step", Vocabulary.BIZ_STEP),
    "bizLocations": ("biz_location", None),
    "readPoints": ("read_point", None),
    "dispositions": ("disposition", Vocabulary.DISPOSITION),
}
start = resource(GET=_start)
capture = resource(
    discovery={**_limits(), "GS1-Capture-Error-Behaviour": "all"},
    GET=_capture_jobs,
    POST=_capture,
)
capture_job = resource(GET=_capture_job)
events = resource(GET=_events, POST=_add_event)
event = resource(GET=_event)
event_types = resource(GET=_event_types)
event_type = resource(GET=_event_type)
events_of_type = resource(GET=_events_of_type)
nowhere = resource(GET=_nowhere, POST=_nowhere, PUT=_nowhere, PATCH=_nowhere, DELETE=_nowhere)
next_page_token = resource(DELETE=_forget_token)
lists = {name: resource(GET=_listed(*what)) for name, what in _LISTS.items()}
members = {name: resource(GET=_narrowed(*what, to_events=False)) for name, what in _LISTS.items()}
member_events = {
    name: resource(GET=_narrowed(*what, to_events=True)) for name, what in _LISTS.items()
}
