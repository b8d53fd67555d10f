"""What is locked in a plan, and every exception: open to whoever reads the plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.orgs.queries import told_apart_at, told_apart_on
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults, end_with_reason
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status
from chuan.core.ui.views import Difference
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import sort_key
from chuan.modules.plans import rules
from chuan.modules.plans.enums import LockKind
from chuan.modules.plans.models import LockException, Plan
from chuan.modules.plans.operations import locks as operations
from chuan.modules.plans.queries.plans import bodies_owing, plans_visible_to
from chuan.modules.plans.web.finding import plan_or_404, show_conflict
from chuan.modules.plans.web.forms.deadlines import ApproveExceptionForm, ExceptionForm


class ExceptionTable(Table):
    name = "mo-khoa"
    caption = gettext_lazy("Đề nghị mở khóa")
    noun = gettext_lazy("đề nghị mở khóa")
    default_order = "-requested_at"
    empty_title = gettext_lazy("Chưa mở khóa lần nào")
    empty_text = gettext_lazy("Mọi lần mở khóa, ai xin, ai duyệt, đến bao giờ, đều hiện ở đây.")
    empty_icon = "lock"

    def __init__(self, request: SignedInRequest, rows: QuerySet[LockException]) -> None:
        super().__init__(request, rows)
        self.names = told_apart_at(_whom(one) for one in rows)

    def name_of(self, row: LockException) -> str:
        return self.names.get(_whom(row), "")

    @property
    def columns(self) -> Sequence[Column]:  # type: ignore[override]
        return (
            Column(
                "title",
                _("Mở khóa"),
                is_header=True,
                css="wide",
                cell=lambda row: link(
                    reverse("plans:exception", args=[row.pk]), row.title, self.name_of(row)
                ),
            ),
            Column("body_name", _("Cơ quan"), on_page=False, value=self.name_of),
            Column("requested_by", _("Người xin"), value=lambda row: row.requested_by),
            Column(
                "requested_at",
                _("Ngày xin"),
                value=lambda row: timezone.localdate(row.requested_at),
                order="requested_at",
            ),
            Column("approved_by", _("Người duyệt"), value=lambda row: row.approved_by or ""),
            Column("until", _("Đến hết ngày"), value=lambda row: _last_day(row)),
            Column(
                "state",
                _("Trạng thái"),
                cell=lambda row: status(f"exception_{row.state_at(timezone.now())}"),
                export=lambda row: row.state_at(timezone.now()).label,
            ),
        )


def _whom(exception: LockException) -> tuple[int, date]:
    """The body it is for, on the day somebody asked."""
    return exception.organisation_id, timezone.localdate(exception.requested_at)


def _last_day(row: LockException) -> date:
    return timezone.localdate(row.expires_at - timedelta(microseconds=1))


def end_of(day: date) -> datetime:
    """The instant a day is over."""
    return datetime.combine(
        day + timedelta(days=1), time.min, tzinfo=timezone.get_default_timezone()
    )


@require_safe
def list_locks(request: SignedInRequest, plan_id: int) -> HttpResponse:
    plan = plan_or_404(request, plan_id)
    rows = plan.lock_exceptions.select_related("requested_by", "approved_by")
    table = ExceptionTable(request, rows)
    context = {
        "plan": plan,
        "table": table,
        "locks": plan.year_locks.select_related("locked_by").order_by("-year"),
        "may_ask": plan.year_locks.exists() and bool(_bodies(request, plan)),
    }
    return table.download() or render(request, "plans/locks.html", context)


def _bodies(request: SignedInRequest, plan: Plan) -> list[tuple[str, str]]:
    """Bodies this person may ask for, by today's names or the last ones they had."""
    ids = set(rules.own_organisation_ids(request.user))
    if request.user.holds(Role.DEPARTMENT_COORDINATOR, organisation_id=plan.managed_by_id):
        for year in plan.year_locks.values_list("year", flat=True):
            ids |= set(bodies_owing(plan.pk, year))
    names = told_apart_on(ids, timezone.localdate())
    return sorted(((str(pk), name) for pk, name in names.items()), key=lambda one: sort_key(one[1]))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_exception(request: SignedInRequest, plan_id: int) -> HttpResponse:
    plan = plan_or_404(request, plan_id)
    organisations = _bodies(request, plan)
    years = list(plan.year_locks.order_by("-year").values_list("year", flat=True))
    if not organisations:
        raise Denied(_("Chỉ cơ quan bị khóa và chuyên viên theo dõi kế hoạch xin mở khóa được."))
    if not years:
        raise Denied(_("Chưa năm nào của kế hoạch bị khóa."))
    form = ExceptionForm(
        request.POST or None,
        years=years,
        organisations=organisations,
        initial={
            "year": request.GET.get("nam") or years[0],
            "organisation": request.GET.get("co-quan") or organisations[0][0],
        },
    )
    back_url = reverse("plans:locks", args=[plan.pk])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        year = int(data["year"])
        try:
            operations.ask_for_exception(
                actor=request.user,
                plan=plan,
                organisation_id=int(data["organisation"]),
                kind=LockKind.YEAR,
                number=year,
                title=_("Kết quả năm %s") % year,
                reason=data["reason"],
                expires_at=end_of(data["until"]),
                at=timezone.now(),
            )
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã gửi đề nghị mở khóa. Người khác duyệt thì mới mở."))
            return redirect(back_url)
    context = {"form": form, "plan": plan, "back_url": back_url}
    return render(request, "plans/ask_exception.html", context, status=422 if form.errors else 200)


