"""Accounts and roles, for the system administrator."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.access import operations, queries, rules
from chuan.core.access.web.forms import (
    CloseAccountForm,
    EndRoleForm,
    NewPersonForm,
    PersonForm,
    RoleForm,
)
from chuan.core.access.web.rows import delegation_rows, membership_rows
from chuan.core.access.web.tables import AccountTable
from chuan.core.orgs.queries import name_on
from chuan.core.people import operations as people_operations
from chuan.core.people import queries as people
from chuan.core.people import rules as people_rules
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Membership, Person
from chuan.core.people.operations import ChangedMeanwhile
from chuan.core.ui.forms import Form
from chuan.core.ui.views import Difference, confirm, conflict
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date


def _refused(form: Form, error: Denied | ValidationError) -> None:
    """Put a refusal where it can be mended: at its field if it names one, else over the form."""
    if isinstance(error, Denied):
        form.add_error(None, str(error))
        return
    if not hasattr(error, "error_dict"):
        form.add_error(None, error.messages)
        return
    for name, errors in error.message_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def _page(request: SignedInRequest, template: str, form: Form, **context: Any) -> HttpResponse:
    context["form"] = form
    return render(request, template, context, status=422 if form.errors else 200)


@require_safe
def list_people(request: SignedInRequest) -> HttpResponse:
    people_rules.administer_accounts.require(request.user)
    table = AccountTable(request, queries.accounts(on=timezone.localdate()))
    return table.download() or render(request, "access/people.html", {"table": table})


def add_person(request: SignedInRequest) -> HttpResponse:
    people_rules.administer_accounts.require(request.user)
    form = NewPersonForm(request.POST or None, initial={"start": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            person = operations.welcome_person(
                actor=request.user,
                username=given["username"],
                full_name=given["full_name"],
                email=given["email"],
                title=given["title"],
                organisation=given["organisation"],
                role=Role(given["role"]),
                start=given["start"],
            )
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            _tell_added(request, person)
            return redirect("access:person", person_id=person.pk)
    return _page(request, "access/person_form.html", form, person=None)


def _tell_added(request: SignedInRequest, person: Person) -> None:
    if person.email:
        text = _("Đã mở tài khoản %(name)s. Liên kết chọn mật khẩu đang được gửi tới %(email)s.")
    else:
        text = _("Đã mở tài khoản %(name)s. Chưa có thư điện tử: hãy tạo liên kết và trao tận tay.")
    messages.success(request, text % {"name": person.full_name, "email": person.email})


@require_safe
def show_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    people_rules.administer_accounts.require(request.user)
    person = get_object_or_404(Person, pk=person_id)
    has_second_factor = queries.has_second_factor(person)
    context = {
        "person": person,
        "memberships": membership_rows(people.memberships_of(person)),
        "delegations": delegation_rows(people.delegations_given(person), actor=request.user),
        "received": delegation_rows(people.delegations_received(person), actor=request.user),
        "has_second_factor": has_second_factor,
        "grant_refusal": people_rules.grant_role.refusal(request.user, person),
        "link_refusal": rules.hand_out_password_link.refusal(request.user, person),
        "reset_refusal": rules.reset_second_factor.refusal(
            request.user, person, has_one=has_second_factor
        ),
        "view_refusal": rules.ask_to_view.refusal(request.user, person),
        "close_refusal": people_rules.close_account.refusal(request.user, person),
        "is_me": person == request.user,
    }
    return render(request, "access/person.html", context)


def change_person(request: SignedInRequest, person_id: int) -> HttpResponse:
    people_rules.administer_accounts.require(request.user)
    person = get_object_or_404(Person, pk=person_id)
    initial = {name: getattr(person, name) for name in PersonForm.base_fields}
    form = PersonForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            people_operations.change_person(
                actor=request.user,
                person=person,
                version=int(request.POST.get("version", 0)),
                **form.cleaned_data,
            )
        except ChangedMeanwhile as changed:
            return _conflict(request, form, changed.person)
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã lưu."))
            return redirect("access:person", person_id=person.pk)
    version = request.POST.get("version", person.version)
    return _page(request, "access/person_form.html", form, person=person, version=version)


def _conflict(request: SignedInRequest, form: Form, stored: Person) -> HttpResponse:
    differences = [
        Difference(bound.label, getattr(stored, bound.name), bound.value())
        for bound in form
        if getattr(stored, bound.name) != str(bound.value() or "").strip()
    ]
    back_url = reverse("access:change_person", args=[stored.pk])
    return conflict(request, back_url=back_url, differences=differences)


def close_account(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    people_rules.close_account.require(request.user, person)
    form = CloseAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        people_operations.close_account(
            actor=request.user, person=person, reason=form.cleaned_data["reason"]
        )
        messages.success(request, _("Đã khóa tài khoản %s.") % person.full_name)
        return redirect("access:person", person_id=person.pk)
    return confirm(
        request,
        title=_("Khóa tài khoản %s?") % person.full_name,
        action=_("Khóa tài khoản"),
        back_url=_url_of(person),
        consequences=[
            _("Người này thoát ra khỏi mọi máy ngay lập tức và không đăng nhập được nữa."),
            _("Vai trò, ủy quyền và những gì đã làm vẫn còn trong sổ; có thể mở lại."),
        ],
        form=form,
        is_destructive=True,
    )


@require_POST
def open_account(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    people_operations.open_account(actor=request.user, person=person)
    messages.success(request, _("Đã mở lại tài khoản %s.") % person.full_name)
    return redirect("access:person", person_id=person.pk)


@require_POST
def hand_out_link(request: SignedInRequest, person_id: int) -> HttpResponse:
    """Make a link and show it this once: it is kept nowhere."""
    person = get_object_or_404(Person, pk=person_id)
    path = operations.make_password_link(actor=request.user, person=person)
    context = {"person": person, "link": request.build_absolute_uri(path)}
    response = render(request, "access/password_link.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def send_link(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    if operations.send_password_link(actor=request.user, person=person):
        messages.success(request, _("Liên kết đang được gửi tới %s.") % person.email)
    else:
        messages.warning(request, _("Tài khoản chưa có thư điện tử nên không gửi được."))
    return redirect("access:person", person_id=person.pk)


def give_role(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    people_rules.grant_role.require(request.user, person)
    form = RoleForm(request.POST or None, initial={"start": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            operations.give_role(
                actor=request.user,
                person=person,
                organisation=given["organisation"],
                role=Role(given["role"]),
                start=given["start"],
                end=form.end,
            )
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            messages.success(request, _("Đã giao vai trò."))
            return redirect("access:person", person_id=person.pk)
    return _page(request, "access/role_form.html", form, person=person)


def end_role(request: SignedInRequest, membership_id: int) -> HttpResponse:
    membership = get_object_or_404(Membership.objects.select_related("person"), pk=membership_id)
    people_rules.end_role.require(request.user, membership)
    today = timezone.localdate()
    form = EndRoleForm(request.POST or None, initial={"last": today - timedelta(days=1)})
    if request.method == "POST" and form.is_valid():
        try:
            people_operations.end_role(actor=request.user, membership=membership, end=form.end)
        except (Denied, ValidationError) as error:
            _refused(form, error)
        else:
            last = format_date(form.cleaned_data["last"])
            messages.success(request, _("Vai trò kết thúc hết ngày %s.") % last)
            return redirect("access:person", person_id=membership.person_id)
    return confirm(
        request,
        title=_("Kết thúc vai trò “%s”?") % Role(membership.role).label,
        action=_("Kết thúc vai trò"),
        back_url=_url_of(membership.person),
        lines=[
            _("%(name)s tại %(organisation)s.")
            % {
                "name": membership.person.full_name,
                "organisation": name_on(membership.organisation_id, today) or "",
            }
        ],
        consequences=[_("Ủy quyền từ vai trò này cũng hết cùng ngày.")],
        form=form,
        is_destructive=True,
    )


def reset_second_factor(request: SignedInRequest, person_id: int) -> HttpResponse:
    person = get_object_or_404(Person, pk=person_id)
    rules.reset_second_factor.require(
        request.user, person, has_one=queries.has_second_factor(person)
    )
    if request.method == "POST":
        operations.reset_second_factor(actor=request.user, person=person)
        messages.success(
            request,
            _("Đã đặt lại. Lần đăng nhập tới, %s thiết lập xác thực hai bước từ đầu.")
            % person.full_name,
        )
        return redirect("access:person", person_id=person.pk)
    return confirm(
        request,
        title=_("Đặt lại xác thực hai bước của %s?") % person.full_name,
        action=_("Đặt lại"),
        back_url=_url_of(person),
        lines=[_("Chỉ làm khi đã gặp hoặc gọi điện xác nhận đúng người này mất điện thoại.")],
        consequences=[
            _("Ứng dụng xác thực và mã dự phòng cũ không dùng được nữa."),
            _("Người này thoát ra khỏi mọi máy."),
        ],
        is_destructive=True,
    )


def _url_of(person: Person) -> str:
    return reverse("access:person", args=[person.pk])
