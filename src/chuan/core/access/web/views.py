"""A person's own account: facts, sessions, delegations."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuan.core.access import operations, queries
from chuan.core.access.web.forms import DelegationForm, PreferencesForm
from chuan.core.access.web.rows import delegation_rows, membership_rows
from chuan.core.orgs.queries import name_on
from chuan.core.people import operations as people_operations
from chuan.core.people import queries as people
from chuan.core.people import rules as people_rules
from chuan.core.people.enums import Role, SigningForm
from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Delegation, Membership
from chuan.core.ui.context import THEME_COOKIE
from chuan.core.ui.views import YEAR, confirm
from chuan.lib.rules import Denied
from chuan.lib.vietnamese import format_date


def show_me(request: SignedInRequest) -> HttpResponse:
    """Who I am here, what I may do, and how the pages look to me."""
    me = request.user
    form = PreferencesForm(
        request.POST or None,
        initial={"language": me.language or get_language(), "theme": me.theme},
    )
    if request.method == "POST" and form.is_valid():
        return _choose(request, form)
    context = {
        "form": form,
        "memberships": membership_rows(people.memberships_of(me)),
        "has_second_factor": queries.has_second_factor(me),
        "is_excused": queries.is_excused_from_second_factor(me),
        "delegated": delegation_rows(people.delegations_received(me), actor=me),
    }
    return render(request, "access/me.html", context, status=422 if form.errors else 200)


def _choose(request: SignedInRequest, form: PreferencesForm) -> HttpResponse:
    chosen = form.cleaned_data
    # Whoever changes the theme alone has chosen no language, though the form shows that of the page.
    is_chosen = bool(request.user.language) or "language" in form.changed_data
    people_operations.choose_preferences(
        actor=request.user,
        language=chosen["language"] if is_chosen else "",
        theme=chosen["theme"],
    )
    messages.success(request, _("Đã lưu ngôn ngữ và nền."))
    response = redirect("access:me")
    secure = request.is_secure()
    if is_chosen:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen["language"],
            max_age=YEAR,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
    if chosen["theme"]:
        response.set_cookie(
            THEME_COOKIE, chosen["theme"], max_age=YEAR, secure=secure, samesite="Lax"
        )
    else:
        response.delete_cookie(THEME_COOKIE)
    return response


@require_safe
def list_sessions(request: SignedInRequest) -> HttpResponse:
    sessions = queries.open_sessions(request.user, current_key=request.session.session_key)
    return render(request, "access/sessions.html", {"sessions": sessions})


@require_POST
def end_session(request: SignedInRequest, session_id: int) -> HttpResponse:
    try:
        operations.end_session(actor=request.user, session_id=session_id)
    except UserSession.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Đã kết thúc phiên đăng nhập đó."))
    return redirect("access:sessions")


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    ended = operations.end_other_sessions(
        actor=request.user, current_key=request.session.session_key
    )
    if ended:
        messages.success(request, _("Đã thoát khỏi mọi nơi khác."))
    else:
        messages.info(request, _("Bạn chỉ đang đăng nhập ở đây."))
    return redirect("access:sessions")


@require_safe
def list_delegations(request: SignedInRequest) -> HttpResponse:
    me = request.user
    context = {
        "mine": membership_rows(people.memberships_to_delegate(me)),
        "given": delegation_rows(people.delegations_given(me), actor=me),
        "received": delegation_rows(people.delegations_received(me), actor=me),
    }
    return render(request, "access/delegations.html", context)


def give_delegation(request: SignedInRequest, membership_id: int) -> HttpResponse:
    """Name a substitute for one of my roles, or as administrator for somebody's who is away."""
    membership = get_object_or_404(
        Membership.objects.select_related("person", "organisation"), pk=membership_id
    )
    refusal = people_rules.give_delegation.refusal(request.user, membership)
    if refusal:
        raise Denied(refusal)
    form = DelegationForm(
        request.POST or None,
        membership=membership,
        initial={"start": timezone.localdate()},
    )
    if request.method == "POST" and form.is_valid() and _delegate(request, form, membership):
        if membership.person_id == request.user.pk:
            return redirect("access:delegations")
        return redirect("access:person", person_id=membership.person_id)
    context = {
        "form": form,
        "membership": membership,
        "role": Role(membership.role).label,
        "organisation": name_on(membership.organisation_id, timezone.localdate()),
        "is_own": membership.person_id == request.user.pk,
    }
    return render(
        request, "access/delegation_form.html", context, status=422 if form.errors else 200
    )


def _delegate(request: SignedInRequest, form: DelegationForm, membership: Membership) -> bool:
    given = form.cleaned_data
    try:
        operations.delegate(
            actor=request.user,
            membership=membership,
            delegate=given["delegate"],
            form=SigningForm(given["form"]),
            start=given["start"],
            end=form.end,
            basis=given["basis"],
        )
    except Denied as denied:
        form.add_error(None, str(denied))
    except ValidationError as error:
        form.add_error(None, error.messages)
    else:
        messages.success(
            request,
            _("%(name)s thay bạn từ %(start)s đến hết %(last)s.")
            % {
                "name": given["delegate"].full_name,
                "start": format_date(given["start"]),
                "last": format_date(given["last"]),
            }
            if membership.person_id == request.user.pk
            else _("Đã ghi ủy quyền."),
        )
        return True
    return False


def revoke_delegation(request: SignedInRequest, delegation_id: int) -> HttpResponse:
    delegation = get_object_or_404(
        Delegation.objects.select_related("membership__person", "delegate"), pk=delegation_id
    )
    people_rules.revoke_delegation.require(request.user, delegation)
    is_own = delegation.membership.person_id == request.user.pk
    back = (
        redirect("access:delegations")
        if is_own
        else redirect("access:person", person_id=delegation.membership.person_id)
    )
    if request.method == "POST":
        operations.revoke(actor=request.user, delegation=delegation)
        messages.success(request, _("Đã thu hồi ủy quyền."))
        return back
    return confirm(
        request,
        title=_("Thu hồi ủy quyền cho %s?") % delegation.delegate.full_name,
        action=_("Thu hồi"),
        back_url=back.headers["Location"],
        consequences=[
            _("Người này thôi thay %s ngay từ lúc này.") % delegation.membership.person.full_name,
            _("Những việc đã làm theo ủy quyền vẫn có giá trị."),
        ],
        is_destructive=True,
    )
