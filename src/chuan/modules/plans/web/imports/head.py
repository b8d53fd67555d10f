"""The second step: number, day, title and issuer of the decision."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Mark, Source
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftReporting,
)
from chuan.modules.plans.engine.problems import Step
from chuan.modules.plans.models import PlanImport
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.web.finding import (
    import_or_404,
    wants_json,
)
from chuan.modules.plans.web.forms.imports import AmendmentForm, DocumentForm
from chuan.modules.plans.web.imports.common import (
    head_initial,
    may_be_unfinished,
    page_status,
    save_draft,
    step_context,
)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_document(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    form_of = AmendmentForm if plan_import.amends_id else DocumentForm
    form = form_of(
        request.POST or None, initial={"version": plan_import.version, **head_initial(draft)}
    )
    later = may_be_unfinished(request, form)
    if request.method == "POST" and form.is_valid():
        return save_draft(
            request,
            plan_import,
            form,
            lambda kept: _with_head(kept, form),
            "plans:import" if later else "plans:import_tasks",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = step_context(request, plan_import, Step.DOCUMENT)
    context |= {
        "form": form,
        "source": _head_source(plan_import),
        "doubts": plan_import.reading.get("document_doubts", []),
        "is_stamped": bool(draft.document.stamped_number or draft.document.stamped_on),
    }
    return render(request, "plans/import_document.html", context, status=page_status(form))


def _with_head(draft: Draft, form: DocumentForm) -> Draft:
    data = form.cleaned_data
    document = replace(
        draft.document,
        number=data["number"],
        notation=data["notation"],
        issued_on=data["issued_on"],
        issuer=data["issuer"],
        signer=data["signer"],
        title=" ".join(data["title"].split()),
        based_on=tuple(line for line in data["based_on"].splitlines() if line),
    )
    if isinstance(form, AmendmentForm):
        return replace(draft, document=document, from_day=data["from_day"])
    day, month = form.report_day_and_month
    return replace(
        draft,
        document=replace(document, short_title=data["short_title"]),
        last_day=data["last_day"],
        reporting=DraftReporting(day, month, data["is_inclusive"], draft.reporting.to),
    )


def _head_source(plan_import: PlanImport) -> Source:
    """The first page of the file without its empty lines, and the clause on reports; the lines the
    head was read from marked."""
    reading = plan_import.reading
    title = _bare(reading["plan"]["document"]["title"] or "")
    sources = reading["sources"]
    places = {tuple(place) for place in sources.values()}
    clause = [tuple(line[:2]) for line in _report_clause(reading)]
    lines = [line for line in reading["source"] if line[0] in {1, None}][:95]
    if clause:
        lines += [[None, 0, "…"], *_report_clause(reading)]
    marks: list[Mark] = []
    text: list[str] = []
    start, in_title = 0, False
    for page, number, words in lines:
        if not words.strip():
            continue
        begins = [page, number] == sources.get("title")
        in_title = begins or (in_title and _bare(words) in title)
        if in_title or (page, number) in places or (page, number) in clause:
            marks.append(Mark(start, start + len(words)))
        text.append(words)
        start += len(words) + 1
    return Source("\n".join(text), marks)


def _report_clause(reading: dict[str, Any]) -> list[list[Any]]:
    """The lines that say when bodies report, over a page break if there is one."""
    place = reading["reporting_source"]
    source: list[list[Any]] = [line for line in reading["source"] if line[2].strip()]
    at = next((n for n, line in enumerate(source) if line[:2] == place), None)
    return [] if at is None else source[at : at + 5]


def _bare(text: str) -> str:
    return " ".join(text.split())
