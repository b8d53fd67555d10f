"""What is late in a plan, and the letters that urge it."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from chuan.core.calendar.queries import working_calendar
from chuan.core.documents.enums import FilePurpose
from chuan.core.documents.models import DocumentFile
from chuan.core.documents.queries import documents_visible_to
from chuan.core.files import store
from chuan.core.orgs.web.searching import BodySearch
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.components import Choice
from chuan.core.ui.forms import FilterForm
from chuan.core.ui.table_files import NOTHING
from chuan.core.ui.tables import Column
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date, format_number
from chuan.lib.whole_numbers import whole_number
from chuan.modules.plans import rules
from chuan.modules.plans.enums import BodyKind
from chuan.modules.plans.models import Assignment, Plan, Urging
from chuan.modules.plans.operations import urging as operations
from chuan.modules.plans.queries import overdue as queries
from chuan.modules.plans.queries.overdue import Ages
from chuan.modules.plans.web.finding import chosen_year, plan_or_404
from chuan.modules.plans.web.plans import plan_tabs
from chuan.modules.plans.web.tables import assigned_body

AGE = "tuoi"
_AGES = {
    "": queries.ANY_AGE,
    "thu-truong": queries.FOR_HEAD,
    "so": queries.FOR_DEPARTMENT,
    "tinh": queries.FOR_PROVINCE,
}


class OverdueFilters(FilterForm):
    nhiem_vu = forms.ChoiceField(label=gettext_lazy("Nhiệm vụ"), required=False)
    loai = forms.ChoiceField(
        label=gettext_lazy("Loại cơ quan"),
        choices=[("", gettext_lazy("Tất cả")), *BodyKind.choices],
        required=False,
    )


class OverdueTable(BodySearch):
    """One plan's late work; `late` and `urged` are worked out for the page that is shown."""

    name = "qua-han"
    caption = gettext_lazy("Phân công quá hạn")
    noun = gettext_lazy("phân công")
    search = ("body_search_key",)
    search_hint = gettext_lazy("tên cơ quan")
    filter_form = OverdueFilters
    default_order = "due_on"
    select_form = "don-doc"
    empty_title = gettext_lazy("Không có phân công nào quá hạn")
    empty_icon = "checks"

    def __init__(self, request: SignedInRequest, plan: Plan, known: Ages, on: date) -> None:
        rows = queries.overdue_work(plan, on)
        super().__init__(
            request, rows.filter(due_on__lte=known.last_due[chosen_age(request, known)])
        )
        self.tasks = sorted(
            set(rows.order_by().values_list("task__position", "task__code", "task__short_text"))
        )
        self.select_name = "chon" if rules.urge.allows(request.user, plan) else ""  # type: ignore[misc]
        calendar = working_calendar(on=on)
        self.columns = (  # type: ignore[misc]
            assigned_body(lambda row: row.pk),
            Column("task.code", gettext_lazy("Nhiệm vụ"), order="task__position"),
            Column("due_on", gettext_lazy("Hạn"), order=("due_on", "body_sort_key"), css="nowrap"),
            Column(
                "late",
                gettext_lazy("Quá hạn (ngày làm việc)"),
                value=lambda row: calendar.working_days_between(row.due_on, on),
                is_numeric=True,
            ),
            Column(
                "urged",
                gettext_lazy("Đôn đốc lần cuối"),
                value=lambda row: self._urged.get(row.pk),
                cell=lambda row: self._urged_on(row),
            ),
        )

    def make_filter_form(self, data: Any) -> FilterForm:
        form = OverdueFilters(data)
        form.fields["nhiem_vu"].choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("Tất cả")),
            *((code, f"{code} {text}") for _position, code, text in self.tasks),
        ]
        return form

    def filter(self, rows: QuerySet[Assignment], chosen: dict[str, Any]) -> QuerySet[Assignment]:
        if chosen.get("nhiem_vu"):
            rows = rows.filter(task__code=chosen["nhiem_vu"])
        if chosen.get("loai"):
            rows = rows.filter(Q(("body_kind", chosen["loai"])))
        return rows

    def name_of(self, row: Assignment) -> str:
        return f"{row.body_name} {row.task.code}"  # type: ignore[attr-defined]

    @property
    def _urged(self) -> dict[int, Any]:
        if not hasattr(self, "_urged_at"):
            # A file has every row that was asked for, a page those it shows.
            shown = (
                self.rows.values_list("pk", flat=True)
                if "export" in self.request.GET
                else [row.pk for row in self.page.object_list]
            )
            self._urged_at = queries.last_urged(list(shown))
        return self._urged_at

    def _urged_on(self, row: Assignment) -> str:
        at = self._urged.get(row.pk)
        return format_date(timezone.localdate(at)) if at else NOTHING


def chosen_age(request: SignedInRequest, known: Ages) -> str:
    name = _AGES.get(request.GET.get(AGE, ""), queries.ANY_AGE)
    return name if name in known.days else queries.ANY_AGE


