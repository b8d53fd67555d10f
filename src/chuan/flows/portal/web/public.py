"""The pages citizens read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from chuan.core.files import queries as files
from chuan.core.orgs.queries import known_as
from chuan.core.ui.components import Part
from chuan.core.ui.context import PublicShell
from chuan.flows.portal.parsing.fields import Resource, resources
from chuan.flows.portal.queries import public
from chuan.flows.portal.queries.public import Content, Published
from chuan.flows.portal.web.caching import language_of, shown_to_everybody
from chuan.lib.vietnamese import clean, fold
from chuan.modules.plans import facade as plans

ON_A_PAGE = 25
LONGEST_QUERY = 200


def page(request: HttpRequest, template: str, section: str, **context: Any) -> HttpResponse:
    """A public page: `section` lights up its entry in the menu."""
    path = request.get_full_path()
    english = language_of(request) == "en"
    context |= {
        "shell": PublicShell(request),
        "section": section,
        "other_language": path.removeprefix("/en") if english else f"/en{path}",
        "searched": context.get("searched", ""),
    }
    return render(request, f"portal/{template}.html", context)


@shown_to_everybody
def home(request: HttpRequest) -> HttpResponseBase:
    found = public.plans()
    periods = public.results_by_task()
    answered = public.answers()
    return page(
        request,
        "home",
        "home",
        plans=[_plan_card(one, _newest(periods, one.content["plan"]["id"])) for one in found],
        documents=[row for one in periods for row in one.content["documents"]][:5],
        answers=[one.content["answer"] for one in answered[:3]],
        answer_count=len(answered),
    )


@shown_to_everybody
def show_plan(request: HttpRequest, plan_id: int) -> HttpResponseBase:
    plan = _plan_or_404(plan_id)
    periods = public.results_by_task(plan_id)
    newest = periods[0].content if periods else None
    by_task = {row["task_id"]: row for row in newest["task_results"]} if newest else {}
    sections: dict[str, dict[str, Any]] = {}
    for task in plan.content["tasks"]:
        section = sections.setdefault(
            task["section_code"],
            {"code": task["section_code"], "title": task["section"], "rows": []},
        )
        row = by_task.get(task["id"])
        section["rows"].append({"task": task, "counts": row, "parts": _parts(row) if row else []})
    return page(
        request,
        "plan",
        "plans",
        plan=plan.content["plan"],
        published_at=plan.published_at,
        sections=list(sections.values()),
        task_count=len(plan.content["tasks"]),
        newest=newest["results"] if newest else None,
        total=_total(newest["task_results"]) if newest else None,
        periods=[one.content["results"] for one in periods],
        documents=[row for one in periods for row in one.content["documents"]],
    )


@shown_to_everybody
def show_task(request: HttpRequest, plan_id: int, code: str) -> HttpResponseBase:
    plan = _plan_or_404(plan_id)
    task = next((row for row in plan.content["tasks"] if row["code"] == code), None)
    if task is None:
        raise Http404
    periods = public.results_by_task(plan_id)
    rows = [
        {"period": one.content["results"], "counts": row, "parts": _parts(row)}
        for one in periods
        for row in one.content["task_results"]
        if row["task_id"] == task["id"]
    ]
    return page(
        request,
        "task",
        "plans",
        plan=plan.content["plan"],
        published_at=plan.published_at,
        task=task,
        rows=rows,
        answers=[
            one.content["answer"]
            for one in public.answers(plan_id)
            if one.content["answer"]["task_code"] == code
        ],
    )


@shown_to_everybody
def show_results(request: HttpRequest, period_id: int) -> HttpResponseBase:
    found = public.results(period_id)
    if found is None:
        raise Http404
    plan = _plan_or_404(found.content["results"]["plan_id"])
    searched = _asked(request)
    words, known = fold(searched).split(), known_as(searched)
    bodies = [
        {"row": row, "parts": _parts(row)}
        for row in found.content["body_results"]
        if row["body_id"] in known or all(word in fold(row["body"]) for word in words)
    ]
    return page(
        request,
        "results",
        "plans",
        plan=plan.content["plan"],
        period=found.content["results"],
        published_at=found.published_at,
        total=_total(found.content["task_results"]),
        tasks=[{"row": row, "parts": _parts(row)} for row in found.content["task_results"]],
        bodies=Paginator(bodies, ON_A_PAGE).get_page(request.GET.get("trang")),
        body_search=searched,
        figures=found.content["figures"],
        documents=found.content["documents"],
    )


@shown_to_everybody
def list_answers(request: HttpRequest) -> HttpResponseBase:
    searched = _asked(request)
    words = fold(searched).split()
    rows = [one.content["answer"] for one in public.answers()]
    rows = [
        row
        for row in rows
        if all(word in fold(f"{row['question']} {row['answer']}") for word in words)
    ]
    return page(
        request,
        "answers",
        "answers",
        answers=Paginator(rows, ON_A_PAGE).get_page(request.GET.get("trang")),
        searched_here=searched,
    )


@shown_to_everybody
def show_answer(request: HttpRequest, answer_id: int) -> HttpResponseBase:
    found = public.answer(answer_id)
    if found is None:
        raise Http404
    row = found.content["answer"]
    plan = _plan_or_404(row["plan_id"])
    task = next((one for one in plan.content["tasks"] if one["code"] == row["task_code"]), None)
    return page(
        request,
        "answer",
        "answers",
        answer=row,
        task=task,
        plan=plan.content["plan"],
        published_at=found.published_at,
    )


@shown_to_everybody
def search(request: HttpRequest) -> HttpResponseBase:
    asked = _asked(request)
    hits = public.search(asked) if asked else []
    found = [
        {"hit": hit, "url": _address_of(hit), "kind": _kinds()[hit.kind]}
        for hit in hits[:ON_A_PAGE]
    ]
    return page(
        request, "search", "search", searched=asked, hits=found, count=len(hits), shown=len(found)
    )


@shown_to_everybody
def open_data(request: HttpRequest) -> HttpResponseBase:
    return page(
        request,
        "data",
        "data",
        resources=[_described(resource) for resource in resources().values()],
    )


@shown_to_everybody
def download(request: HttpRequest, upload_id: int) -> HttpResponseBase:
    """A file of something public, as it was issued."""
    found = public.published_file(upload_id)
    if found is None:
        raise Http404
    upload = found.upload
    try:
        content = files.open_file(upload)
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(content, filename=upload.name, content_type=files.media_type_of(upload))
    response["Content-Length"] = str(upload.file.size)
    response["X-Content-Type-Options"] = "nosniff"
    return response


@shown_to_everybody
def robots(request: HttpRequest) -> HttpResponseBase:
    """Only what is public may be indexed; searching is for people."""
    lines = [
        "User-agent: *",
        f"Disallow: {reverse('portal:search')}",
        f"Disallow: {reverse('portal-en:search')}",
        f"Allow: {reverse('portal:home')}",
        f"Allow: {reverse('portal-en:home')}",
        "Disallow: /",
        f"Sitemap: {settings.CHUAN_URL}{reverse('portal:sitemap')}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@shown_to_everybody
def sitemap(request: HttpRequest) -> HttpResponseBase:
    names: list[tuple[str, list[Any]]] = [("home", []), ("answers", []), ("data", [])]
    for one in public.plans():
        plan_id = one.content["plan"]["id"]
        names.append(("plan", [plan_id]))
        names += [("task", [plan_id, task["code"]]) for task in one.content["tasks"]]
    names += [("results", [row["id"]]) for row in public.rows_of("results")]
    names += [("answer", [row["id"]]) for row in public.rows_of("answer")]
    addresses = [
        settings.CHUAN_URL + reverse(f"{space}:{name}", args=args)
        for name, args in names
        for space in ("portal", "portal-en")
    ]
    return render(
        request, "portal/sitemap.xml", {"addresses": addresses}, content_type="application/xml"
    )


# ---------------------------------------------------------------- what the templates draw


def _plan_or_404(plan_id: int) -> Published:
    found = public.plan(plan_id)
    if found is None:
        raise Http404
    return found


def _newest(periods: list[Published], plan_id: int) -> Content | None:
    mine = (one.content for one in periods if one.content["results"]["plan_id"] == plan_id)
    return next(mine, None)


def _plan_card(plan: Published, newest: Content | None) -> Content:
    return {
        "plan": plan.content["plan"],
        "task_count": len(plan.content["tasks"]),
        "newest": newest["results"] if newest else None,
        "total": _total(newest["task_results"]) if newest else None,
    }


def _total(rows: list[Content]) -> Content:
    counts = public.summed(rows)
    done = counts["on_time"] + counts["late"]
    return {
        "counts": counts,
        "parts": _parts(counts),
        "days": _days(counts),
        "done": done,
        "done_share": 100 * done / counts["total"] if counts["total"] else None,
    }


def _parts(row: Content) -> list[Part]:
    """The achievement of a row's assignments, as parts of a bar."""
    names = plans.Achievement
    return [
        Part("ok", row["complete"], names.COMPLETE.label),
        Part("accent", row["substantial"], names.SUBSTANTIAL.label),
        Part("warn", row["limited"], names.LIMITED.label),
        Part("mute", row["not_started"], names.NOT_STARTED.label),
        Part("info", row["no_evidence"], names.NO_EVIDENCE.label),
    ]


