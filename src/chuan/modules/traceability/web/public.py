"""What citizens see who scan a label: no sign-in, no cookie, no script needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.files import queries as files
from chuan.core.ui.context import PublicShell
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability.engine.scanned import (
    Scanned,
    is_mistyped,
    read_path,
    read_text,
    written,
)
from chuan.modules.traceability.models import Certificate, Product
from chuan.modules.traceability.operations.reports import report_problem
from chuan.modules.traceability.queries import registry
from chuan.modules.traceability.queries.contents import (
    Contents,
    Goods,
    contents_of,
    warnings_about,
)
from chuan.modules.traceability.queries.links import is_told, name_of
from chuan.modules.traceability.queries.recall_warnings import recalls_in_force
from chuan.modules.traceability.queries.steps import story_of
from chuan.modules.traceability.titles import amount
from chuan.modules.traceability.web.public_forms import ReportForm

# Seconds for which an answer is used without asking: a recall shows after at most these.
FRESH = 60
LONGEST = 500
# Lots and products that a page of a logistic unit names.
MOST_INSIDE = 100
ENGLISH = "scan-en"
View = Callable[..., HttpResponseBase]


def in_its_language(view: View) -> View:
    """The language is that of the address, so that one answer serves everybody."""

    @login_not_required
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        language = _language(request)
        with translation.override(language):
            response = view(request, *args, **kwargs)
            response["Content-Language"] = language
        return response

    return answer


def _language(request: HttpRequest) -> str:
    match = request.resolver_match
    return "en" if match is not None and match.namespace == ENGLISH else settings.LANGUAGE_CODE


def _space(request: HttpRequest) -> str:
    return ENGLISH if _language(request) == "en" else "scan"


def unknown(request: HttpRequest, why: str, scanned: Scanned | None = None) -> HttpResponse:
    """Nothing is known of it. That is when goods are suspect: whoever holds them can say so here.

    :param scanned: what was read; without it there is nothing to speak of.
    """
    space = _space(request)
    return _page(
        request,
        "unknown_key",
        status=404,
        why=why,
        scanned=scanned,
        ask_url=reverse(f"{space}:ask"),
        report_url=reverse(f"{space}:report", args=[scanned.path]) if scanned else "",
    )


def _page(
    request: HttpRequest, template: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    path = request.path
    english = _language(request) == "en"
    context |= {
        "shell": PublicShell(request),
        "space": _space(request),
        "other_language": path.removeprefix("/en") if english else f"/en{path}",
    }
    return render(request, f"traceability/{template}.html", context, status=status)


@in_its_language
@require_safe
def ask(request: HttpRequest) -> HttpResponseBase:
    """Type a number or paste a link; the camera of the telephone does the rest by itself."""
    asked = request.GET.get("ma", "")[:LONGEST].strip()
    scanned = read_text(asked) if asked else None
    if scanned is not None:
        return redirect(f"{_space(request)}:show", path=scanned.path)
    return _page(
        request,
        "ask",
        status=404 if asked else 200,
        asked=asked,
        has_errors=bool(asked),
        is_mistyped=is_mistyped(asked),
        recalls_url=reverse(f"{_space(request)}:recalls"),
        software_url=reverse(f"{_space(request)}:software"),
    )


@in_its_language
@require_safe
def recalls(request: HttpRequest) -> HttpResponse:
    """What is being recalled, for everybody: what pages of scanned goods say one by one."""
    space = _space(request)
    told = [
        (one, [(it, reverse(f"{space}:show", args=[f"01/{it.gtin}"])) for it in one.products])
        for one in recalls_in_force()
    ]
    response = _page(request, "recalls_in_force", recalls=told, ask_url=reverse(f"{space}:ask"))
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


@in_its_language
@require_safe
def software(request: HttpRequest) -> HttpResponse:
    """How other people's software joins in: who gives keys, and the first lines to try."""
    server = request.build_absolute_uri("/").rstrip("/")
    response = _page(request, "software", server=server)
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


