"""What lists are narrowed by."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuan.core.calendar.enums import ExtensionState
from chuan.core.ui.forms import (
    FilterForm,
)
from chuan.modules.plans.engine.ages import ages
from chuan.modules.plans.enums import (
    Achievement,
    BodyGroup,
    DifficultyState,
    PartyRole,
    Timeliness,
)
from chuan.modules.plans.models import Plan, Section, Task

ANY = [("", _("Tất cả"))]


class TaskFilters(FilterForm):
    nhom = forms.ChoiceField(label=_("Nhóm nhiệm vụ"), required=False)

    def __init__(self, *args: Any, sections: Iterable[Section], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["nhom"].choices = [  # type: ignore[attr-defined]
            *ANY,
            *((section.code, str(section)) for section in sections),
        ]


# Which assignments a list has: those still to be done or done, or those closed with their bodies.
STILL_OWED, NO_LONGER_OWED = "con", "dong"


class AssignmentFilters(FilterForm):
    vai = forms.ChoiceField(label=_("Vai trò"), choices=ANY + PartyRole.choices, required=False)
    han = forms.ChoiceField(label=_("Thời hạn"), choices=ANY + Timeliness.choices, required=False)
    muc = forms.ChoiceField(label=_("Mức độ"), choices=ANY + Achievement.choices, required=False)
    giao = forms.ChoiceField(
        label=_("Phân công"),
        choices=[*ANY, (STILL_OWED, _("Còn phải làm")), (NO_LONGER_OWED, _("Đã đóng"))],
        required=False,
    )
    nhiem_vu = forms.ChoiceField(label=_("Nhiệm vụ"), required=False)
    nhom = forms.ChoiceField(
        label=_("Nhóm cơ quan"), choices=[*ANY, *BodyGroup.choices], required=False
    )
    qua = forms.ChoiceField(label=_("Quá hạn"), required=False)

    def __init__(self, *args: Any, tasks: Iterable[Task], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Any = self.fields["nhiem_vu"]
        choices.choices = [*ANY, *((str(one.pk), str(one)) for one in tasks)]
        choices = self.fields["qua"]
        choices.choices = [*ANY, *((age.code, age.label) for age in ages())]


class OfPlanFilters(FilterForm):
    """Of a list that runs over all plans: one of them, where there are several."""

    ke_hoach = forms.ChoiceField(label=_("Kế hoạch"), required=False)

    def __init__(self, *args: Any, plans: Collection[Plan], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(plans) > 1:
            choices: Any = self.fields["ke_hoach"]
            choices.choices = [*ANY, *((str(one.pk), one.short_title) for one in plans)]
        else:
            del self.fields["ke_hoach"]


class DifficultyFilters(OfPlanFilters):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), choices=ANY + DifficultyState.choices, required=False
    )


class ExtensionFilters(OfPlanFilters):
    trang_thai = forms.ChoiceField(
        label=_("Trạng thái"), choices=ANY + ExtensionState.choices, required=False
    )
