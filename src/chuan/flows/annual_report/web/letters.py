"""Documents of the report journey: letters that urge, and the consolidated report for each reader."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chuan.core.documents.enums import DocumentState, FilePurpose
from chuan.core.documents.models import DocumentFile, OfficialDocument
from chuan.core.documents.queries import files_of
from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.core.ui.components import FileRow
from chuan.flows.annual_report import rules
from chuan.flows.annual_report.enums import NOT_SENT, Audience
from chuan.flows.annual_report.models import Consolidation, Output, ReportingPeriod, UnitReport
from chuan.flows.annual_report.operations import letters as operations
from chuan.flows.annual_report.queries.bodies import bodies
from chuan.flows.annual_report.queries.letters.common import issued_document
from chuan.flows.annual_report.queries.reports import counts_of, in_body_order, reports_to_urge
from chuan.flows.annual_report.queries.urging import last_urged
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
    period_or_404,
    refuse,
)
from chuan.lib.rules import Denied

BODIES_ON_A_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
def urge(request: SignedInRequest, period_id: int) -> HttpResponse:
    """A letter to those who have not reported: all of them, or the ones ticked."""
    period = period_or_404(request, period_id)
    rules.urge.require(request.user, period)
    owed = in_body_order(reports_to_urge(period, on=timezone.localdate()))
    if request.method == "POST":
        reports = _asked_for(request, owed)
        try:
            urging, told = operations.urge_reports(
                actor=request.user, period=period, reports=reports, at=timezone.now()
            )
        except Denied as denied:
            return refuse(request, denied, "annual_report:urge", period.pk)
        messages.success(
            request,
            _(
                "Đã nhắc %(bodies)s cơ quan, %(people)s người nhận thông báo. "
                "Công văn đôn đốc đã tạo, chờ lấy số."
            )
            % {"bodies": len(reports), "people": told},
        )
        return redirect(_document_url(urging.document))
    page = Paginator(owed, BODIES_ON_A_PAGE).get_page(request.GET.get("trang"))
    counts = counts_of([period])[period.pk]
    rows = _owed_rows(period, page.object_list, set(request.GET.getlist("bao-cao")))
    context = {
        "period": period,
        "page": page,
        "rows": rows,
        "counts": counts,
        "left_out_count": counts.owed - page.paginator.count,
        "unsent_count": owed.filter(state__in=NOT_SENT).count() if page.has_other_pages() else 0,
        "chosen_count": sum(1 for row in rows if row["is_chosen"]),
        "letters": [
            {"urging": one, "url": _document_url(one.document)}
            for one in period.urgings.select_related("document", "made_by").order_by(
                "-made_at", "-pk"
            )[:10]
        ],
    }
    return render(request, "annual_report/urge.html", context)


def _asked_for(request: SignedInRequest, owed: Iterable[UnitReport]) -> list[UnitReport]:
    """The reports ticked, or all that were not sent."""
    if "tat-ca" in request.POST:
        return [report for report in owed if report.state in NOT_SENT]
    ticked = set(request.POST.getlist("bao-cao"))
    return [report for report in owed if str(report.pk) in ticked]


def _owed_rows(
    period: ReportingPeriod, owed: Iterable[UnitReport], chosen: Collection[str]
) -> list[dict[str, Any]]:
    reports = list(owed)
    names = bodies([report.organisation_id for report in reports], on=period.due_on)
    urged = last_urged([report.pk for report in reports])
    return [
        {
            "report": report,
            "body": names[report.organisation_id],
            "urged_at": urged.get(report.pk),
            "state_key": presenting.state_key(report),
            "is_chosen": str(report.pk) in chosen if chosen else report.state in NOT_SENT,
        }
        for report in reports
    ]


@require_GET
def show_outputs(request: SignedInRequest, consolidation_id: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    context = {
        "made": made,
        "period": made.period,
        "outputs": _latest_outputs(made, request.user),
        "can_output": rules.make_documents.allows(request.user, made),
        "output_refusal": rules.make_documents.refusal(request.user, made),
    }
    return render(request, "annual_report/outputs.html", context)


def _latest_outputs(made: Consolidation, reader: Person) -> list[dict[str, Any]]:
    """For each reader the newest document with its files, and whether the text changed since."""
    newest: dict[str, Output] = {}
    rows = made.outputs.select_related("document", "made_by").order_by("made_at", "pk")
    for output in rows:
        newest[output.audience] = output
    return [
        _output_row(audience, newest.get(audience.value), made, reader) for audience in Audience
    ]


def _output_row(
    audience: Audience, output: Output | None, made: Consolidation, reader: Person
) -> dict[str, Any]:
    if output is None:
        return {
            "audience": audience,
            "output": None,
            "files": [],
            "is_issued": False,
            "is_stale": False,
            "is_draft": False,
        }
    # What was issued is the one to read, also where a draft was begun beside it.
    issued = issued_document(made, audience)
    document = issued or output.document
    return {
        "audience": audience,
        "output": output,
        "document": document,
        "url": _document_url(document),
        "files": _newest_files(document, reader),
        "is_issued": issued is not None,
        "is_stale": issued is None and output.made_at < made.updated_at,
        "is_draft": document.state == DocumentState.DRAFT and bool(document.held_back),
    }


def _newest_files(document: OfficialDocument, reader: Person) -> list[FileRow]:
    """One file of each purpose: the one in use."""
    in_use: dict[str, DocumentFile] = {}
    for row in files_of(document, reader=reader):
        in_use.setdefault(row.purpose, row)
    return [
        FileRow(
            name=row.upload.name,
            url=reverse("files:download", args=[row.upload_id]),
            size=row.upload.file.size,
            notes=[FilePurpose(row.purpose).label],
        )
        for row in in_use.values()
    ]


def _document_url(document: OfficialDocument) -> str:
    return reverse("documents:show", args=[document.pk])


@require_POST
def make_output(request: SignedInRequest, consolidation_id: int, audience: str) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id, whole=True)
    if audience not in Audience.values:
        raise Http404(audience)
    try:
        operations.make_output(
            actor=request.user,
            consolidation=made,
            audience=Audience(audience),
            at=timezone.now(),
        )
    except Denied as denied:
        return refuse(request, denied, "annual_report:outputs", made.pk)
    messages.success(
        request,
        _("Đã tạo báo cáo gửi %(reader)s.") % {"reader": Audience(audience).label},
    )
    return redirect("annual_report:outputs", made.pk)