def _days(row: Content) -> list[Part]:
    names = plans.Timeliness
    return [
        Part("ok", row["on_time"], names.ON_TIME.label),
        Part("warn", row["late"], names.LATE.label),
        Part("info", row["in_time"], names.IN_TIME.label),
        Part("bad", row["overdue"], names.OVERDUE.label),
    ]


def _kinds() -> dict[str, str]:
    return {
        "task": _("Nhiệm vụ"),
        "answer": _("Hỏi đáp"),
        "figure": _("Chỉ tiêu"),
        "body": _("Kết quả theo cơ quan"),
        "document": pgettext("search", "Văn bản"),
    }


def _address_of(hit: public.Hit) -> str:
    space = "portal-en" if get_language() == "en" else "portal"
    if hit.kind == "task":
        return reverse(f"{space}:task", args=[hit.plan_id, hit.key])
    if hit.kind == "answer":
        return reverse(f"{space}:answer", args=[hit.key])
    if hit.kind == "document":
        return reverse(f"{space}:file", args=[hit.key])
    return reverse(f"{space}:results", args=[hit.key])


def _described(resource: Resource) -> Content:
    english = get_language() == "en"
    return {
        "name": resource.name,
        "title": resource.en if english else resource.vi,
        "about": resource.about_en if english else resource.about_vi,
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "text": field.en if english else field.vi,
            }
            for field in resource.fields
        ],
    }


def _asked(request: HttpRequest) -> str:
    return clean(request.GET.get("q", ""))[:LONGEST_QUERY]
