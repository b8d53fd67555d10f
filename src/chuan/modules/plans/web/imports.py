"""The wizard: file, head, tasks, bodies and deadlines, approval. Nothing exists before the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.orgs.models import Group
from chuan.core.orgs.queries import versions_on
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Mark, Source
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.ui import status
from chuan.core.ui.views import Difference as Disagreement
from chuan.core.ui.views import confirm
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
    DraftReporting,
    DraftTask,
    Titled,
    draft_from,
    with_matches,
    with_new_task,
    with_task,
    with_task_split,
    without_task,
)
from chuan.modules.plans.engine.problems import Problem, Step, blocking
from chuan.modules.plans.engine.reading import reading_of, stretches_of
from chuan.modules.plans.enums import DueKind, ImportState
from chuan.modules.plans.models import PlanImport
from chuan.modules.plans.operations import imports as operations
from chuan.modules.plans.parsing import UnreadableFile, read_bytes
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.queries.plans import imports_visible_to
from chuan.modules.plans.web.finding import (
    import_or_404,
    name_of,
    own_choices,
    saved,
    show_conflict,
    wants_json,
)
from chuan.modules.plans.web.forms import (
    DocumentForm,
    DraftTaskForm,
    FileForm,
    PointsForm,
    Versioned,
    initial_of,
    lines_of,
)
from chuan.modules.plans.web.import_forms import BodiesForm, KnownNames
from chuan.modules.plans.web.substitutions import in_words

LETTERS = {"text": "a", "lead": "b", "coordinating": "c", "time_text": "d"}


# ---------------------------------------------------------------- the list


class ImportTable(Table):
    name = "ban-nhap"
    caption = gettext_lazy("Bản nhập quyết định")
    noun = gettext_lazy("bản nhập")
    can_export = False
    default_order = "-updated_at"
    columns = (
        Column(
            "title",
            gettext_lazy("Quyết định"),
            is_header=True,
            css="wide",
            cell=lambda row: link(
                reverse("plans:import", args=[row.pk]),
                row.draft["document"]["title"] or row.upload.name,
                row.upload.name,
            ),
        ),
        Column(
            "created_by", gettext_lazy("Người nhập"), value=lambda row: row.created_by.full_name
        ),
        Column("updated_at", gettext_lazy("Sửa gần nhất"), order="updated_at"),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda row: status(f"import_{row.state}"),
            order="state",
        ),
    )
    empty_title = gettext_lazy("Chưa nhập quyết định nào")
    empty_text = gettext_lazy("Tải tệp quyết định lên để lập kế hoạch và phân công.")


@require_safe
def list_imports(request: SignedInRequest) -> HttpResponse:
    may_import = bool(_departments(request))
    action = (_("Nhập quyết định"), reverse("plans:new_import")) if may_import else None
    table = ImportTable(request, imports_visible_to(request.user), empty_action=action)
    return render(request, "plans/imports.html", {"table": table, "may_import": may_import})


def _departments(request: SignedInRequest) -> list[tuple[str, str]]:
    return own_choices(request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR))


# ---------------------------------------------------------------- step 1: file


@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: SignedInRequest) -> HttpResponse:
    departments = _departments(request)
    if not departments:
        rules.start_import.require(request.user, 0)
    form = FileForm(request.POST or None, request.FILES or None, departments=departments)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["content"]
        try:
            made = operations.take_in_decision(
                actor=request.user,
                managed_by_id=int(form.cleaned_data["managed_by"]),
                name=content.name,
                content=content.read(),
                at=timezone.now(),
            )
        except operations.AlreadyImported as already:
            return redirect("plans:compare_import", import_id=already.found.pk)
        except UnreadableFile as unreadable:
            form.add_error("content", unreadable.message)
        except FileRefused as refused:
            form.add_error("content", str(refused))
        else:
            return redirect("plans:import", import_id=made.pk)
    return render(
        request, "plans/import_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def show_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Where an import stands: what was read, what is doubtful, where to go on."""
    plan_import = import_or_404(request, import_id)
    context = _context(request, plan_import, Step.FILE)
    draft: Draft = context["draft"]
    context |= {
        "warnings": plan_import.reading["plan"]["warnings"],
        "kinds": _kinds(draft),
        "ahead": [in_words(one) for one in queries.questions_ahead(draft)]
        if plan_import.plan_id is None
        else [],
        "from_stamps": _from_stamps(draft),
        "reopen_refusal": rules.reopen_import.refusal(request.user, plan_import),
        "abandon_refusal": rules.abandon_import.refusal(request.user, plan_import),
        "managed_by": name_of(plan_import.managed_by_id, timezone.localdate()),
    }
    return render(request, "plans/import_show.html", context)