@in_its_language
@require_safe
def show(request: HttpRequest, path: str) -> HttpResponse:
    scanned = read_path(written(path))
    if scanned is None:
        return unknown(request, _("Địa chỉ này không chứa mã GS1 đọc được."))
    if name_of(scanned) is None:
        return unknown(request, _("Không có gì được khai cho mã này."), scanned)
    product = _product(scanned)
    story = story_of(scanned.levels)
    lot_number = scanned.lot or story.lot
    if lot_number and product and not scanned.lot:
        scanned_lot = read_path(written(f"01/{product.gtin}/10/{lot_number}"))
        levels = (*scanned.levels, *(scanned_lot.levels[:1] if scanned_lot else ()))
    else:
        levels = scanned.levels
    lot = product.lots.filter(number=lot_number).first() if product and lot_number else None
    inside = Contents() if scanned.key.is_class else contents_of(scanned.link)
    warnings = warnings_about(levels, inside)
    space = _space(request)
    response = _page(
        request,
        "scan",
        scanned=scanned,
        is_unit=scanned.key.ai == "00",
        product=product,
        name=name_of(scanned) or "",
        lot_number=lot_number,
        made_on=timezone.localdate(lot.made_at) if lot else story.made_on,
        expires_on=lot.expires_on if lot and lot.expires_on else story.expires_on,
        today=timezone.localdate(),
        story=story,
        warnings=warnings,
        is_recalled=any(one.is_recall for one in warnings),
        is_told=is_told(scanned, has_lot=lot is not None),
        inside=[
            (one, reverse(f"{space}:show", args=[unquote(one.path)]), words_of(one))
            for one in inside.goods[:MOST_INSIDE]
        ],
        more_inside=len(inside.goods) - MOST_INSIDE,
        inside_is_cut=inside.is_cut,
        papers=list(registry.papers_of(product, lot_number)) if product else [],
        asked_at=timezone.now(),
        report_url=reverse(f"{space}:report", args=[scanned.path]),
    )
    patch_cache_control(response, public=True, max_age=FRESH)
    return response


def words_of(goods: Goods) -> str:
    """How much of it there is; empty where nobody said."""
    return "" if goods.quantity is None else amount(goods.quantity, goods.uom)


@in_its_language
def report(request: HttpRequest, path: str) -> HttpResponseBase:
    scanned = _scanned(path)
    form = ReportForm(request.POST or None)
    back = reverse(f"{_space(request)}:show", args=[scanned.path])
    if request.method == "POST" and form.is_valid():
        try:
            sent = report_problem(
                uri=scanned.link,
                at=timezone.now(),
                sender=str(get_adapter().get_client_ip(request)),
                **form.cleaned_data,
            )
        except Denied as denied:
            form.add_error(None, str(denied))
        else:
            address = reverse(f"{_space(request)}:reported", args=[scanned.path])
            return redirect(f"{address}?so={sent.pk}")
    status = 422 if form.errors else 200
    product = _product(scanned)
    return _page(
        request, "report", status=status, form=form, back=back, scanned=scanned, product=product
    )


@in_its_language
@require_safe
def reported(request: HttpRequest, path: str) -> HttpResponse:
    scanned = _scanned(path)
    back = reverse(f"{_space(request)}:show", args=[scanned.path])
    number = whole_number(request.GET.get("so", ""))
    return _page(request, "reported", back=back, number=number)


@login_not_required
@require_safe
def picture(request: HttpRequest, product_id: int) -> HttpResponseBase:
    product = get_object_or_404(
        Product.objects.select_related("picture__file"),
        pk=product_id,
        picture__isnull=False,
        is_confirmed=True,
    )
    return _file(product.picture, "image/jpeg")


@login_not_required
@require_safe
def paper(request: HttpRequest, paper_id: int) -> HttpResponseBase:
    shown = Certificate.objects.filter(
        withdrawn_at=None, file__isnull=False, product__is_confirmed=True
    )
    found = get_object_or_404(shown.select_related("file__file"), pk=paper_id)
    assert found.file is not None  # noqa: S101 - asked for above
    return _file(found.file, files.media_type_of(found.file))


def _file(upload: Any, media_type: str) -> HttpResponseBase:
    try:
        content = files.open_file(upload)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, filename=upload.name, content_type=media_type)
    response["ETag"] = f'"{upload.file.sha256}"'
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, public=True, max_age=FRESH * 60)
    return response


def _scanned(path: str) -> Scanned:
    """:raises Http404: no key of GS1."""
    scanned = read_path(written(path))
    if scanned is None:
        raise Http404
    return scanned


def _product(scanned: Scanned) -> Product | None:
    if scanned.gtin is None:
        return None
    found = Product.objects.filter(gtin=scanned.gtin, is_confirmed=True)
    return found.select_related("party").first()
