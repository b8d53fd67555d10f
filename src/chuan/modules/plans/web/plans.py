"""Pages to look at a plan: the list, its tasks, one task, who does what, the matrix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, ClassVar

from django.db.models import Count, DateField, F, Prefetch, Q, QuerySet, Value
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
    Mark,
    Matrix,
    MatrixCell,
    MatrixColumn,
    MatrixGroup,
    MatrixRow,
    Part,
    Source,
)
from chuan.core.ui.past import Look, look
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.ui import bar, status
from chuan.lib.vietnamese import format_date
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.engine.ages import age_called
from chuan.modules.plans.engine.reading import lines_around
from chuan.modules.plans.enums import DueKind, EvidenceKind, PartyRole, Timeliness
from chuan.modules.plans.models import (
    Assignment,
    Plan,
    PlanImport,
    Section,
    Substitution,
    Task,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries import central as central_queries
from chuan.modules.plans.queries.assignments import OWED, TimelinessCounts
from chuan.modules.plans.queries.fates import count_undecided
from chuan.modules.plans.queries.groups import in_group
from chuan.modules.plans.queries.matrix import MatrixData, matrix_of
from chuan.modules.plans.queries.overview import overdue_for, told_by
from chuan.modules.plans.queries.past import known_since
from chuan.modules.plans.queries.plans import imports_visible_to, plans_visible_to
from chuan.modules.plans.queries.versions import tasks_during
from chuan.modules.plans.web.finding import (
    chosen_year,
    may_see_all,
    name_of,
    plan_or_404,
    short_names,
    task_or_404,
    year_choices,
)
from chuan.modules.plans.web.forms import STILL_OWED, AssignmentFilters, TaskFilters

SOON = timedelta(days=7)


def standing_key(row: Assignment, on: date) -> str:
    """The status word of an assignment by the calendar; “soon” is the last week of being in time.
    One that was closed with its body has no deadline any more."""
    if row.is_paused and row.done_on is None:
        return "paused"
    standing = row.timeliness(on)
    if standing == Timeliness.IN_TIME and row.due_on and row.due_on - on <= SOON:
        return "due_soon"
    return standing.value if standing else "assignment_closed"


def standing_label(row: Assignment, on: date) -> str:
    """The same in words, for files."""
    standing = row.timeliness(on)
    return str(standing.label) if standing else _("Đã đóng")


# ---------------------------------------------------------------- the list


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
        Column("document", gettext_lazy("Văn bản"), value=lambda plan: plan.document.symbol),
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


# ---------------------------------------------------------------- one plan


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


# ---------------------------------------------------------------- the matrix


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


# ---------------------------------------------------------------- who does what


class AssignmentTable(Table):
    name = "phan-cong"
    caption = gettext_lazy("Phân công")
    noun = gettext_lazy("phân công")
    search = ("body_search_key",)
    search_hint = gettext_lazy("tên cơ quan")
    filter_form = AssignmentFilters
    default_order = "body"
    keys_first = True

    def __init__(
        self, request: SignedInRequest, rows: QuerySet[Assignment], *, plan: Plan, looked: Look
    ) -> None:
        super().__init__(request, rows)
        self.plan, self.looked = plan, looked

    def make_filter_form(self, data: Any) -> AssignmentFilters:
        return AssignmentFilters(data, tasks=self.plan.tasks.order_by("position", "pk"))

    def completed(self, rows: QuerySet[Assignment]) -> QuerySet[Assignment]:
        past = self.looked.past
        named = assignment_queries.with_body_name(rows).annotate(
            told_of=F("pk") if past is None else F("assignment_id"),
            told_on=Value(self.looked.on, DateField()),
        )
        return assignment_queries.with_evidence_count(named, past=past)

    def filter(self, rows: QuerySet[Assignment], chosen: dict[str, Any]) -> QuerySet[Assignment]:
        if chosen.get("vai"):
            rows = rows.filter(role=chosen["vai"])
        if chosen.get("muc"):
            rows = rows.filter(achievement=chosen["muc"])
        if chosen.get("giao"):
            rows = rows.filter(OWED if chosen["giao"] == STILL_OWED else ~OWED)
        if chosen.get("nhiem_vu"):
            rows = rows.filter(task=int(chosen["nhiem_vu"]))
        if chosen.get("nhom"):
            rows = in_group(rows, chosen["nhom"], plan=self.plan, year=self.year)
        if chosen.get("han"):
            rows = rows.annotate(
                standing=assignment_queries.timeliness_case(self.looked.on)
            ).filter(standing=chosen["han"])
        if chosen.get("qua"):
            rows = rows.filter(overdue_for(age_called(chosen["qua"]), on=self.looked.on))
        return rows

    @property
    def year(self) -> int:
        return chosen_year(self.request, self.plan)  # type: ignore[arg-type]

    columns: ClassVar[Sequence[Column]] = (
        Column(
            "body",
            gettext_lazy("Cơ quan"),
            order=("body_sort_key", "task__position"),
            is_header=True,
            value=lambda row: row.body_name,
            cell=lambda row: link(
                reverse("plans:assignment", args=[row.told_of]),
                row.body_name,
                f"{row.task.code} {row.task.short_text}",
            ),
        ),
        Column(
            "task",
            gettext_lazy("Nhiệm vụ"),
            value=lambda row: row.task.code,
            order="task__position",
        ),
        Column(
            "role", gettext_lazy("Vai trò"), value=lambda row: row.get_role_display(), order="-role"
        ),
        Column("due_on", gettext_lazy("Hạn"), order="due_on", css="nowrap"),
        Column(
            "standing",
            gettext_lazy("Thời hạn"),
            cell=lambda row: status(standing_key(row, row.told_on)),
            export=lambda row: standing_label(row, row.told_on),
        ),
        Column(
            "achievement",
            gettext_lazy("Mức độ"),
            cell=lambda row: status(row.achievement),
            export=lambda row: row.get_achievement_display(),
            order="achievement",
        ),
        Column("evidence_count", gettext_lazy("Minh chứng"), is_numeric=True),
    )


class BodyTable(AssignmentTable):
    """The same under one task: the body is enough."""

    columns: ClassVar[Sequence[Column]] = tuple(
        Column(
            "body",
            gettext_lazy("Cơ quan"),
            order=("body_sort_key", "pk"),
            is_header=True,
            value=lambda row: row.body_name,
            cell=lambda row: link(reverse("plans:assignment", args=[row.told_of]), row.body_name),
        )
        if column.name == "body"
        else column
        for column in AssignmentTable.columns
        if column.name != "task"
    )


@require_safe
def list_assignments(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Who does what in one year: everybody, or the reader's own bodies; one body when asked, or
    those on which the reader told something."""
    plan = plan_or_404(request, plan_id)
    year = chosen_year(request, plan)
    looked = look(request, since=known_since(plan.pk))
    rows = assignment_queries.assignments_visible_to(request.user, past=looked.past).filter(
        # Every role, said so that the index by task, role and days is used.
        assignment_queries.in_year(year),
        task__plan=plan,
        role__in=PartyRole.values,
    )
    asked = whole_number(request.GET.get("co-quan", ""))
    chosen = ""
    if asked is not None:
        rows = rows.filter(organisation=asked)
        chosen = name_of(asked, min(looked.on, date(year, 12, 31)))
    if request.GET.get("cua-toi") == "1":
        rows = told_by(rows, request.user, past=looked.past)
        chosen = _("Việc tôi đã ghi tiến độ")
    table = AssignmentTable(request, rows, plan=plan, looked=looked)
    sees_all = may_see_all(request, plan)
    context = {
        "plan": plan,
        "year": year,
        "years": year_choices(plan, year, tail=looked.tail),
        "looked": looked,
        "table": table,
        "chosen": chosen,
        "sees_all": sees_all,
        "tabs": plan_tabs(plan, year, "assignments", sees_all=sees_all, tail=looked.tail),
    }
    return table.download() or render(request, "plans/assignments.html", context)


