from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.access.queries import account_called
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import versions_on
from chuan.core.people.enums import GIVEN_BY_DELEGATION, Language, Role, SigningForm, Theme
from chuan.core.people.models import Membership, Person
from chuan.core.people.queries import colleagues
from chuan.core.ui.forms import FilterForm, Form, VnDateField, VnLongTextField, VnTextField

_NOTHING = [("", "–")]


def organisation_choices(day: date) -> list[Any]:
    """Bodies of a day under the headings of their kinds."""
    versions = versions_on(day).values_list("kind", "organisation_id", "name")
    return _NOTHING + [
        (str(OrgKind(kind).label), [(pk, name) for _kind, pk, name in rows])
        for kind, rows in groupby(versions, key=lambda row: row[0])
    ]


class _OrganisationField(forms.TypedChoiceField):
    """A body by its key; the answer is an Organisation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=lambda: organisation_choices(timezone.localdate()),
            coerce=lambda pk: Organisation(pk=int(pk)),
            empty_value=None,
            **kwargs,
        )

    def clean(self, value: Any) -> Any:
        found = super().clean(value)
        return Organisation.objects.get(pk=found.pk) if found else None


class PersonForm(Form):
    full_name = VnTextField(label=_("Họ và tên"), max_length=200)
    username = VnTextField(
        label=_("Tên đăng nhập"),
        max_length=150,
        help_text=_("Chữ cái không dấu, chữ số và các dấu . _ - @ +, ví dụ hant.skhcn"),
    )
    email = forms.EmailField(
        label=_("Thư điện tử công vụ"),
        required=False,
        error_messages={"invalid": _("Thư điện tử phải có dạng ten@coquan.gov.vn.")},
    )
    title = VnTextField(
        label=_("Chức vụ"), max_length=200, required=False, help_text=_("Ví dụ: Phó Giám đốc")
    )


class NewPersonForm(PersonForm):
    organisation = _OrganisationField(label=_("Cơ quan"))
    role = forms.ChoiceField(label=_("Vai trò"), choices=[*_NOTHING, *Role.choices])
    start = VnDateField(label=_("Từ ngày"))


class RoleForm(Form):
    organisation = _OrganisationField(label=_("Cơ quan"))
    role = forms.ChoiceField(label=_("Vai trò"), choices=[*_NOTHING, *Role.choices])
    start = VnDateField(label=_("Từ ngày"))
    last = VnDateField(
        label=_("Đến hết ngày"), required=False, help_text=_("Để trống nếu chưa biết.")
    )

    @property
    def end(self) -> date | None:
        """The first day without the role."""
        last: date | None = self.cleaned_data["last"]
        return last + timedelta(days=1) if last else None


class EndRoleForm(Form):
    last = VnDateField(label=_("Ngày cuối cùng giữ vai trò"))

    @property
    def end(self) -> date:
        last: date = self.cleaned_data["last"]
        return last + timedelta(days=1)


class CloseAccountForm(Form):
    reason = VnTextField(
        label=_("Lý do"), max_length=300, help_text=_("Ví dụ: chuyển công tác từ 01/12/2026")
    )


class AskToViewForm(Form):
    who = VnTextField(
        label=_("Xem như ai"),
        max_length=254,
        help_text=_("Tên đăng nhập hoặc thư điện tử của cán bộ đầu mối, thủ trưởng đơn vị"),
    )
    reason = VnLongTextField(
        label=_("Lý do"),
        max_length=300,
        rows=2,
        help_text=_(
            "Ví dụ: gọi điện báo không thấy nút nộp báo cáo. Người được xem đọc lý do này."
        ),
    )

    def clean_who(self) -> Person:
        person = account_called(self.cleaned_data["who"])
        if person is None:
            raise forms.ValidationError(_("Không có tài khoản nào tên như vậy."))
        return person


class DelegationForm(Form):
    """A substitute among the colleagues of one membership's organisation."""

    delegate = forms.ModelChoiceField(
        label=_("Người thay"), queryset=Person.objects.none(), empty_label="–"
    )
    form = forms.ChoiceField(
        label=_("Hình thức ký"),
        choices=[(form.value, form.label) for form in SigningForm if form in GIVEN_BY_DELEGATION],
        widget=forms.RadioSelect,
        initial=SigningForm.KT.value,
    )
    start = VnDateField(label=_("Từ ngày"))
    last = VnDateField(label=_("Đến hết ngày"))
    basis = VnLongTextField(
        label=_("Căn cứ"),
        max_length=300,
        rows=2,
        help_text=_("Văn bản giao việc, ví dụ: Thông báo số 12/TB-SKHCN ngày 02/11/2026"),
    )

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["delegate"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        field.queryset = colleagues(membership.organisation_id).exclude(pk=membership.person_id)
        field.label_from_instance = _with_title  # type: ignore[method-assign, assignment]
        field.error_messages["invalid_choice"] = _("Chọn người thay trong danh sách.")

    @property
    def end(self) -> date:
        last: date = self.cleaned_data["last"]
        return last + timedelta(days=1)


def _with_title(person: Person) -> str:
    return f"{person.full_name} – {person.title}" if person.title else person.full_name


class PreferencesForm(Form):
    language = forms.ChoiceField(
        label=_("Ngôn ngữ"), choices=Language.choices, widget=forms.RadioSelect
    )
    theme = forms.ChoiceField(
        label=_("Nền"),
        choices=[("", _("Theo máy của tôi")), *Theme.choices],
        widget=forms.RadioSelect,
        required=False,
    )


class AccountFilter(FilterForm):
    vai_tro = forms.ChoiceField(
        label=_("Vai trò"), choices=[("", _("Tất cả")), *Role.choices], required=False
    )
    tinh_trang = forms.ChoiceField(
        label=_("Tình trạng"),
        choices=[
            ("", _("Tất cả")),
            ("mo", _("Đang mở")),
            ("khoa", _("Đang khóa")),
            ("chua-vao", _("Chưa đăng nhập lần nào")),
            ("khong-vai-tro", _("Không có vai trò hôm nay")),
            ("thieu-hai-buoc", _("Thiếu xác thực hai bước")),
        ],
        required=False,
    )
