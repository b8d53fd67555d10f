"""The resolver: from a scanned Digital Link to what its owner wants to be seen (GS1-Conformant
Resolver 1.1)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve as resolve_path
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.ui.answers import JsonAnswer
from chuan.core.ui.context import PublicShell
from chuan.core.ui.site import site
from chuan.modules.traceability.engine import linktypes
from chuan.modules.traceability.engine.choosing import wishes
from chuan.modules.traceability.engine.linktypes import DEFAULT, DEFAULT_MULTI, VOCABULARY
from chuan.modules.traceability.engine.scanned import Scanned, read_path, written
from chuan.modules.traceability.engine.schemes import BY_AI
from chuan.modules.traceability.queries.links import (
    Target,
    is_in_events,
    name_of,
    targets_of,
    wanted_of,
)

# Seconds for which an answer is used without asking.
FRESH = 60
LINKSET = "application/linkset+json"
View = Callable[..., HttpResponse]
_METHODS = ("GET", "HEAD", "OPTIONS")
_OWN = ("linkType", "context")
# What this installation tells of everything it knows, when its owner does not say otherwise.
_BUILT_IN = ("pip", "traceability", "recallStatus")


def in_the_browser_s_language(view: View) -> View:
    """The language the browser asks for and nothing else about whoever asks: caches keep one answer
    for each."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        wanted = (wish[:2].lower() for wish in wishes(request.headers.get("Accept-Language", "")))
        known = dict(settings.LANGUAGES)
        language = next((one for one in wanted if one in known), settings.LANGUAGE_CODE)
        with translation.override(language):
            response = view(request, *args, **kwargs)
            response["Content-Language"] = language
        return response

    return answer


def asked_across_sites(view: View) -> View:
    """Pages of other sites ask with OPTIONS first whether they may ask (Conformant Resolver 1.1: GET,
    HEAD and OPTIONS); everything else but GET and HEAD is refused."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method != "OPTIONS":
            return require_safe(view)(request, *args, **kwargs)
        allowed = _open(
            HttpResponse(status=204), read_path(written(kwargs.get("path", ""))), request
        )
        allowed["Allow"] = allowed["Access-Control-Allow-Methods"] = ", ".join(_METHODS)
        allowed["Access-Control-Allow-Headers"] = "Accept, Accept-Language"
        return allowed

    return answer


@in_the_browser_s_language
@asked_across_sites
def resolve(request: HttpRequest, path: str) -> HttpResponse:
    """Redirect to the wanted link (307), or list the links of a key (`linkType=linkset`).

    300 when the browser's wishes leave several, 404 for a key or type of link nobody told of, 400
    for what is no key of GS1.
    """
    scanned = read_path(written(path))
    if scanned is None or (scanned.ends_in_words and not is_in_events([scanned.link])):
        return _told(request, 400, _("Địa chỉ này không chứa mã GS1 đọc được."))
    targets = targets_of(scanned)
    known = name_of(scanned)
    if known is None and not targets:
        return _told(request, 404, _("Không có gì được khai cho mã này."), scanned)
    if known is not None:
        targets += built_in(request, scanned, targets)
    if _wants_linkset(request):
        return _open(_linkset(request, scanned, targets, known or ""))
    left = _left(request, targets)
    if not left:
        return _told(request, 404, _("Không có liên kết loại này cho mã."))
    if len(left) > 1:
        return _open(_choices(request, left))
    return _open(_redirect(request, left[0]), scanned, request)


class RedirectScans:
    """Redirect whoever scans what its owner told of, before anything asks who that is.

    Labels are scanned by the thousand, and a redirect has no form, no session and no words. What is
    no redirect goes the usual way.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        root = _root()
        if request.method in ("GET", "HEAD") and request.path_info.startswith(root):
            answer = self._redirect(request, request.path_info.removeprefix(root))
            if answer is not None:
                # The log names the route.
                request.resolver_match = resolve_path(request.path_info)
                return answer
        return self.get_response(request)

    def _redirect(self, request: HttpRequest, path: str) -> HttpResponse | None:
        scanned = read_path(written(path))
        if scanned is None or scanned.ends_in_words or _wants_linkset(request):
            return None
        left = _left(request, targets_of(scanned))
        return _open(_redirect(request, left[0]), scanned, request) if len(left) == 1 else None


def _left(request: HttpRequest, targets: list[Target]) -> list[Target]:
    """Links of the wanted type that fit the browser's wishes best."""
    return wanted_of(
        targets,
        link_type=request.GET.get("linkType", ""),
        languages=request.headers.get("Accept-Language", ""),
        media_types=request.headers.get("Accept", ""),
        context=request.GET.get("context", ""),
    )


def _wants_linkset(request: HttpRequest) -> bool:
    wanted = request.GET.get("linkType", "")
    return wanted in ("linkset", "all") or (not wanted and _asks_for_linkset(request))


def _asks_for_linkset(request: HttpRequest) -> bool:
    asked = wishes(request.headers.get("Accept", ""))
    return bool(asked) and asked[0] in (LINKSET, "application/json")


