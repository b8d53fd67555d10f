from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import names_on
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.forms import Form
from chuan.flows.annual_report.models import ReportingPeriod
from chuan.flows.archive import operations, rules
from chuan.flows.archive.models import Package
from chuan.flows.archive.queries.contents import heading_only_lines

SHOWN = 50


class PackageForm(Form):
    of = forms.ChoiceField(label=gettext_lazy("Năm và cơ quan"))


@require_http_methods(["GET", "HEAD", "POST"])
def packages(request: SignedInRequest) -> HttpResponse:
    rules.see_packages.require(request.user)
    form = PackageForm(request.POST or None)
    form.fields["of"].choices = _choices(request)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        year, department = form.cleaned_data["of"].split("-")
        operations.ask_for_package(
            actor=request.user,
            managed_by=get_object_or_404(Organisation, pk=department),
            year=int(year),
            at=timezone.now(),
        )
        messages.success(request, _("Đang lập gói lưu trữ. Mở lại trang này sau ít phút để tải."))
        return redirect("archive:list")
    rows = _visible(request)[:SHOWN]
    names = names_on({row.managed_by_id for row in rows}, timezone.localdate())
    heading_only = {pk: heading_only_lines(pk) for pk in {row.managed_by_id for row in rows}}
    context = {
        "form": form,
        "rows": [
            {
                "package": row,
                "of": names.get(row.managed_by_id, ""),
                "refusal": rules.hand_out.refusal(
                    row, heading_only=heading_only[row.managed_by_id]
                ),
            }
            for row in rows
        ],
    }
    return render(request, "archive/list.html", context, status=422 if form.errors else 200)


@require_safe
def download(request: SignedInRequest, package_id: int) -> HttpResponseBase:
    package = next((row for row in _visible(request) if row.pk == package_id), None)
    if package is None or package.made_at is None:
        raise Http404
    rules.hand_out.require(package, heading_only=heading_only_lines(package.managed_by_id))
    try:
        content = operations.place_of(package).open("rb")
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(
        content, as_attachment=True, filename=f"luu-tru-{package.year}-{package.pk}.zip"
    )


def _visible(request: SignedInRequest) -> list[Package]:
    rules.see_packages.require(request.user)
    rows = Package.objects.select_related("asked_by").order_by("-asked_at", "-pk")
    if not request.user.holds(Role.AUDITOR):
        own = request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR)
        rows = rows.filter(managed_by__in=own)
    return list(rows)


def _choices(request: SignedInRequest) -> list[tuple[str, str]]:
    """Years with a reporting period, for departments whose package the person may make."""
    pairs = ReportingPeriod.objects.values_list("year", "managed_by").distinct()
    may = [pair for pair in pairs if rules.make_package.allows(request.user, pair[1])]
    names = names_on({department for _year, department in may}, timezone.localdate())
    return [
        (f"{year}-{department}", f"{year}, {names.get(department, '')}")
        for year, department in sorted(may, reverse=True)
    ]
