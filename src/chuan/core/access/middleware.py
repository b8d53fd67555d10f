from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from chuan.core.access import queries
from chuan.core.people.models import Person

# What somebody may still do who has no role today, or has yet to set up the second factor.
_ALWAYS = frozenset(
    {"account_logout", "account_reauthenticate", "account_change_password", "access:no_role"}
)
_TO_SET_UP = _ALWAYS | {"mfa_activate_totp", "mfa_reauthenticate"}
_SET_UP = "mfa_activate_totp"


class DenyByDefault(LoginRequiredMiddleware):
    """Every address needs a signed-in person with a role and, where the role asks, a second factor.

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
        if not person.grants():
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
