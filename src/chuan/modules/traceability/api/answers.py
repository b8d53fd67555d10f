"""How the REST binding speaks: headers, formats, problems (RFC 7807), page tokens."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.encoding import escape_uri_path

import chuan
from chuan.modules.traceability.api import xml
from chuan.modules.traceability.engine.documents import Document, Fault, Syntax
from chuan.modules.traceability.engine.model import Event
from chuan.modules.traceability.engine.reading_json import write_json
from chuan.modules.traceability.engine.translation import EPC_WRITERS, in_form
from chuan.modules.traceability.engine.vocabulary import Form
from chuan.modules.traceability.engine.writing_xml import write_xml
from chuan.modules.traceability.queries.archive import here_since
from chuan.modules.traceability.queries.tokens import is_forgotten

PAGING = ("perPage", "nextPageToken")
TOKENS_LAST = timedelta(hours=24)
_SALT = "chuan.traceability.page"
_PROBLEM = "application/problem"
_FORMATS = {
    "application/json": Syntax.JSON,
    "application/ld+json": Syntax.JSON,
    "application/xml": Syntax.XML,
    "text/xml": Syntax.XML,
}
_NAMES = {
    syntax: {name for name, one in _FORMATS.items() if one is syntax}
    for syntax in (Syntax.JSON, Syntax.XML)
}
_ANYTHING = ("*/*", "application/*")
_WEIGHT = re.compile(r"[01](\.\d{0,3})?")
# Of EPCIS and of CBV.
_SPOKEN = "2.0.0"
_VERSION = re.compile(r"\d{1,4}(\.\d{1,4}){0,2}", re.ASCII)
STANDING: Mapping[str, str] = {
    **{
        f"GS1-{standard}-{which}": _SPOKEN
        for standard in ("EPCIS", "CBV")
        for which in ("Version", "Min", "Max")
    },
    "GS1-Vendor-Version": chuan.__version__,
}
WORD_FORMATS = ("No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates")


# What OPTIONS tells of everything.
DISCOVERY: Mapping[str, str] = {
    "GS1-EPC-Format": "No_Preference",
    "GS1-CBV-XML-Format": "No_Preference",
}


class Problem(Exception):
    """What ends a request: a status and one of the exceptions EPCIS names."""

    def __init__(self, status: int, name: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.name, self.detail, self.more = status, name, detail, more

    def response(self, *, in_xml: bool = False) -> HttpResponse:
        body = {
            "type": f"epcisException:{self.name}",
            "title": self.name,
            # GS1's OpenAPI wants 406 in the body of a 409. What is not said is not wrong.
            **({} if self.status == 409 else {"status": self.status}),
            "detail": self.detail,
            **self.more,
        }
        if in_xml:
            told = xml.told("EPCISException", body)
            answer = HttpResponse(told, status=self.status, content_type=f"{_PROBLEM}+xml")
        else:
            told_in_json = json.dumps(body, ensure_ascii=False)
            answer = HttpResponse(told_in_json, status=self.status, content_type=f"{_PROBLEM}+json")
        if self.status == 401:
            answer["WWW-Authenticate"] = "Bearer"
        return answer


def faulty(faults: list[Fault], *, status: int = 400, name: str = "ValidationException") -> Problem:
    """All faults in one problem."""
    return Problem(status, name, str(faults[0]), errors=[of_fault(fault) for fault in faults])


def of_fault(fault: Fault) -> dict[str, Any]:
    return {
        "event": fault.event,
        "path": fault.path,
        "value": fault.value,
        "rule": fault.rule,
    }


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the client wants its answer."""

    syntax: Syntax
    epcs: str
    words: str

    def translate(self, event: Event) -> Event:
        return in_form(event, self.epcs)

    def identifier(self, link: str) -> str:
        write = EPC_WRITERS[self.epcs]
        return write(link) if write else link

    def write(self, document: Document) -> HttpResponse:
        if self.syntax is Syntax.XML:
            form = Form.WEB if self.words == "Always_Web_URI" else Form.URN
            try:
                body = write_xml(document, form=form)
            except ValueError:  # letters or names that JSON has and XML has not
                raise Problem(
                    406, "NotAcceptableException", "an event here cannot be told in XML"
                ) from None
            answer = HttpResponse(body, content_type="application/xml")
        else:
            answer = in_json(write_json(document), kind="application/ld+json")
        answer["GS1-EPC-Format"] = self.epcs
        answer["GS1-CBV-XML-Format"] = self.words
        return answer


def wishes_of(request: HttpRequest) -> Wishes:
    """Read from headers.

    :raises Problem: 406 for a format nobody here speaks.
    """
    epcs = request.headers.get("GS1-EPC-Format", "No_Preference")
    words = request.headers.get("GS1-CBV-XML-Format", "No_Preference")
    if epcs not in EPC_WRITERS or words not in WORD_FORMATS:
        raise Problem(406, "NotAcceptableException", "no such format of identifiers or words")
    for standard in ("EPCIS", "CBV"):
        least, most = (
            _version(request.headers.get(f"GS1-{standard}-{which}", _SPOKEN))
            for which in ("Min", "Max")
        )
        if not least <= _version(_SPOKEN) <= most:
            raise Problem(406, "NotAcceptableException", f"{standard} {_SPOKEN} is spoken here")
    return Wishes(accepted(request), epcs, words)


