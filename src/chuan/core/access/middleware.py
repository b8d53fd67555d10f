from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from chuan.core.access import operations, queries, rules
from chuan.core.access.models import Viewing
from chuan.core.people.enums import Role
from chuan.core.people.models import Person
from chuan.core.ui import views
from chuan.core.ui.context import Looking
from chuan.lib.rules import Denied

SESSION_KEY = "access.viewing"
LOOKS = frozenset({"GET", "HEAD", "OPTIONS"})
_END = "access:end_viewing"
# How somebody gets in, and who stands in for them, is not shown to who looks as them.
_THEIR_OWN = ("account_", "mfa_", "access:")

# What somebody may still do who has no role today, or has yet to set up the second factor.
_ALWAYS = frozenset(
    {"account_logout", "account_reauthenticate", "account_change_password", "access:no_role"}
)
_TO_SET_UP = _ALWAYS | {"mfa_activate_totp", "mfa_reauthenticate"}
_SET_UP = "mfa_activate_totp"


class DenyByDefault(LoginRequiredMiddleware):
    """Every address needs a signed-in person with a role and, where the role asks, a second factor.

    Who had a role in a body that is no more comes in to read what is left of it; the rules of what can
    be done ask for a role of today.

    A view is public only when it is marked with Django's `login_not_required`; the test of doors
    lists all that are, each with its reason.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        # First of all, so that an open page asks nobody who they are and every cache may keep it.
        if not getattr(view_func, "login_required", True):
            return None
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is not None:
            return self._to_sign_in(request, refusal)
        person = request.user
        assert isinstance(person, Person)  # noqa: S101 - the check above let nobody else through
        asked_for = request.resolver_match.view_name if request.resolver_match else ""
        if asked_for in _ALWAYS:
            return None
        if not person.grants() and not person.archived_organisation_ids(*Role):
            return _explain_no_role(request, person)
        if asked_for not in _TO_SET_UP and _lacks_second_factor(person):
            return redirect(f"{reverse(_SET_UP)}?{urlencode({'next': request.get_full_path()})}")
        return None

    def _to_sign_in(self, request: HttpRequest, refusal: HttpResponseBase) -> HttpResponseBase:
        """A script that fetches a fragment or saves a form must not take the sign-in page for it."""
        if getattr(request, "htmx", False):
            here = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
            url = f"{reverse('account_login')}?{urlencode({'next': here})}"
            return HttpResponseClientRedirect(url)
        if request.headers.get("Sec-Fetch-Mode") in {"cors", "same-origin", "no-cors"}:
            return HttpResponse(status=401)
        return refusal


def _lacks_second_factor(person: Person) -> bool:
    return (
        person.needs_second_factor
        and not queries.is_excused_from_second_factor(person)
        and not queries.has_second_factor(person)
    )


def _explain_no_role(request: HttpRequest, person: Person) -> HttpResponse:
    return render(request, "access/no_role.html", {"person": person}, status=403)


class ViewAsAnother:
    """Show pages as another person sees them, while a viewing lasts; refuse whatever is not looking.

    It stands before `DenyByDefault`, which then asks the person's rights, and notes every address
    when the answer is made: an answer that could not be noted is not given.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # An open page mostly asks nobody who they are, and every cache may keep it; an address that
        # leads nowhere is answered without `process_view`. Both look here only when they ask.
        own = request.user
        request.signed_in = own  # type: ignore[attr-defined]
        request.user = SimpleLazyObject(partial(self._whoever, request, own))  # type: ignore[assignment]
        response = self.get_response(request)
        viewing: Viewing | None = getattr(request, "viewing", None)
        if viewing is not None:
            operations.note_page(
                actor=viewing.asked_by,
                viewing=viewing,
                method=request.method or "",
                path=request.path,
                status=response.status_code,
                at=timezone.now(),
            )
        return response

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        is_look = request.method in LOOKS
        writes = getattr(view_func, "writes_on_get", False)
        if is_look and not writes and not getattr(view_func, "login_required", True):
            return None
        request.user = request.signed_in  # type: ignore[attr-defined]
        key = request.session.get(SESSION_KEY)
        if key is None or (name == _END and not is_look):
            return None
        viewing = queries.viewing_of_session(key)
        over = _why_over(request.user, viewing)
        if viewing is None or over:
            return self._over(request, over, is_look=is_look)
        request.user = _look(request, viewing)
        refusal = rules.open_while_viewing.refusal(
            is_look=is_look, is_their_own=writes or name.startswith(_THEIR_OWN)
        )
        return views.forbidden(request, Denied(refusal)) if refusal else None

    def _whoever(self, request: HttpRequest, user: Any) -> Any:
        viewing = queries.viewing_of_session(request.session.get(SESSION_KEY))
        if viewing is None or _why_over(user, viewing):
            return user
        return _look(request, viewing)

    def _over(self, request: HttpRequest, reason: str, *, is_look: bool) -> HttpResponseBase:
        """Back to oneself. A form that was drawn for the other person is not taken for one's own."""
        del request.session[SESSION_KEY]
        rotate_token(request)
        if not is_look:
            return views.forbidden(request, Denied(reason))
        messages.info(request, reason)
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect(reverse("access:viewings"))
        return redirect("access:viewings")


def _look(request: HttpRequest, viewing: Viewing) -> Person:
    """The other person, to be put in place of who signed in; the layout then says so."""
    assert viewing.ends_at is not None  # noqa: S101 - it goes on
    request.viewing = viewing  # type: ignore[attr-defined]
    request.looking = Looking(  # type: ignore[attr-defined]
        viewing.person.full_name, viewing.ends_at, reverse(_END, args=[viewing.pk])
    )
    person: Person = viewing.person
    return person


def _why_over(user: Any, viewing: Viewing | None) -> str:
    """Empty while it goes on."""
    if viewing is None or not isinstance(user, Person):
        return _("Lượt xem như người khác đã kết thúc.")
    return rules.go_on_viewing.refusal(user, viewing, at=timezone.now()) or ""