@require_safe
def list_overdue(request: SignedInRequest, plan_id: int) -> HttpResponseBase:
    """What is late, by how long, for those who watch over the plan."""
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    on = timezone.localdate()
    known = queries.ages(on)
    table = OverdueTable(request, plan, known, on)
    urgings = plan.urgings.select_related("made_by").order_by("-made_at", "-pk")[:10]
    context = {
        "plan": plan,
        "table": table,
        "ages": _age_choices(request, plan, known, on),
        "today": on,
        "others": queries.not_pressed(plan, on),
        "province_days": known.days.get(queries.FOR_PROVINCE),
        "may_urge": rules.urge.allows(request.user, plan),
        "query": request.GET.urlencode(),
        "urgings": urgings,
        "tabs": plan_tabs(plan, chosen_year(request, plan), "overdue", sees_all=True),
    }
    return table.download() or render(request, "plans/overdue.html", context)


def _age_choices(request: SignedInRequest, plan: Plan, known: Ages, on: date) -> list[Choice]:
    counts = queries.overdue_counts(queries.overdue_work(plan, on), known)
    current = chosen_age(request, known)
    address = reverse("plans:overdue", args=[plan.pk])
    return [
        Choice(
            label=_("Tất cả")
            if name == queries.ANY_AGE
            else _("Từ %(days)s ngày làm việc") % {"days": format_number(known.days[name])},
            url=f"{address}?{AGE}={word}" if word else address,
            count=counts[name],
            is_current=name == current,
        )
        for word, name in _AGES.items()
        if name in known.days
    ]


@require_POST
def urge(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """Letters to the bodies of the rows ticked, or of all that fit the filter in the address."""
    plan = plan_or_404(request, plan_id)
    rules.urge.require(request.user, plan)
    on = timezone.localdate()
    back = reverse("plans:overdue", args=[plan.pk])
    if request.GET:
        back += f"?{request.GET.urlencode()}"
    if "tat-ca" in request.POST:
        known = queries.ages(on)
        ids = list(OverdueTable(request, plan, known, on).rows.values_list("pk", flat=True))
    else:
        given = request.POST.getlist("chon") + request.POST.get("da-chon", "").split(",")
        ids = [pk for pk in map(whole_number, given) if pk is not None]
    one_each = request.POST.get("cach") == "moi-co-quan"
    try:
        made = operations.urge(
            actor=request.user,
            plan=plan,
            assignment_ids=ids,
            one_each=one_each,
            again="lan-nua" in request.POST,
            at=timezone.now(),
        )
    except operations.UrgedToday as urged:
        context = {
            "plan": plan,
            "reason": str(urged),
            "ids": ",".join(map(str, ids)),
            "chosen_count": len(ids),
            "one_each": one_each,
            "back_url": back,
        }
        return render(request, "plans/urge_again.html", context, status=409)
    except Denied as denied:
        messages.error(request, str(denied))
        return redirect(back)
    count = made.letters.count()
    messages.success(
        request,
        ngettext(
            "Đã lập %(count)s công văn đôn đốc, chờ lấy số, và nhắc người của các cơ quan.",
            "Đã lập %(count)s công văn đôn đốc, chờ lấy số, và nhắc người của các cơ quan.",
            count,
        )
        % {"count": format_number(count)},
    )
    return redirect("plans:urging", plan.pk, made.pk)


def _urging_or_404(request: SignedInRequest, plan_id: int, urging_id: int) -> Urging:
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    rows = plan.urgings.select_related("plan__document", "made_by")
    return get_object_or_404(rows, pk=urging_id)


@require_safe
def show_urging(request: SignedInRequest, plan_id: int, urging_id: int) -> HttpResponse:
    urging = _urging_or_404(request, plan_id, urging_id)
    letters = list(urging.letters.select_related("document").order_by("pk"))
    context = {
        "urging": urging,
        "plan": urging.plan,
        "letters": [
            {
                "letter": one,
                "bodies": list(dict.fromkeys(row["body"] for row in one.rows)),
                "count": len(one.rows),
            }
            for one in letters
        ],
    }
    return render(request, "plans/urging.html", context)


@require_safe
def download_urging(request: SignedInRequest, plan_id: int, urging_id: int) -> HttpResponseBase:
    """The newest file of each kind of every letter, in one ZIP."""
    urging = _urging_or_404(request, plan_id, urging_id)
    documents = documents_visible_to(request.user).filter(pk__in=urging.letters.values("document"))
    kinds = [FilePurpose.DRAFT_DOCX, FilePurpose.DRAFT_PDF]
    files = (
        DocumentFile.objects.filter(document__in=documents, purpose__in=kinds)
        .order_by("document", "purpose", "-pk")
        .distinct("document", "purpose")
        .select_related("upload__file")
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, file in enumerate(files, start=1):
            with store.open_kept(file.upload.file.sha256) as content:
                archive.writestr(f"{number:03d}-{file.upload.name}", content.read())
    packed.seek(0)
    day = timezone.localdate(urging.made_at)
    return FileResponse(
        packed,
        as_attachment=True,
        filename=f"cong-van-don-doc-{day:%Y-%m-%d}.zip",
        content_type="application/zip",
    )
