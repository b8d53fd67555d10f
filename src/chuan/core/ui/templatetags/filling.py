"""Fields of a form, and what is wrong in it (a builtin library: nothing to load)."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm, BaseFormSet
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def field(
    bound: BoundField,
    label: Any = None,
    hint: Any = None,
    unit: Any = "",
    size: str = "",
    optional: bool | None = None,
) -> SafeString:
    """One field with label, hint, error: `{% field form.amount unit="nghìn đồng" size="8" %}`.

    `size` is 2, 4, 8 or 16 characters of width; without it the widget decides.
    """
    if size:
        widget_class = bound.field.widget.attrs.get("class", "")
        if f"w-{size}" not in widget_class.split():
            bound.field.widget.attrs["class"] = f"{widget_class} w-{size}".strip()
    if hint is not None:
        bound.help_text = hint
    if label is not None:
        bound.label = label
    context = {**bound.get_context(), "unit": unit}
    if optional is not None:
        context["optional"] = optional
    return bound.form.render(bound.template_name, context)


@register.inclusion_tag("ui/parts/error_summary.html")
def error_summary(*forms: BaseForm | BaseFormSet[Any] | None) -> dict[str, Any]:
    """What must be mended, first in the page, each line a link to its field."""
    return {"lines": [line for form in forms if form is not None for line in _errors_of(form)]}


def _errors_of(form: BaseForm | BaseFormSet[Any]) -> list[tuple[str, str]]:
    if not form.is_bound:
        return []
    if isinstance(form, BaseFormSet):
        lines = [("", str(error)) for error in form.non_form_errors()]
        return lines + [line for one in form.forms for line in _errors_of(one)]
    lines = [("", str(error)) for error in form.non_field_errors()]
    for bound in form:
        target = bound.auto_id if bound.use_fieldset else bound.id_for_label
        lines += [(target if not bound.is_hidden else "", str(error)) for error in bound.errors]
    return lines
