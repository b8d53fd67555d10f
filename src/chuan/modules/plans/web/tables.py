"""What lists of work have in common, and lists that run over all plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy

from chuan.core.orgs.models import OrganisationVersion
from chuan.core.orgs.web.searching import BodySearch
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.tables import Column, Text, link
from chuan.modules.plans.queries.assignments import called
from chuan.modules.plans.queries.plans import plans_visible_to
from chuan.modules.plans.web.forms.filters import OfPlanFilters


def assigned_body(assignment_id: Callable[[Any], int]) -> Column:
    """The body, leading to its assignment, with the task under it; of rows `with_body_name`."""
    return Column(
        "body",
        gettext_lazy("Cơ quan"),
        order=("body_sort_key", "task__position"),
        is_header=True,
        value=lambda row: row.body_name,
        cell=lambda row: link(
            reverse("plans:assignment", args=[assignment_id(row)]),
            row.body_name,
            f"{row.task.code} {row.task.short_text}",
        ),
    )


class OfPlansTable(BodySearch):
    """What bodies put in writing, under whatever plan. Rows are by the names of the day `named_on`;
    `whose` is the body, and its plan where there are several."""

    filters: ClassVar[type[OfPlanFilters]]
    way_to_plan: ClassVar[str]
    named_on: ClassVar[str]
    search = ("body_search_key",)

    def __init__(
        self,
        request: SignedInRequest,
        rows: QuerySet[Any],
        *,
        empty_action: tuple[Text, str] | None = None,
    ) -> None:
        super().__init__(request, rows, empty_action=empty_action)
        self.plans = list(plans_visible_to(request.user))

    def make_filter_form(self, data: Any) -> OfPlanFilters:
        return self.filters(data, plans=self.plans)

    def filter(self, rows: QuerySet[Any], chosen: dict[str, Any]) -> QuerySet[Any]:
        if chosen.get("ke_hoach"):
            rows = rows.filter(**{self.way_to_plan: chosen["ke_hoach"]})
        if chosen.get("trang_thai"):
            rows = rows.filter(state=chosen["trang_thai"])
        return rows

    def completed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        version = OrganisationVersion.objects.filter(
            organisation=OuterRef(self.of_body), valid__contains=OuterRef(self.named_on)
        )
        named: QuerySet[Any] = rows.annotate(
            body_name=Subquery(version.annotate(called=called()).values("called")[:1]),
            body_sort_key=Subquery(version.values("sort_key")[:1]),
            body_search_key=Subquery(version.values("search_key")[:1]),
        )
        whose: Any = F("body_name")
        if len(self.plans) > 1:
            whose = Concat("body_name", Value(", "), f"{self.way_to_plan}__short_title")
        found: QuerySet[Any] = named.annotate(whose=whose)
        return found
