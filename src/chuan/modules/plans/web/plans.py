"""Pages to look at a plan: the list, one plan and its tasks, the matrix, the decision."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import (
    Choice,
    Matrix,
    MatrixCell,
    MatrixColumn,
    MatrixGroup,
    MatrixRow,
    Part,
)
from chuan.core.ui.past import look
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import bar, status
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.enums import DueKind, PartyRole, Timeliness
from chuan.modules.plans.models import (
    Assignment,
    Plan,
    Section,
    Substitution,
    Task,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries.assignments import TimelinessCounts
from chuan.modules.plans.queries.fates import count_undecided
from chuan.modules.plans.queries.matrix import MatrixData, matrix_of
from chuan.modules.plans.queries.past import known_since
from chuan.modules.plans.queries.plans import imports_visible_to, plans_visible_to
from chuan.modules.plans.queries.versions import tasks_during
from chuan.modules.plans.web.finding import (
    chosen_year,
    may_see_all,
    name_of,
    plan_or_404,
    short_names,
    year_choices,
)
from chuan.modules.plans.web.forms.filters import TaskFilters

SOON = timedelta(days=7)


def standing_key(row: Assignment, on: date) -> str:
    """The status word of an assignment by the calendar; “soon” is the last week of being in time.
    One that was closed with its body has no deadline any more."""
    if row.relieved_on is not None:
        return "assignment_relieved"
    if row.is_paused and row.done_on is None:
        return "paused"
    standing = row.timeliness(on)
    if standing == Timeliness.IN_TIME and row.due_on and row.due_on - on <= SOON:
        return "due_soon"
    return standing.value if standing else "assignment_closed"


def standing_label(row: Assignment, on: date) -> str:
    """The same in words, for files."""
    standing = row.timeliness(on)
    if row.relieved_on is not None:
        return _("Cơ quan khác đã làm")
    return str(standing.label) if standing else _("Đã đóng")


class PlanTable(Table):
    name = "ke-hoach"
    caption = gettext_lazy("Kế hoạch")
    noun = gettext_lazy("kế hoạch")
    columns = (
        Column(
            "short_title",
            gettext_lazy("Kế hoạch"),
            order="short_title",
            is_header=True,
            css="wide",
            cell=lambda plan: link(
                reverse("plans:show", args=[plan.pk]), plan.short_title, plan.title
            ),
        ),
        Column(
            "document",
            gettext_lazy("Văn bản"),
            value=lambda plan: plan.document.symbol,
            css="nowrap",
        ),
        Column(
            "issued_on",
            gettext_lazy("Ngày ban hành"),
            value=lambda p: p.document.issued_on,
            order="document__issued_on",
        ),
        Column("task_count", gettext_lazy("Nhiệm vụ"), order="task_count", is_numeric=True),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda plan: status(f"plan_{plan.state_on(timezone.localdate())}"),
            export=lambda plan: plan.state_on(timezone.localdate()).label,
        ),
    )
    default_order = "-issued_on"
    empty_title = gettext_lazy("Chưa có kế hoạch nào")
    empty_text = gettext_lazy(
        "Kế hoạch được lập từ quyết định do chuyên viên của cơ quan theo dõi nhập vào."
    )


@require_safe
def list_plans(request: SignedInRequest) -> HttpResponse:
    rules.see_plans.require(request.user)
    may_import = bool(request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR))
    rows = plans_visible_to(request.user).annotate(
        task_count=Count("tasks", filter=Q(tasks__until__isnull=True))
    )
    action = (_("Nhập quyết định"), reverse("plans:new_import")) if may_import else None
    table = PlanTable(request, rows, empty_action=action)
    context = {
        "table": table,
        "may_import": may_import,
        "open_imports": imports_visible_to(request.user).filter(state="open") if may_import else [],
    }
    return table.download() or render(request, "plans/list.html", context)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task in the plan's list, with how the year's assignments stand that the reader may see."""

    task: Task
    url: str
    lead: str
    coordinating: str
    counts: TimelinessCounts
    own: tuple[Assignment, ...]
    on: date

    @property
    def due(self) -> str:
        if self.task.due_on:
            return format_date(self.task.due_on)
        return str(DueKind(self.task.due_kind).label)


