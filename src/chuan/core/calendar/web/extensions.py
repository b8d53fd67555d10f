"""What the pages of every kind of extension share: asking, looking, deciding, taking back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.models import Extension
from chuan.core.calendar.web.forms import GrantForm
from chuan.core.ui.reasons import add_faults, end_with_reason
from chuan.core.ui.views import Difference, Text, conflict
from chuan.lib.rules import Rule
from chuan.lib.vietnamese import format_date

E = TypeVar("E", bound=Extension)
_shown_or_sent = method_decorator(require_http_methods(["GET", "HEAD", "POST"]))


def asked_from(
    request: HttpRequest, form: Form, ask: Callable[..., object], *, done: Text, back_url: str
) -> HttpResponse | None:
    """Ask for what the form says; None where the page is to be shown, with what is wrong in it.

    :param ask: the operation with all but the form's fields and the instant.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        ask(**form.cleaned_data, at=timezone.now())
    except ValidationError as faults:
        add_faults(form, faults)
        return None
    messages.success(request, str(done))
    return redirect(back_url)


@dataclass(frozen=True, kw_only=True)
class ExtensionPages(Generic[E]):
    """The pages of one kind of extension: what was asked with the decision on it, refusing, taking back."""

    # Named `extension`, `refuse_extension` and `withdraw_extension` there.
    namespace: str
    # Extends `calendar/extension.html`; `shown` gives what that page of this kind adds.
    template: str
    find: Callable[[Any, int], E]
    shown: Callable[[Any, E], dict[str, Any]]
    may_decide: Rule[[Any, E]]
    may_withdraw: Rule[[Any, E]]
    grant: Callable[..., object]
    refuse: Callable[..., object]
    withdraw: Callable[..., object]
    # Raised by the three operations where somebody dealt with it since the page was drawn.
    outdated: type[Exception]
    # Where people find themselves after granting and after taking back.
    list_url: Callable[[E], str]
    owner_url: Callable[[E], str]

    @_shown_or_sent
    def show_page(self, request: HttpRequest, extension_id: int) -> HttpResponse:
        """What was asked and why; who may decide finds the form here."""
        extension = self.find(request, extension_id)
        form = GrantForm(
            request.POST or None,
            initial={"version": extension.version, "due_on": extension.proposed_due_on},
        )
        answer = self._granted(request, form, extension)
        if answer is not None:
            return answer
        context = {
            "extension": extension,
            "form": form,
            "may_decide": self.may_decide.allows(request.user, extension),
            "may_withdraw": self.may_withdraw.allows(request.user, extension),
            "refuse_url": self._url("refuse_extension", extension),
            "withdraw_url": self._url("withdraw_extension", extension),
        }
        context |= self.shown(request, extension)
        return render(request, self.template, context, status=422 if form.errors else 200)

    @_shown_or_sent
    def refuse_page(self, request: HttpRequest, extension_id: int) -> HttpResponse:
        extension = self.find(request, extension_id)
        if request.method != "POST":
            self.may_decide.require(request.user, extension)
        return self._ended(
            request,
            extension,
            self.refuse,
            title=_("Không đồng ý gia hạn?"),
            action=_("Không đồng ý"),
            done=_("Đã báo cho cơ quan: không đồng ý gia hạn."),
            back_url=self._url("extension", extension),
        )

    @_shown_or_sent
    def withdraw_page(self, request: HttpRequest, extension_id: int) -> HttpResponse:
        extension = self.find(request, extension_id)
        if request.method != "POST":
            self.may_withdraw.require(request.user, extension)
        return self._ended(
            request,
            extension,
            self.withdraw,
            title=_("Rút đề nghị gia hạn?"),
            action=_("Rút đề nghị"),
            done=_("Đã rút đề nghị gia hạn."),
            back_url=self._url("extension", extension),
            next_url=self.owner_url(extension),
        )

    def _url(self, name: str, extension: E) -> str:
        return reverse(f"{self.namespace}:{name}", args=[extension.pk])

    def _granted(self, request: HttpRequest, form: Form, extension: E) -> HttpResponse | None:
        if request.method != "POST" or not form.is_valid():
            return None
        data = form.cleaned_data
        try:
            self.grant(actor=request.user, extension=extension, at=timezone.now(), **data)
        except self.outdated:
            return self._conflict(request, extension, data["basis"])
        except ValidationError as faults:
            add_faults(form, faults)
            return None
        messages.success(request, _("Đã gia hạn đến hết ngày %s.") % format_date(data["due_on"]))
        return redirect(self.list_url(extension))

    def _ended(
        self, request: HttpRequest, extension: E, end: Callable[..., object], **page: Any
    ) -> HttpResponse:
        """Refuse or take back, with a reason; the page says what becomes of the day."""
        day = format_date(extension.due_on_before)
        return end_with_reason(
            request,
            version=extension.version,
            end=partial(end, actor=request.user, extension=extension, at=timezone.now()),
            conflict=self.outdated,
            on_conflict=partial(self._conflict, request, extension),
            lines=[extension.reason],
            consequences=[_("Hạn vẫn là %s và lại được tính như trước khi xin.") % day],
            **page,
        )

    def _conflict(self, request: HttpRequest, extension: E, written: str) -> HttpResponse:
        extension.refresh_from_db()
        return conflict(
            request,
            back_url=self._url("extension", extension),
            changed_by=extension.closed_by.full_name if extension.closed_by else "",
            changed_at=extension.closed_at,
            differences=[
                Difference(_("Trạng thái"), ExtensionState(extension.state).label, ""),
                Difference(_("Căn cứ hoặc lý do"), extension.answer, written),
            ],
        )