def _exception_or_404(request: SignedInRequest, exception_id: int) -> LockException:
    rows = LockException.objects.filter(plan__in=plans_visible_to(request.user).order_by())
    return get_object_or_404(
        rows.select_related("plan", "requested_by", "approved_by", "closed_by"), pk=exception_id
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show_exception(request: SignedInRequest, exception_id: int) -> HttpResponse:
    exception = _exception_or_404(request, exception_id)
    now = timezone.now()
    form = ApproveExceptionForm(
        request.POST or None,
        initial={"version": exception.version, "until": _last_day(exception)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            operations.approve_exception(
                actor=request.user,
                exception=exception,
                version=form.cleaned_data["version"],
                expires_at=end_of(form.cleaned_data["until"]),
                at=now,
            )
        except rules.Conflict:
            return _conflict(request, exception, "")
        except ValidationError as faults:
            add_faults(form, faults)
        else:
            messages.success(request, _("Đã mở khóa. Hết ngày này tự khóa lại."))
            return redirect("plans:exception", exception_id=exception.pk)
    is_department = exception.plan.managed_by_id in rules.managed_organisation_ids(request.user)
    context = {
        "exception": exception,
        "plan": exception.plan,
        "name": told_apart_at([_whom(exception)])[_whom(exception)],
        "state": exception.state_at(now),
        "last_day": _last_day(exception),
        "form": form,
        "may_approve": rules.approve_exception.allows(request.user, exception, now),
        "refusal": rules.approve_exception.refusal(request.user, exception, now)
        if is_department and exception.state_at(now) == "waiting"
        else None,
        "may_close": rules.close_exception.allows(request.user, exception, now),
    }
    return render(request, "plans/exception.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def close_exception(request: SignedInRequest, exception_id: int) -> HttpResponse:
    exception = _exception_or_404(request, exception_id)
    now = timezone.now()
    if request.method != "POST":
        rules.close_exception.require(request.user, exception, now)
    back_url = reverse("plans:exception", args=[exception.pk])
    return end_with_reason(
        request,
        version=exception.version,
        end=partial(operations.close_exception, actor=request.user, exception=exception, at=now),
        conflict=rules.Conflict,
        on_conflict=lambda reason: _conflict(request, exception, reason),
        done=_("Đã đóng đề nghị mở khóa."),
        title=_("Khóa lại ngay?") if exception.approved_at else _("Đóng đề nghị mở khóa?"),
        action=_("Khóa lại") if exception.approved_at else _("Đóng đề nghị"),
        back_url=back_url,
        lines=[exception.reason],
    )


def _conflict(request: SignedInRequest, exception: LockException, written: str) -> HttpResponse:
    stored = LockException.objects.select_related("approved_by", "closed_by").get(pk=exception.pk)
    by = stored.closed_by or stored.approved_by
    return show_conflict(
        request,
        back_url=reverse("plans:exception", args=[exception.pk]),
        by=by.full_name if by else "",
        at=stored.closed_at or stored.approved_at,
        differences=[
            Difference(_("Trạng thái"), stored.state_at(timezone.now()).label, ""),
            Difference(_("Lý do"), stored.closed_reason, written),
        ],
    )
