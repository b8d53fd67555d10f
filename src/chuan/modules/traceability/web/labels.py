"""Labels of a lot: codes on the screen, sheets for the printer."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.documents.layout.metrics import FONT_FOLDER
from chuan.core.people.http import SignedInRequest
from chuan.lib.vietnamese import fold, format_date
from chuan.modules.traceability.engine.keys import quoted
from chuan.modules.traceability.engine.labels import (
    CodeKind,
    Label,
    datamatrix_svg,
    qr_svg,
    sheets,
)
from chuan.modules.traceability.models import Lot
from chuan.modules.traceability.queries import registry as queries
from chuan.modules.traceability.web.frame import page
from chuan.modules.traceability.web.production_forms import LabelForm


@require_safe
def labels(request: SignedInRequest, lot_id: int) -> HttpResponse:
    """How many, and whether each item has a number of its own; the sheets come as PDF."""
    lot = _lot(request, lot_id)
    form = LabelForm(request.GET if "count" in request.GET else None)
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        return _sheets(lot, told["count"], told["first"], CodeKind(told["kind"]))
    return page(
        request,
        "labels",
        "production",
        status=422 if form.errors else 200,
        lot=lot,
        form=form,
        url=url_of(lot),
        elements="".join(f"({ai}){value}" for ai, value in elements_of(lot)),
    )


@require_safe
def code(request: SignedInRequest, lot_id: int) -> HttpResponse:
    lot = _lot(request, lot_id)
    is_matrix = request.GET.get("loai") == CodeKind.DATAMATRIX
    svg = (
        datamatrix_svg(elements_of(lot), title=lot.product.name)
        if is_matrix
        else qr_svg(url_of(lot), title=lot.product.name)
    )
    answer = HttpResponse(svg, "image/svg+xml")
    if "tai" in request.GET:
        ending = "-datamatrix" if is_matrix else ""
        answer["Content-Disposition"] = f'attachment; filename="{_file_name(lot)}{ending}.svg"'
    return answer


def elements_of(lot: Lot, serial: int | None = None) -> list[tuple[str, str]]:
    """What the DataMatrix of a lot, or of one item of it, holds; what has one length stands first."""
    elements = [("01", lot.product.gtin)]
    if lot.expires_on:
        elements.append(("17", f"{lot.expires_on:%y%m%d}"))
    elements.append(("10", lot.number))
    if serial is not None:
        elements.append(("21", str(serial)))
    return elements


def url_of(lot: Lot, serial: int | None = None) -> str:
    """What the code of a lot, or of one item of it, holds."""
    path = f"01/{lot.product.gtin}/10/{quoted(lot.number)}"
    if serial is not None:
        path += f"/21/{serial}"
    return f"{settings.CHUAN_URL}{reverse('resolver:root')}{path}"


def _sheets(lot: Lot, count: int, first: int | None, kind: CodeKind) -> HttpResponse:
    lines = [lot.product.party.name, f"GTIN {lot.product.gtin}", _("Lô %s") % lot.number]
    made_on = format_date(timezone.localdate(lot.made_at))
    lines.append(_("NSX %s") % made_on)
    if lot.expires_on:
        lines.append(_("HSD %s") % format_date(lot.expires_on))
    serials = [None] * count if first is None else list(range(first, first + count))
    made = [
        Label(
            url_of(lot, serial),
            lot.product.name,
            lines if serial is None else [*lines, _("Số %s") % serial],
            elements_of(lot, serial),
        )
        for serial in serials
    ]
    pdf = sheets(made, fonts=FONT_FOLDER, language=(get_language() or "vi")[:2], kind=kind)
    answer = HttpResponse(pdf, "application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{_file_name(lot)}.pdf"'
    return answer


def _file_name(lot: Lot) -> str:
    return f"nhan-{slugify(fold(lot.product.name))[:40]}-{slugify(lot.number)}"


def _lot(request: SignedInRequest, lot_id: int) -> Lot:
    visible = queries.lots_visible_to(request.user).select_related("product__party")
    return get_object_or_404(visible, pk=lot_id)