# ---------------------------------------------------------------- one task


@require_safe
def show_task(request: SignedInRequest, plan_id: int, task_id: int) -> HttpResponse:
    task = task_or_404(request, plan_id, task_id)
    plan = task.plan
    year = chosen_year(request, plan)
    today = timezone.localdate()
    rows = assignment_queries.assignments_visible_to(request.user).filter(
        assignment_queries.in_year(year), task=task
    )
    table = BodyTable(request, rows, plan=plan, looked=Look(today))
    counts = assignment_queries.timeliness_counts(rows.filter(role=PartyRole.LEAD), on=today)
    parties = list(task.parties.select_related("group").order_by("position", "pk"))
    names = short_names(
        {party.organisation_id for party in parties if party.organisation_id}, plan.valid.lower
    )
    context = {
        "plan": plan,
        "task": task,
        "year": year,
        "years": year_choices(plan, year),
        "table": table,
        "counts": counts,
        "parts": parts_of(counts),
        "lead": [party for party in parties if party.role == PartyRole.LEAD],
        "coordinating": [party for party in parties if party.role == PartyRole.COORDINATING],
        "names": names,
        "deliverables": [
            {
                "title": item.title,
                "weight": item.weight,
                "kinds_text": ", ".join(
                    str(EvidenceKind(kind).label) for kind in item.evidence_kinds
                ),
            }
            for item in task.deliverables.order_by("position", "pk")
        ],
        "deliverables_refusal": rules.edit_deliverables.refusal(
            request.user, task, timezone.localdate()
        ),
        "points": list(task.body_points.order_by("position")),
        "central": list(central_queries.central_tasks_of(task)),
        "central_refusal": rules.link_central_tasks.refusal(request.user, task, today),
        "source": _source_of(task),
        "sees_all": may_see_all(request, plan),
        "due_label": DueKind(task.due_kind).label,
    }
    return table.download() or render(request, "plans/task.html", context)


def _source_of(task: Task) -> Source | None:
    """The lines of the decision around the task, its own words marked; None without its reading."""
    own = (
        Q(plan=task.plan_id)
        if task.since == 1
        else Q(made_version__plan=task.plan_id, made_version__number=task.since)
    )
    found = PlanImport.objects.filter(own).values_list("reading", flat=True).first()
    if not found or task.source_line is None:
        return None
    lines = lines_around(found, task.source_page, task.source_line, before=1, after=16)
    if not lines:
        return None
    text = "\n".join(words for _page, _line, words in lines)
    return Source(text, _marks(text, task.text))


def _marks(text: str, wanted: str) -> tuple[Mark, ...]:
    """Lines that are part of the task's wording."""
    bare = " ".join(wanted.split())
    marks = []
    start = 0
    for line in text.split("\n"):
        words = " ".join(line.split())
        if len(words) > 12 and words in bare:
            marks.append(Mark(start, start + len(line), is_sure=True))
        start += len(line) + 1
    return tuple(marks)


# ---------------------------------------------------------------- the decision behind it


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