class TaskTable(Table):
    name = "nhiem-vu"
    caption = gettext_lazy("Nhiệm vụ của kế hoạch")
    noun = gettext_lazy("nhiệm vụ")
    per_page = 200
    search = ("searched",)
    default_order = "code"

    def __init__(self, request: SignedInRequest, rows: list[Any], sections: list[Section]) -> None:
        self.sections = sections
        super().__init__(request, rows)

    def make_filter_form(self, data: Any) -> TaskFilters:
        return TaskFilters(data, sections=self.sections)

    def filter(self, rows: list[Any], chosen: dict[str, Any]) -> list[Any]:
        wanted = chosen.get("nhom")
        return [row for row in rows if not wanted or row["section_code"] == wanted]

    def group_of(self, row: dict[str, Any]) -> str:
        return str(row["section"])

    columns = (
        Column("code", gettext_lazy("Mã"), order=lambda row: row["line"].task.position, css="ref"),
        Column(
            "text",
            gettext_lazy("Nhiệm vụ"),
            is_header=True,
            css="wide",
            cell=lambda row: link(
                row["line"].url,
                row["line"].task.short_text,
                _("Chủ trì: %s") % row["line"].lead,
            ),
        ),
        Column("due", gettext_lazy("Hạn"), value=lambda row: row["line"].due, css="nowrap"),
        Column(
            "standing",
            gettext_lazy("Hoàn thành"),
            css="barcol",
            cell=lambda row: _standing_cell(row["line"]),
            export=lambda row: (
                _("%(done)s/%(total)s hoàn thành, %(overdue)s quá hạn")
                % {
                    "done": row["line"].counts.done,
                    "total": row["line"].counts.total,
                    "overdue": row["line"].counts.overdue,
                }
            ),
        ),
    )


def _standing_cell(line: TaskLine) -> Any:
    if line.own:
        return format_html_join(
            " ",
            '<a class="row" href="{}">{} {}</a>',
            (
                (
                    reverse("plans:assignment", args=[row.pk]),
                    status(standing_key(row, line.on)),
                    row.get_role_display(),
                )
                for row in line.own
            ),
        )
    if not line.counts.total:
        return _("Không giao trong năm")
    late = (
        format_html(' <b class="due-late">{}</b>', _("%s quá hạn") % line.counts.overdue)
        if line.counts.overdue
        else ""
    )
    return format_html(
        '<span class="bar-cell">{}<span class="num">{}/{}<span class="vh"> {}</span></span></span>{}',
        bar(parts_of(line.counts)),
        line.counts.done,
        line.counts.total,
        _("hoàn thành"),
        late,
    )


def parts_of(counts: TimelinessCounts) -> list[Part]:
    return [
        Part("accent", counts.on_time, _("Hoàn thành đúng hạn")),
        Part("warn", counts.late, _("Hoàn thành trễ hạn")),
        Part("mute", counts.in_time, _("Chưa xong, còn hạn")),
        Part("bad", counts.overdue, _("Chưa xong, quá hạn")),
    ]


@require_safe
def show_plan(request: SignedInRequest, plan_id: int) -> HttpResponse:
    plan = plan_or_404(request, plan_id)
    year = chosen_year(request, plan)
    today = timezone.localdate()
    sees_all = may_see_all(request, plan)
    own = rules.readable_organisation_ids(request.user)
    rows = Assignment.objects.filter(assignment_queries.in_year(year), task__plan=plan)
    led = rows.filter(role=PartyRole.LEAD)
    if not sees_all:
        led = led.filter(organisation__in=own)
    by_task = assignment_queries.timeliness_counts_by(led, "task_id", on=today)
    counts = sum(by_task.values(), TimelinessCounts())
    mine: dict[int, list[Assignment]] = defaultdict(list)
    for row in rows.filter(organisation__in=own).order_by("-role", "pk") if own else ():
        mine[row.task_id].append(row)
    tasks = list(tasks_during(plan, year))
    lines = [
        {
            "line": _task_line(task, by_task, mine, plan, year, today),
            "code": task.code,
            "section": task.section,
            "section_code": task.section.code,
            "text": task.text,
            "searched": f"{task.code} {task.text} {task.short_text}",
        }
        for task in tasks
    ]
    sections = {task.section.code: task.section for task in tasks}
    table = TaskTable(request, lines, list(sections.values()))
    context = {
        "plan": plan,
        "year": year,
        "years": year_choices(plan, year),
        "table": table,
        "counts": counts,
        "parts": parts_of(counts),
        "today": today,
        "state": f"plan_{plan.state_on(today)}",
        "sees_all": sees_all,
        "undecided": count_undecided(plan, today) if sees_all else 0,
        "has_own": bool(own),
        "managed_by": name_of(plan.managed_by_id, today),
        "last_day": plan.last_day,
        "tabs": plan_tabs(plan, year, "tasks", sees_all=sees_all),
    }
    return table.download() or render(request, "plans/show.html", context)


def _task_line(
    task: Task,
    by_task: dict[int, TimelinessCounts],
    mine: dict[int, list[Assignment]],
    plan: Plan,
    year: int,
    today: date,
) -> TaskLine:
    parties = list(task.parties.all())
    return TaskLine(
        task=task,
        url=f"{reverse('plans:task', args=[plan.pk, task.pk])}?nam={year}",
        lead="; ".join(party.name for party in parties if party.role == PartyRole.LEAD),
        coordinating="; ".join(
            party.name for party in parties if party.role == PartyRole.COORDINATING
        ),
        counts=by_task.get(task.pk, TimelinessCounts()),
        own=tuple(mine.get(task.pk, ())),
        on=today,
    )


# Pages that tell of an earlier day; the others tell of today.
_KNOW_THE_PAST = frozenset({"matrix", "assignments"})


