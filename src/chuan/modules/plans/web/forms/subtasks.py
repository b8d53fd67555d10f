"""A part of an assignment, for somebody inside the body."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.people.models import Person
from chuan.core.ui.forms import Form, VnDateField, VnTextField


class SubtaskForm(Form):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = VnTextField(label=_("Phần việc"), max_length=300)
    person = forms.ChoiceField(label=_("Người làm"), required=False)
    division = VnTextField(
        label=_("Phòng, bộ phận"),
        max_length=200,
        required=False,
        help_text=_("Khi giao cho cả phòng, hoặc cho người chưa có tài khoản."),
    )
    due_on = VnDateField(label=_("Cần xong chậm nhất hết ngày"), required=False)

    def __init__(self, *args: Any, people: Iterable[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._people = {str(one.pk): one for one in people}
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("Không ghi đích danh")),
            *((key, one.full_name) for key, one in self._people.items()),
        ]

    @property
    def asked(self) -> dict[str, Any]:
        """What the operations take."""
        data = self.cleaned_data
        return {
            "title": data["title"],
            "person": self._people.get(data["person"]),
            "division": data["division"],
            "due_on": data["due_on"],
        }
