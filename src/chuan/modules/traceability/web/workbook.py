"""Telling much at once: the workbook to download, sending it back, what is wrong in it."""

from __future__ import annotations

import io

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form, VnFileField
from chuan.core.ui.table_files import XLSX
from chuan.core.workbooks.drawing import draw
from chuan.core.workbooks.opening import MOST_BYTES, BookRefused
from chuan.core.workbooks.reading import Fault
from chuan.modules.traceability.models import FaultyWorkbook, Party
from chuan.modules.traceability.operations.workbook import take_over_workbook
from chuan.modules.traceability.queries.registry import parties_told_by
from chuan.modules.traceability.queries.workbook import faulty_workbook_of, workbook_of
from chuan.modules.traceability.web.frame import page

# Faults a page lists; the file lists all of them.
_MOST_SHOWN = 200


class ProductionWorkbookForm(Form):
    workbook = VnFileField(
        label=gettext_lazy("Tệp đã điền"),
        help_text=gettext_lazy("Tệp .xlsx tải từ trang này, tối đa 3 MB."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        max_megabytes=MOST_BYTES // 1024 // 1024,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def send_back(request: SignedInRequest, business_id: int) -> HttpResponse:
    party = _party_or_404(request, business_id)
    form = ProductionWorkbookForm(request.POST or None, request.FILES or None)
    faults: list[Fault] = []
    if request.method == "POST":
        form = ProductionWorkbookForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["workbook"]
            try:
                taken = take_over_workbook(
                    actor=request.user,
                    party=party,
                    name=file.name,
                    content=file.read(),
                    at=timezone.now(),
                )
            except BookRefused as refused:
                form.add_error("workbook", str(refused))
            else:
                if not taken.faults:
                    words = ngettext("Đã ghi %(n)d dòng.", "Đã ghi %(n)d dòng.", taken.count)
                    messages.success(request, words % {"n": taken.count})
                    return redirect("traceability:production")
                faults = list(taken.faults)
    return page(
        request,
        "production_workbook",
        "production",
        status=422 if form.errors or faults else 200,
        form=form,
        party=party,
        faulty=faulty_workbook_of(request.user, party),
        faults=faults[:_MOST_SHOWN],
        fault_count=len(faults),
    )


@require_safe
def download(request: SignedInRequest, business_id: int) -> HttpResponseBase:
    party = _party_or_404(request, business_id)
    name = f"{_('Ghi sản xuất')} – {party.name}.xlsx"
    return _file(draw(workbook_of(party)), name)


@require_safe
def download_marked(request: SignedInRequest, business_id: int) -> HttpResponseBase:
    """The person's own file, with comments where something is wrong."""
    party = _party_or_404(request, business_id)
    faulty = get_object_or_404(FaultyWorkbook, party=party, sent_by=request.user)
    stem = faulty.name.rpartition(".")[0] or faulty.name
    return _file(bytes(faulty.content), f"{stem} – {_('cần sửa')}.xlsx")


def _party_or_404(request: SignedInRequest, business_id: int) -> Party:
    return get_object_or_404(parties_told_by(request.user), pk=business_id)


def _file(content: bytes, name: str) -> FileResponse:
    response = FileResponse(io.BytesIO(content), as_attachment=True, filename=name)
    response["Content-Type"] = XLSX
    response["Cache-Control"] = "private, no-store"
    return response