def plan_tabs(
    plan: Plan, year: int, current: str, *, sees_all: bool, tail: str = ""
) -> list[Choice]:
    """`tail` is the day looked back on, as an address says it."""
    pages = [("tasks", _("Nhiệm vụ"), "plans:show")]
    if sees_all:
        pages.append(("matrix", _("Ma trận"), "plans:matrix"))
    pages.append(("assignments", _("Phân công"), "plans:assignments"))
    if sees_all:
        pages.append(("overdue", _("Quá hạn"), "plans:overdue"))
    pages.append(("decision", _("Quyết định"), "plans:decision"))
    pages.append(("versions", _("Phiên bản"), "plans:versions"))
    pages.append(("locks", _("Khóa và mở khóa"), "plans:locks"))
    if sees_all:
        pages.append(("fates", _("Nghĩa vụ còn lại"), "plans:fates"))
    if sees_all and (plan.open_questions or current == "questions"):
        pages.append(("questions", _("Cần quyết định"), "plans:questions"))
    return [
        Choice(
            label=label,
            url=f"{reverse(name, args=[plan.pk])}?nam={year}{tail if page in _KNOW_THE_PAST else ''}",
            count=plan.open_questions if page == "questions" else None,
            is_current=page == current,
        )
        for page, label, name in pages
    ]


@require_safe
def show_matrix(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """All bodies by all tasks of one year, for who may see every body."""
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    year = chosen_year(request, plan)
    looked = look(request, since=known_since(plan.pk))
    only_overdue = request.GET.get("qua-han") == "1"
    data = matrix_of(
        plan,
        year,
        on=looked.on,
        past=looked.past,
        page=request.GET.get("trang"),
        only_overdue=only_overdue,
    )
    context = {
        "plan": plan,
        "year": year,
        "years": year_choices(plan, year, tail=looked.tail),
        "looked": looked,
        "matrix": _matrix(plan, year, data, looked.tail),
        "page": data.page,
        "counts": data.counts,
        "parts": parts_of(data.counts),
        "body_count": data.page.paginator.count,
        "only_overdue": only_overdue,
        "tabs": plan_tabs(plan, year, "matrix", sees_all=True, tail=looked.tail),
    }
    return render(request, "plans/matrix.html", context)


def _matrix(plan: Plan, year: int, data: MatrixData, tail: str) -> Matrix:
    address = reverse("plans:assignments", args=[plan.pk])
    columns = [
        MatrixColumn(
            task.code,
            task.short_text,
            f"{reverse('plans:task', args=[plan.pk, task.pk])}?nam={year}",
        )
        for task in data.tasks
    ]
    nothing = MatrixCell()
    groups = []
    for number, (title, bodies) in enumerate(data.grouped()):
        rows = [
            MatrixRow(
                body.name,
                [data.cells.get((body.organisation_id, task.pk), nothing) for task in data.tasks],
                f"{address}?nam={year}&co-quan={body.organisation_id}{tail}",
            )
            for body in bodies
        ]
        groups.append(MatrixGroup(title, rows, is_folded=number > 0 and len(rows) > 40))
    return Matrix(columns, groups, _("Ma trận cơ quan và nhiệm vụ, năm %s") % year)


@require_safe
def show_decision(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """The decision, what it rests on, its points and which task carries out which."""
    plan = plan_or_404(request, plan_id)
    year = chosen_year(request, plan)
    points = plan.body_points.prefetch_related(
        Prefetch("tasks", Task.objects.filter(until__isnull=True).order_by("position"))
    ).order_by("position", "since")
    original = plan.document.files.filter(purpose="original").select_related("upload__file").first()
    context = {
        "plan": plan,
        "year": year,
        "points": points,
        "relations": plan.document.relations.order_by("pk"),
        "original": original,
        "approved_by": plan.approved_by,
        "stand_ins": stand_ins_of(plan),
        "amend_refusal": rules.amend_plan.refusal(request.user, plan, timezone.localdate()),
        "end_refusal": rules.end_plan.refusal(request.user, plan, timezone.localdate()),
        "managed_by": name_of(plan.managed_by_id, timezone.localdate()),
        "last_day": plan.last_day,
        "tabs": plan_tabs(plan, year, "decision", sees_all=may_see_all(request, plan)),
    }
    return render(request, "plans/decision.html", context)


def stand_ins_of(plan: Plan) -> list[dict[str, Any]]:
    """Decisions so far, with names as of the plan's first day."""
    rows = list(
        plan.substitutions.select_related(
            "group", "by_group", "decided_by", "basis_document"
        ).order_by("from_day")
    )
    gone = {row.organisation_id for row in rows if row.organisation_id}
    names = short_names(gone, plan.valid.lower)
    return [
        {
            "row": row,
            "of": row.group.name if row.group else names.get(row.organisation_id or 0, ""),
            "by": name_of_stand_in(row),
        }
        for row in rows
    ]


def name_of_stand_in(row: Substitution) -> str:
    if row.by_group:
        return row.by_group.name
    if row.by_organisation_id:
        # By its name on the day it takes over: it may not have been there when the plan was made.
        return short_names({row.by_organisation_id}, row.from_day).get(row.by_organisation_id, "")
    return _("Nhiệm vụ chấm dứt")