def built_in(request: HttpRequest, scanned: Scanned, told: list[Target]) -> list[Target]:
    """This installation's own page of what was scanned, for each type its owner said nothing of."""
    page = request.build_absolute_uri(
        reverse("scan:show", args=[scanned.path]),
    )
    title = str(_("Nguồn gốc, chứng nhận và cảnh báo"))
    said = {one.link_type for one in told}
    has_default = any(one.is_default for one in told)
    anchor = scanned.levels[0]
    found = [
        Target(anchor, name, page, title, "", "text/html", "", False)
        for name in _BUILT_IN
        if name not in said
    ]
    if not has_default:
        found.append(Target(anchor, DEFAULT, page, title, "", "text/html", "", True))
    return found


def _redirect(request: HttpRequest, target: Target) -> HttpResponse:
    """What else stood in the scanned address goes along: expiry dates, weights."""
    rest = [(name, value) for name, value in request.GET.items() if name not in _OWN]
    href = target.href
    if rest:
        head, mark, fragment = href.partition("#")
        href = f"{head}{'&' if '?' in head else '?'}{urlencode(rest)}{mark}{fragment}"
    answer = HttpResponse(status=307)
    answer["Location"] = quote(href, safe="%/:=&?~#+!$,;'@()*[]")
    return answer


def _choices(request: HttpRequest, left: list[Target]) -> HttpResponse:
    if _asks_for_linkset(request):
        body = {"links": [_link_object(one) for one in left]}
        return JsonAnswer(body, status=300)
    return _page(request, "choices", 300, links=left)


def _page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    """As a stranger sees it, whoever asks."""
    space = _space()
    context |= {"shell": PublicShell(request), "space": space, "ask_url": reverse(f"{space}:ask")}
    return render(request, f"traceability/{template}.html", context, status=status)


def _space() -> str:
    return "scan-en" if translation.get_language() == "en" else "scan"


def _linkset(
    request: HttpRequest, scanned: Scanned, targets: list[Target], name: str
) -> HttpResponse:
    """RFC 9264, in the shape of GS1's schema: one context for each level that has links."""
    contexts: dict[str, dict[str, Any]] = {}
    for one in targets:
        context = contexts.setdefault(
            one.anchor,
            {
                "anchor": _anchor(request, one.anchor),
                "itemDescription": name or scanned.key.value,
            },
        )
        if one.link_type != DEFAULT:
            links = context.setdefault(linktypes.uri_of(one.link_type), [])
            links.append(_link_object(one))
        if one.is_default:
            context.setdefault(linktypes.uri_of(DEFAULT_MULTI), []).append(_link_object(one))
    for context in contexts.values():
        defaults = context.get(linktypes.uri_of(DEFAULT_MULTI), [])
        if len(defaults) == 1:  # several are told apart by the browser's wishes
            context[linktypes.uri_of(DEFAULT)] = context.pop(linktypes.uri_of(DEFAULT_MULTI))
    answer = JsonAnswer({"linkset": list(contexts.values())}, content_type=LINKSET)
    answer["Link"] = (
        '<https://ref.gs1.org/standards/resolver/linkset-context>; rel="http://www.w3.org/ns/'
        'json-ld#context"; type="application/ld+json"'
    )
    return answer


def _anchor(request: HttpRequest, canonical: str) -> str:
    path = canonical.split("/", 3)[3]
    return request.build_absolute_uri(_root() + path)


@cache
def _root() -> str:
    """Looked up for every scan, it was a seventh of a redirect."""
    return reverse("resolver:root")


def _link_object(target: Target) -> dict[str, Any]:
    found: dict[str, Any] = {"href": target.href, "title": target.title}
    if target.media_type:
        found["type"] = target.media_type
    if target.language:
        found["hreflang"] = [target.language]
    if target.context:
        found["context"] = [target.context]
    return found


def _open(
    answer: HttpResponse, scanned: Scanned | None = None, request: HttpRequest | None = None
) -> HttpResponse:
    """For every browser and page of the world, and for every cache on the way."""
    patch_cache_control(answer, public=True, max_age=FRESH)
    answer["Vary"] = "Accept, Accept-Language"
    answer["Access-Control-Allow-Origin"] = "*"
    answer["Access-Control-Expose-Headers"] = "Link"
    if scanned is not None and request is not None:
        own = _anchor(request, scanned.levels[0])
        answer["Link"] = f'<{own}?linkType=linkset>; rel="linkset"; type="{LINKSET}"'
    return answer


def _told(
    request: HttpRequest, status: int, why: str, scanned: Scanned | None = None
) -> HttpResponse:
    """:param scanned: what nobody told of, so that people can report it."""
    if _wants_linkset(request):
        return _open(JsonAnswer({"title": why, "status": status}, status=status))
    report_url = ""
    if scanned is not None:
        report_url = reverse(f"{_space()}:report", args=[scanned.path])
    return _open(_page(request, "unknown_key", status, why=why, report_url=report_url))


@login_not_required
@asked_across_sites
def description(request: HttpRequest) -> HttpResponse:
    """`/.well-known/gs1resolver`: what this resolver can do."""
    root = request.build_absolute_uri(_root()).rstrip("/")
    body = {
        "name": str(site.publisher()),
        "resolverRoot": root,
        "supportedPrimaryKeys": sorted(BY_AI),
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "validatesAsDigitalLinkURI": True,
        "supportsSemanticInterpretation": False,
    }
    return _open(JsonAnswer(body))
