"""The assignments of a plan as a list, whole or of one body."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.db.models import DateField, F, QuerySet, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuan.core.orgs.web.searching import BodySearch
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.past import Look, look
from chuan.core.ui.tables import Column, link
from chuan.core.ui.templatetags.pieces import status
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans.engine.ages import age_called
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.models import (
    Assignment,
    Plan,
)
from chuan.modules.plans.queries import assignments as assignment_queries
from chuan.modules.plans.queries.assignments import OWED
from chuan.modules.plans.queries.groups import in_group
from chuan.modules.plans.queries.overview import overdue_for, told_by
from chuan.modules.plans.queries.past import known_since
from chuan.modules.plans.web.finding import (
    chosen_year,
    may_see_all,
    name_of,
    plan_or_404,
    year_choices,
)
from chuan.modules.plans.web.forms.filters import STILL_OWED, AssignmentFilters
from chuan.modules.plans.web.plans import plan_tabs, standing_key, standing_label
from chuan.modules.plans.web.tables import assigned_body


class AssignmentTable(BodySearch):
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
        assigned_body(lambda row: row.told_of),
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