def _from_stamps(draft: Draft) -> str:
    """What of number and day was only read from the stamps of the signed paper, and not yet
    confirmed by a person."""
    head = draft.document
    read = []
    if head.stamped_number and not head.number:
        read.append(_("số %s") % head.stamped_number)
    if head.stamped_on and not head.issued_on:
        read.append(_("ngày %s") % format_date(head.stamped_on))
    return ", ".join(read)


def _kinds(draft: Draft) -> list[tuple[str, int]]:
    """How many tasks of each kind of deadline, those there are."""
    names: dict[DueKind | None, str] = {kind: str(kind.label) for kind in DueKind}
    names[None] = _("Chưa rõ")
    counted = Counter(task.due_kind for task in draft.tasks)
    return [(name, counted[kind]) for kind, name in names.items() if counted[kind]]


# ---------------------------------------------------------------- step 2: head


@require_http_methods(["GET", "HEAD", "POST"])
def edit_document(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    form = DocumentForm(
        request.POST or None, initial={"version": plan_import.version, **_head_initial(draft)}
    )
    later = _may_be_unfinished(request, form)
    if request.method == "POST" and form.is_valid():
        return _save(
            request,
            plan_import,
            form,
            lambda kept: _with_head(kept, form),
            "plans:import" if later else "plans:import_tasks",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = _context(request, plan_import, Step.DOCUMENT)
    context |= {
        "form": form,
        "source": _head_source(plan_import),
        "doubts": plan_import.reading.get("document_doubts", []),
        "is_stamped": bool(draft.document.stamped_number or draft.document.stamped_on),
    }
    return render(request, "plans/import_document.html", context, status=_status(form))


def _head_initial(draft: Draft) -> dict[str, Any]:
    head, reporting = draft.document, draft.reporting
    number = head.number or head.stamped_number
    due = f"{reporting.day}/{reporting.month}" if reporting.day and reporting.month else ""
    return {
        "number": number,
        "notation": head.notation,
        "issued_on": head.issued_on or head.stamped_on,
        "issuer": head.issuer,
        "signer": head.signer,
        "title": head.title,
        "short_title": head.short_title or _short_title(number, head.notation),
        "last_day": draft.last_day,
        "report_due": due,
        "is_inclusive": reporting.is_inclusive,
        "based_on": "\n".join(head.based_on),
    }


def _short_title(number: str, notation: str) -> str:
    return _("Kế hoạch theo Quyết định %s") % f"{number}/{notation}" if number and notation else ""


def _with_head(draft: Draft, form: DocumentForm) -> Draft:
    data = form.cleaned_data
    day, month = form.report_day_and_month
    return replace(
        draft,
        document=replace(
            draft.document,
            number=data["number"],
            notation=data["notation"],
            issued_on=data["issued_on"],
            issuer=data["issuer"],
            signer=data["signer"],
            title=" ".join(data["title"].split()),
            short_title=data["short_title"],
            based_on=tuple(line for line in data["based_on"].splitlines() if line),
        ),
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


# ---------------------------------------------------------------- step 3: tasks


@require_safe
def show_tasks(request: SignedInRequest, import_id: int) -> HttpResponse:
    """The task to look at first."""
    plan_import = import_or_404(request, import_id)
    draft = queries.draft_of(plan_import)
    first = next(iter(draft.in_order_of_doubt), None)
    if first is not None:
        return redirect("plans:import_task", import_id=import_id, key=first.key)
    rules.edit_import.require(request.user, plan_import)
    return render(request, "plans/import_tasks.html", _context(request, plan_import, Step.TASKS))


@require_http_methods(["GET", "HEAD", "POST"])
def edit_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    task = draft.task(key)
    if task is None:
        raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
    form = DraftTaskForm(
        request.POST or None,
        draft=draft,
        initial={"version": plan_import.version, **initial_of(task)},
    )
    if request.method == "POST" and form.is_valid():
        return _save_task(request, plan_import, form, task)
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = _context(request, plan_import, Step.TASKS)
    context |= {
        "form": form,
        "task": task,
        "labels": _labels(task),
        "source": _task_source(task),
        "where": _where(task),
        "next_task": _next_to_review(draft, key),
        "waiting": [one for one in draft.in_order_of_doubt if one.needs_review],
        "rest": [one for one in draft.in_order_of_doubt if not one.needs_review],
        "removed": _removed(plan_import, draft),
        "about": [one for one in context["problems"] if one.task_key == key and one.is_blocking],
    }
    return render(request, "plans/import_task.html", context, status=_status(form))


def _save_task(
    request: SignedInRequest, plan_import: PlanImport, form: DraftTaskForm, task: DraftTask
) -> HttpResponse:
    """Keep the task; then stay, go to the next doubtful one, or split it."""
    go, split = "go" in request.POST, "split" in request.POST
    made: list[str] = []

    def change(draft: Draft) -> Draft:
        kept = draft.task(task.key)
        if kept is None:
            raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
        changed = replace(kept, **form.changed_task(kept), is_reviewed=kept.is_reviewed or go)
        draft = with_task(draft, changed)
        if split:
            draft, copy = with_task_split(draft, task.key)
            made.append(copy.key)
        return draft

    if go:
        following = _next_to_review(queries.draft_of(plan_import), task.key)
        if following is None:
            return _save(request, plan_import, form, change, "plans:import_bodies")
        return _save(request, plan_import, form, change, "plans:import_task", following.key)
    answer = _save(request, plan_import, form, change, "plans:import_task", task.key)
    if made:
        messages.success(
            request, _("Đã tách. Sửa nội dung ở từng nhiệm vụ, giữ lại phần thuộc về nó.")
        )
        return redirect("plans:import_task", import_id=plan_import.pk, key=made[0])
    return answer


@require_POST
def add_task(request: SignedInRequest, import_id: int) -> HttpResponse:
    """An empty task after the one on the page."""
    plan_import = import_or_404(request, import_id)
    made: list[str] = []

    def change(draft: Draft) -> Draft:
        draft, task = with_new_task(draft, after=request.POST.get("after", ""))
        made.append(task.key)
        return draft

    _change_draft(request, plan_import, change)
    return redirect("plans:import_task", import_id=import_id, key=made[0])


@require_http_methods(["GET", "HEAD", "POST"])
def remove_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    task = queries.draft_of(plan_import).task(key)
    if task is None:
        raise Http404(_("Không có nhiệm vụ này trong bản nhập."))
    if request.method == "POST":
        _change_draft(request, plan_import, lambda draft: without_task(draft, key))
        messages.success(request, _("Đã bỏ nhiệm vụ %s khỏi bản nhập.") % task.code)
        return redirect("plans:import_tasks", import_id=import_id)
    return confirm(
        request,
        title=_("Bỏ nhiệm vụ %s khỏi bản nhập?") % task.code,
        action=_("Bỏ nhiệm vụ"),
        back_url=reverse("plans:import_task", args=[import_id, key]),
        lines=[
            task.short_text,
            _("Nhiệm vụ đọc được từ tệp có thể khôi phục trước khi phê duyệt."),
        ],
        is_destructive=True,
    )


@require_POST
def restore_task(request: SignedInRequest, import_id: int, key: str) -> HttpResponse:
    """Put back a task as the parser read it."""
    plan_import = import_or_404(request, import_id)
    read = queries.fresh_draft_of(plan_import)
    task = read.task(key)
    if task is None:
        raise Http404(_("Tệp không có nhiệm vụ này."))

    def change(draft: Draft) -> Draft:
        if draft.task(key):
            return draft
        order = [one.key for one in read.tasks]
        before = set(order[: order.index(key)])
        position = sum(one.key in before for one in draft.tasks)
        return replace(draft, tasks=(*draft.tasks[:position], task, *draft.tasks[position:]))

    _change_draft(request, plan_import, change)
    return redirect("plans:import_task", import_id=import_id, key=key)


@require_http_methods(["GET", "HEAD", "POST"])
def edit_points(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Sections and points of the decision's body, as lines."""
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    form = PointsForm(
        request.POST or None,
        initial={
            "version": plan_import.version,
            "sections": lines_of(draft.sections),
            "body_points": lines_of(draft.body_points),
        },
    )
    if request.method == "POST" and form.is_valid():
        sections: tuple[Titled, ...] = form.cleaned_data["sections"]
        points: tuple[Titled, ...] = form.cleaned_data["body_points"]
        return _save(
            request,
            plan_import,
            form,
            lambda kept: replace(kept, sections=sections, body_points=points),
            "plans:import_tasks",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = _context(request, plan_import, Step.TASKS) | {"form": form}
    return render(request, "plans/import_points.html", context, status=_status(form))


def _labels(task: DraftTask) -> dict[str, SafeString]:
    """Labels with the letter of the field in the source, and what the parser was not sure of."""
    doubted = {doubt.field for doubt in task.doubts}
    names = {
        "text": _("Nội dung"),
        "lead": _("Cơ quan chủ trì"),
        "coordinating": _("Cơ quan phối hợp"),
        "time_text": _("Thời gian ghi trong quyết định"),
    }
    sure = {"text", "lead", "coordinating", "time_text"} - doubted
    if doubted & {"due", "time"}:
        sure.discard("time_text")
    return {
        name: format_html(
            '{} <span class="ref-mark{} num">{}</span>',
            label,
            " sure" if name in sure else "",
            LETTERS[name],
        )
        for name, label in names.items()
    }


def _task_source(task: DraftTask) -> Source | None:
    if not task.excerpt:
        return None
    doubted = {doubt.field for doubt in task.doubts}
    return Source(
        task.excerpt,
        [
            Mark(one.start, one.end, LETTERS[one.field], is_sure=one.field not in doubted)
            for one in stretches_of(task.excerpt, task)
        ],
    )


def _where(task: DraftTask) -> str:
    if task.source_line is None:
        return ""
    if task.source_page is None:
        return _("Dòng %s") % task.source_line
    return _("Trang %(page)s, dòng %(line)s") % {
        "page": task.source_page,
        "line": task.source_line,
    }


def _next_to_review(draft: Draft, key: str) -> DraftTask | None:
    return next(
        (one for one in draft.in_order_of_doubt if one.needs_review and one.key != key), None
    )


def _removed(plan_import: PlanImport, draft: Draft) -> list[DraftTask]:
    kept = {task.key for task in draft.tasks}
    return [task for task in queries.fresh_draft_of(plan_import).tasks if task.key not in kept]


# ---------------------------------------------------------------- step 4: bodies and deadlines


@require_http_methods(["GET", "HEAD", "POST"])
def edit_bodies(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.edit_import.require(request.user, plan_import)
    draft = queries.draft_of(plan_import)
    expansion = queries.expansion_of_draft(draft)
    known = _known_names(queries.day_of(draft))
    form = BodiesForm(
        request.POST or None,
        draft=draft,
        candidates=queries.candidates_for(draft),
        questions=expansion.questions if expansion else (),
        known=known,
        known_on=_known_names,
        names=_party_names(draft),
        initial={"version": plan_import.version},
    )
    if request.method == "POST" and form.is_valid():
        return _save(
            request,
            plan_import,
            form,
            lambda kept: replace(with_matches(kept, form.decided), stand_ins=form.stand_ins),
            "plans:import_bodies" if "save" in request.POST else "plans:import_approval",
        )
    if request.method == "POST" and wants_json(request):
        return JsonResponse({}, status=422)
    context = _context(request, plan_import, Step.BODIES, expansion=expansion)
    context |= {
        "form": form,
        "known": form.every_body,
        "preview": queries.preview_of(expansion) if expansion else None,
        "deadlines": [task for task in draft.tasks if task.needs_date or task.due_kind is None],
        "day": queries.day_of(draft),
        **_name_lists(form),
    }
    return render(request, "plans/import_bodies.html", context, status=_status(form))


def _name_lists(form: BodiesForm) -> dict[str, Any]:
    """Names nobody is sure of in sight, the others folded away unless something in them is wrong."""
    rows = form.name_rows
    certain = [row for row in rows if row.is_certain]
    return {
        "doubtful_names": [row for row in rows if not row.is_certain],
        "certain_names": certain,
        "certain_title": _("%s tên gọi đã rõ cơ quan") % len(certain),
        "certain_open": any(row.choice.errors or row.other.errors for row in certain),
    }


def _known_names(on: date) -> KnownNames:
    return KnownNames(
        groups=dict(Group.objects.filter(is_open=False).order_by("name").values_list("pk", "name")),
        bodies={version.organisation_id: version.name for version in versions_on(on)},
    )


def _party_names(draft: Draft) -> dict[tuple[int | None, int | None], str]:
    """How the decision calls each matched party."""
    found: dict[tuple[int | None, int | None], str] = {}
    for key, name in draft.names.items():
        match = draft.matches.get(key)
        if match is not None:
            found.setdefault((match.group_id, match.organisation_id), name)
    return found


# ---------------------------------------------------------------- step 5: approval


@require_http_methods(["GET", "HEAD", "POST"])
def approve_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """What stands in the way, or what will be made; and the button."""
    plan_import = import_or_404(request, import_id)
    rules.approve_import.require(request.user, plan_import)
    form = Versioned(request.POST or None, initial={"version": plan_import.version})
    if request.method == "POST" and form.is_valid():
        try:
            plan = operations.approve_import(
                actor=request.user,
                plan_import=plan_import,
                version=form.cleaned_data["version"],
                at=timezone.now(),
                as_separate=request.POST.get("as_separate") == "1",
            )
        except rules.Conflict:
            return _conflict(request, plan_import)
        except (operations.NotReady, operations.AlreadyImported) as refused:
            messages.error(request, str(refused))
            return redirect("plans:import_approval", import_id=import_id)
        messages.success(request, _("Đã phê duyệt. Kế hoạch và các phân công đã được lập."))
        return redirect("plans:show", plan_id=plan.pk)
    draft = queries.draft_of(plan_import)
    expansion = queries.expansion_of_draft(draft)
    context = _context(request, plan_import, Step.APPROVAL, expansion=expansion)
    context |= {
        "form": form,
        "preview": queries.preview_of(expansion) if expansion else None,
        "blocking": _by_step(blocking(context["problems"]), import_id),
        "doubtful": [one for one in context["problems"] if not one.is_blocking],
        "same_decision": queries.plans_of_decision(draft, plan_import.managed_by_id),
        "managed_by": name_of(plan_import.managed_by_id, timezone.localdate()),
    }
    return render(request, "plans/import_approve.html", context)


@dataclass(frozen=True, slots=True)
class Place:
    """A problem with the page that mends it."""

    message: str
    url: str


def _by_step(problems: list[Problem], import_id: int) -> list[tuple[str, list[Place]]]:
    names = {
        Step.DOCUMENT: _("Thông tin chung"),
        Step.TASKS: _("Nhiệm vụ"),
        Step.BODIES: _("Cơ quan và hạn"),
    }
    return [
        (
            names[step],
            [Place(one.message, _url_of(one, import_id)) for one in problems if one.step == step],
        )
        for step in names
        if any(one.step == step for one in problems)
    ]


def _url_of(problem: Problem, import_id: int) -> str:
    if problem.step == Step.DOCUMENT:
        field = "report_due" if problem.field == "reporting" else problem.field
        return f"{reverse('plans:import_document', args=[import_id])}#id_{field}"
    if problem.task_key:
        field = {"due": "due_kind"}.get(problem.field, problem.field)
        return f"{reverse('plans:import_task', args=[import_id, problem.task_key])}#id_{field}"
    if problem.step == Step.TASKS:
        return reverse("plans:import_tasks", args=[import_id])
    anchor = problem.field.replace("match-", "m-", 1).replace(" ", "-")
    return f"{reverse('plans:import_bodies', args=[import_id])}#{anchor}"


# ---------------------------------------------------------------- putting aside, comparing


@require_http_methods(["GET", "HEAD", "POST"])
def abandon_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    rules.abandon_import.require(request.user, plan_import)
    form = Versioned(request.POST or None, initial={"version": plan_import.version})
    if request.method == "POST" and form.is_valid():
        try:
            operations.abandon_import(
                actor=request.user,
                plan_import=plan_import,
                version=form.cleaned_data["version"],
                at=timezone.now(),
            )
        except rules.Conflict:
            return _conflict(request, plan_import)
        messages.success(request, _("Đã bỏ bản nhập. Có thể mở lại từ danh sách."))
        return redirect("plans:imports")
    return confirm(
        request,
        title=_("Bỏ bản nhập này?"),
        action=_("Bỏ bản nhập"),
        back_url=reverse("plans:import", args=[import_id]),
        lines=[
            str(plan_import),
            _("Chưa có kế hoạch nào được lập từ bản này. Có thể mở lại khi cần."),
        ],
        form=form,
        is_destructive=True,
    )


@require_POST
def reopen_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    plan_import = import_or_404(request, import_id)
    operations.reopen_import(
        actor=request.user,
        plan_import=plan_import,
        version=plan_import.version,
        at=timezone.now(),
    )
    messages.success(request, _("Đã mở lại bản nhập."))
    return redirect("plans:import", import_id=import_id)


@require_http_methods(["GET", "HEAD", "POST"])
def compare_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """The same file again: what is there already, against what it reads like now."""
    plan_import = import_or_404(request, import_id)
    rules.start_import.require(request.user, plan_import.managed_by_id)
    if request.method == "POST":
        made = operations.import_again(
            actor=request.user, plan_import=plan_import, at=timezone.now()
        )
        messages.success(request, _("Đã mở một bản nhập riêng từ tệp này."))
        return redirect("plans:import", import_id=made.pk)
    upload = plan_import.upload
    read = draft_from(reading_of(read_bytes(upload.name, queries.bytes_of(upload))))
    if plan_import.plan is not None:
        differences = queries.compare_with_plan(plan_import.plan, read)
    else:
        differences = queries.compare_drafts(queries.draft_of(plan_import), read)
    context = {
        "plan_import": plan_import,
        "plan": plan_import.plan,
        "differences": differences,
        "read": read,
        "fields": {
            "text": _("Nội dung"),
            "lead": _("Chủ trì"),
            "coordinating": _("Phối hợp"),
            "time_text": _("Thời gian"),
        },
    }
    return render(request, "plans/import_compare.html", context)


# ---------------------------------------------------------------- what steps share


def _context(
    request: SignedInRequest, plan_import: PlanImport, step: Step, expansion: Any = None
) -> dict[str, Any]:
    draft = queries.draft_of(plan_import)
    problems = queries.problems_in(draft, expansion)
    return {
        "plan_import": plan_import,
        "draft": draft,
        "step": int(step),
        "problems": problems,
        "review_count": sum(task.needs_review for task in draft.tasks),
        "is_open": plan_import.state == ImportState.OPEN,
        "may_edit": rules.edit_import.allows(request.user, plan_import),
        "issued_on": format_date(draft.document.issued_on) if draft.document.issued_on else "",
    }


def _may_be_unfinished(request: SignedInRequest, form: Versioned) -> bool:
    """Saving for later, or by itself, asks for nothing: what is missing is asked at approval."""
    later = "save" in request.POST or wants_json(request)
    if later:
        for name, field in form.fields.items():
            field.required = field.required and name == "version"
    return later


def _change_draft(
    request: SignedInRequest, plan_import: PlanImport, change: Callable[[Draft], Draft]
) -> PlanImport:
    """A small change at a button: whatever was saved before it stays."""
    return operations.save_import_step(
        actor=request.user,
        plan_import=plan_import,
        version=None,
        change=change,
        at=timezone.now(),
    )


def _save(
    request: SignedInRequest,
    plan_import: PlanImport,
    form: Versioned,
    change: Callable[[Draft], Draft],
    to: str,
    *keys: str,
) -> HttpResponse:
    """Keep a step and go on; an autosave stays where it is."""
    now = timezone.now()
    try:
        kept = operations.save_import_step(
            actor=request.user,
            plan_import=plan_import,
            version=form.cleaned_data["version"],
            change=change,
            at=now,
        )
    except rules.Conflict:
        if wants_json(request):
            return JsonResponse({}, status=409)
        return _conflict(request, plan_import, form)
    if wants_json(request):
        return saved(now, kept.version)
    if "save" in request.POST:
        messages.success(request, _("Đã lưu."))
    return redirect(to, plan_import.pk, *keys)


def _conflict(
    request: SignedInRequest, plan_import: PlanImport, form: Versioned | None = None
) -> HttpResponse:
    """What this person wrote beside what is stored now, field by field."""
    plan_import = import_or_404(request, plan_import.pk)
    return show_conflict(
        request,
        back_url=request.path,
        by=plan_import.updated_by.full_name,
        at=plan_import.updated_at,
        differences=_disagreements(request, plan_import, form) if form else [],
    )


def _disagreements(
    request: SignedInRequest, plan_import: PlanImport, form: Versioned
) -> list[Disagreement]:
    draft = queries.draft_of(plan_import)
    if isinstance(form, DocumentForm):
        stored: dict[str, Any] = _head_initial(draft)
    elif isinstance(form, DraftTaskForm):
        match = request.resolver_match
        task = draft.task(str(match.kwargs["key"])) if match else None
        stored = initial_of(task) if task else {}
    else:
        return []
    found = []
    for name, value in stored.items():
        if name not in form.fields:
            continue
        written = form[name].value()
        shown = form.fields[name].prepare_value(value)
        if _as_text(shown) != _as_text(written):
            found.append(
                Disagreement(form.fields[name].label or name, _as_text(shown), _as_text(written))
            )
    return found


def _as_text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return "" if value is None or value is False else str(value).replace("\r\n", "\n").strip()


def _status(form: Versioned) -> int:
    return 422 if form.errors else 200