def accepted(request: HttpRequest) -> Syntax:
    """What the client likes best of what is spoken here (RFC 9110, section 12.5.1).

    :raises Problem: 406: nothing of it.
    """
    wanted, refused = _by_weight(request.headers.get("Accept", "*/*"))
    for one in wanted:
        if one in _ANYTHING:
            free = [syntax for syntax in _NAMES if not refused & _NAMES[syntax]]
            if free:
                return free[0]
        elif one in _FORMATS:
            return _FORMATS[one]
    raise Problem(406, "NotAcceptableException", "JSON or XML is spoken here")


def prefers_xml(request: HttpRequest) -> bool:
    """Whether XML is liked best, also where something is wrong with the rest."""
    wanted, _refused = _by_weight(request.headers.get("Accept", ""))
    return bool(wanted) and wanted[0] in ("application/xml", "text/xml", "application/problem+xml")


def _by_weight(accept: str) -> tuple[list[str], set[str]]:
    """Media ranges, the heaviest first, and those that are refused."""
    weights: dict[str, float] = {}
    for one in accept.split(","):
        name, *parameters = (part.strip().lower() for part in one.split(";"))
        told = [part[2:] for part in parameters if part.startswith("q=")]
        is_weight = bool(told) and _WEIGHT.fullmatch(told[0]) is not None
        weights.setdefault(name, float(told[0]) if is_weight else 1.0)
    wanted = [name for name, weight in weights.items() if weight]
    return sorted(wanted, key=lambda name: -weights[name]), weights.keys() - set(wanted)


def _version(text: str) -> tuple[int, ...]:
    """2.0 is 2.0.0.

    :raises Problem: it is none.
    """
    if not _VERSION.fullmatch(text):
        raise Problem(406, "NotAcceptableException", f"a version like {_SPOKEN} expected")
    return tuple(int(part) for part in f"{text}.0.0".split(".")[:3])


def accepts_json(request: HttpRequest) -> None:
    """:raises Problem: 406 for somebody who wants anything but JSON."""
    wishes_of(request)
    if accepted(request) is not Syntax.JSON:
        raise Problem(406, "NotAcceptableException", "this is told in JSON alone")


def in_json(body: Any, *, status: int = 200, kind: str = "application/json") -> HttpResponse:
    return HttpResponse(json.dumps(body, ensure_ascii=False), status=status, content_type=kind)


def tell_archive(answer: HttpResponse) -> None:
    """Say from when on events are here, where older ones are in an archive: the header that EPCIS has
    for it, and a warning that people see in their logs (RFC 7234, section 5.5.7)."""
    since = here_since()
    if since is not None:
        answer["GS1-Query-Min-Record-Time"] = since.isoformat(timespec="seconds")
        answer["Warning"] = f'299 - "events recorded before {since:%Y-%m-%d} are archived"'


# ---------------------------------------------------------------- pages
def token_for(place: tuple[Any, ...], *, of: str) -> str:
    """A place in an answer, sealed: it tells nobody how many events there are or what they are
    numbered. `of` tells the question apart from others."""
    told = json.dumps({"p": list(place), "q": _short(of)}, separators=(",", ":"))
    # Without the padding, which an address would have to spell out.
    return _seal().encrypt(told.encode()).decode().rstrip("=")


def place_from(token: str, *, of: str) -> list[Any]:
    """:raises Problem: a token that was not given here, for this question, or is too old."""
    try:
        found = _opened(token)
    except InvalidToken:
        raise Problem(
            400, "QueryParameterException", "nextPageToken: not given here, or too old"
        ) from None
    if is_forgotten(token):
        raise Problem(400, "QueryParameterException", "nextPageToken: it was taken back")
    if found["q"] != _short(of):
        raise Problem(400, "QueryParameterException", "nextPageToken: given for another query")
    return list(found["p"])


def is_token(text: str) -> bool:
    """Whether it was given here and has not ended."""
    try:
        _opened(text)
    except InvalidToken:
        return False
    return True


def _opened(token: str) -> dict[str, Any]:
    """:raises InvalidToken: it was not given here, or is too old."""
    if not token.isascii():
        raise InvalidToken
    sealed = token + "=" * (-len(token) % 4)
    found: dict[str, Any] = json.loads(
        _seal().decrypt(sealed.encode(), ttl=int(TOKENS_LAST.total_seconds()))
    )
    return found


@cache
def _seal() -> MultiFernet:
    """AES and HMAC by keys that follow from the server's own: the same after it starts anew."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet(
        [
            Fernet(urlsafe_b64encode(salted_hmac(_SALT, "", one, algorithm="sha256").digest()))
            for one in secrets
        ]
    )


def link_next(answer: HttpResponse, request: HttpRequest, token: str) -> None:
    """Tell where the next page is."""
    query = request.GET.copy()
    query["nextPageToken"] = token
    # An identifier in it may have letters that would end the path.
    url = request.build_absolute_uri(f"{escape_uri_path(request.path)}?{query.urlencode()}")
    answer["Link"] = f'<{url}>; rel="next"'
    expires: datetime = timezone.now() + TOKENS_LAST
    answer["GS1-Next-Page-Token-Expires"] = expires.isoformat(timespec="seconds")


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
