"""What the pages of the module share: tabs, a form that two people may have opened, its facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chuan.core.people.http import SignedInRequest
from chuan.core.people.models import Person
from chuan.core.ui.components import Choice
from chuan.core.ui.forms import Form
from chuan.core.ui.views import Difference, conflict
from chuan.lib.rules import Denied
from chuan.lib.whole_numbers import whole_number
from chuan.modules.traceability import rules
from chuan.modules.traceability.models import Party
from chuan.modules.traceability.operations.registry import ChangedMeanwhile
from chuan.modules.traceability.queries.registry import parties_told_by


def tabs(person: Person, current: str) -> list[Choice]:
    """The parts of the module this person may open."""
    parts = [
        ("products", _("Sản phẩm"), True),
        ("parties", _("Đơn vị"), True),
        ("places", _("Địa điểm"), True),
        ("links", _("Liên kết"), True),
        ("production", _("Ghi sản xuất"), True),
        ("held-recalls", _("Thu hồi"), bool(parties_told_by(person)[:1])),
        ("problems", _("Phản ánh"), rules.read_problems.allows(person)),
        ("scanner", _("Quét mã"), True),
    ]
    return [
        Choice(label, reverse(f"traceability:{name}"), is_current=name == current)
        for name, label, is_open in parts
        if is_open
    ]


def page(
    request: SignedInRequest, template: str, current: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    context |= {"tabs": tabs(request.user, current)}
    return render(request, f"traceability/{template}.html", context, status=status)


def require_part(person: Person, takes_part: Callable[[Person], bool]) -> None:
    """:raises Denied: this person has nothing to do with traceability."""
    if not takes_part(person):
        rules.see_everything.require(person)


def keeps(request: SignedInRequest) -> QuerySet[Party]:
    """The parties whose data this person may keep."""
    if rules.keep_parties.allows(request.user):
        return Party.objects.order_by("sort_key", "pk")
    return parties_told_by(request.user)


def with_parties(request: SignedInRequest, form: Form) -> Form:
    """The form, offering these parties; the only one is chosen already."""
    own = keeps(request)
    form.fields["party"].queryset = own  # type: ignore[attr-defined]
    if len(own[:2]) == 1:
        form.fields["party"].initial = own[0].pk
    return form


def save(form: Form, act: Callable[[], object]) -> bool:
    """Whether the act was done; if not, the form says why."""
    try:
        # A file stored for a form that is refused is not kept.
        with transaction.atomic():
            act()
    except ValidationError as error:
        _put_errors(form, error)
    except Denied as denied:
        form.add_error(None, str(denied))
    else:
        return True
    return False


def _put_errors(form: Form, error: ValidationError) -> None:
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, errors in error.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)


def version_in(request: SignedInRequest) -> int:
    return whole_number(request.POST.get("version", "")) or 0


def show_conflict(
    request: SignedInRequest, form: Form, changed: ChangedMeanwhile, back_url: str
) -> HttpResponse:
    """Both versions, side by side: nothing was written."""
    differences = [
        Difference(bound.label, getattr(changed.row, bound.name), bound.value())
        for bound in form
        if hasattr(changed.row, bound.name)
        and not bound.field.widget.needs_multipart_form
        and str(getattr(changed.row, bound.name) or "") != str(bound.value() or "").strip()
    ]
    return conflict(request, back_url=back_url, differences=differences)


def facts_of(form: Form, *, without: tuple[str, ...] = ()) -> Mapping[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name not in without}
