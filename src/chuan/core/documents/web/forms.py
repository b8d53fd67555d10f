from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chuan.core.documents.enums import DocumentType, FilePurpose, RelationKind
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.parts import Mention
from chuan.core.documents.rules import KEEPERS, attach_file
from chuan.core.files.web.fields import UploadField
from chuan.core.orgs.models import Organisation
from chuan.core.orgs.queries import find_organisations, names_on
from chuan.core.people.models import Person
from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)
from chuan.lib.vietnamese import same_spelling

_NOTHING = [("", "–")]


def own_registers(person: Person) -> list[tuple[int, str]]:
    """The organisations whose register a person keeps, by name."""
    ids = person.organisation_ids(*KEEPERS)
    names = names_on(ids, timezone.localdate())
    return sorted(((pk, str(names[pk])) for pk in ids if pk in names), key=lambda row: row[1])


def find_issuer(name: str, *, on: date | None) -> Organisation | None:
    """The body of our register that is called exactly so on a day, if there is one."""
    day = on or timezone.localdate()
    for version in find_organisations(name, on=day)[:20]:
        if same_spelling(version.name, name) or same_spelling(version.short_name, name):
            return version.organisation
    return None


class DocumentForm(Form):
    """What a register says of a document that came in."""

    kind = forms.ChoiceField(label=_("Loại văn bản"), choices=[*_NOTHING, *DocumentType.choices])
    symbol = VnTextField(
        label=_("Số và ký hiệu"), max_length=80, help_text=_("Như in trên văn bản: 1703/QĐ-TTg")
    )
    issued_on = VnDateField(label=_("Ngày văn bản"))
    issuer_name = VnTextField(
        label=_("Cơ quan ban hành"), max_length=300, help_text=_("Viết đủ tên như trên văn bản.")
    )
    subject = VnLongTextField(label=_("Trích yếu"), max_length=1000, rows=3)
    signer = VnTextField(label=_("Người ký"), max_length=200, required=False)
    received_on = VnDateField(label=_("Ngày đến"), required=False)
    recipients = VnLongTextField(
        label=_("Nơi nhận"), required=False, rows=3, help_text=_("Mỗi nơi một dòng.")
    )

    def given(self) -> dict[str, Any]:
        """Arguments for the operations."""
        data = self.cleaned_data
        return {
            "kind": DocumentType(data["kind"]),
            "symbol": data["symbol"],
            "issued_on": data["issued_on"],
            "issuer_name": data["issuer_name"],
            "issuer": find_issuer(data["issuer_name"], on=data["issued_on"]),
            "subject": data["subject"],
            "signer": data["signer"],
            "received_on": data["received_on"],
            "recipients": data["recipients"].splitlines(),
        }


class RegisterForm(DocumentForm):
    held_by = forms.TypedChoiceField(label=_("Ghi vào sổ của"), coerce=int)
    based_on = VnLongTextField(
        label=_("Căn cứ vào"),
        required=False,
        rows=3,
        help_text=_("Số và ký hiệu các văn bản được căn cứ, mỗi văn bản một dòng."),
    )
    file = UploadField(label=_("Bản gốc"), required=False)

    field_order = [
        "held_by",
        "kind",
        "symbol",
        "issued_on",
        "issuer_name",
        "subject",
        "signer",
        "received_on",
        "recipients",
        "based_on",
        "file",
    ]

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        registers = own_registers(person)
        held_by = self.fields["held_by"]
        assert isinstance(held_by, forms.ChoiceField)  # noqa: S101 - for the type checker
        held_by.choices = registers if len(registers) == 1 else [*_NOTHING, *registers]

    @property
    def mentions(self) -> list[Mention]:
        lines: Iterable[str] = self.cleaned_data["based_on"].splitlines()
        return [Mention(RelationKind.BASED_ON, line.strip()) for line in lines if line.strip()]


class DraftForm(Form):
    """What can still change in a draft of ours."""

    kind = forms.ChoiceField(label=_("Loại văn bản"), choices=DocumentType.choices)
    notation = VnTextField(
        label=_("Ký hiệu"), max_length=64, help_text=_("Phần đứng sau số: BC-SKHCN")
    )
    subject = VnLongTextField(label=_("Trích yếu"), max_length=1000, rows=3)
    signer = VnTextField(label=_("Người ký"), max_length=200, required=False)
    recipients = VnLongTextField(
        label=_("Nơi nhận"), required=False, rows=3, help_text=_("Mỗi nơi một dòng.")
    )


class AttachForm(Form):
    purpose = forms.ChoiceField(label=_("Tệp này là"), widget=forms.RadioSelect)
    file = UploadField(label=_("Tệp"))

    def __init__(
        self, *args: Any, person: Person, document: OfficialDocument, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        purpose = self.fields["purpose"]
        assert isinstance(purpose, forms.ChoiceField)  # noqa: S101 - for the type checker
        purpose.choices = allowed = [
            (one.value, one.label)
            for one in FilePurpose
            if attach_file.allows(person, document, one)
        ]
        if allowed:
            purpose.initial = allowed[-1][0] if document.is_ours else allowed[0][0]


class RelateForm(Form):
    kind = forms.ChoiceField(
        label=_("Văn bản này"), choices=RelationKind.choices, widget=forms.RadioSelect
    )
    symbol = VnTextField(label=_("Số và ký hiệu văn bản kia"), max_length=100)


class IssueForm(Form):
    issued_on = VnDateField(label=_("Ngày ban hành"))
    signer = VnTextField(
        label=_("Người ký"),
        max_length=200,
        help_text=_("Họ tên người ký văn bản, không ghi học hàm, học vị."),
    )


class CancelForm(Form):
    reason = VnTextField(label=_("Lý do hủy"), max_length=300)


class SeriesForm(Form):
    issuer = forms.TypedChoiceField(label=_("Cơ quan"), coerce=int)
    kind = forms.ChoiceField(label=_("Loại văn bản"), choices=[*_NOTHING, *DocumentType.choices])
    year = forms.TypedChoiceField(label=_("Năm"), coerce=int)
    last_number = VnIntegerField(
        label=_("Số cuối cùng trên sổ giấy"),
        smallest=1,
        largest=99_999,
        help_text=_("Số tiếp theo hệ thống cấp là số này cộng một."),
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        issuer = self.fields["issuer"]
        assert isinstance(issuer, forms.ChoiceField)  # noqa: S101 - for the type checker
        registers = own_registers(person)
        issuer.choices = registers if len(registers) == 1 else [*_NOTHING, *registers]
        year = self.fields["year"]
        assert isinstance(year, forms.ChoiceField)  # noqa: S101 - for the type checker
        this_year = timezone.localdate().year
        year.choices = [(this_year, str(this_year)), (this_year - 1, str(this_year - 1))]


class DocumentFilter(FilterForm):
    chieu = forms.ChoiceField(
        label=_("Sổ"),
        required=False,
        choices=[
            ("", _("Tất cả")),
            ("den", _("Văn bản đến")),
            ("di", _("Đã ban hành")),
            ("du-thao", _("Chưa có số")),
            ("huy", _("Đã hủy")),
        ],
    )
    loai = forms.ChoiceField(
        label=_("Loại"), required=False, choices=[("", _("Tất cả")), *DocumentType.choices]
    )
    nam = forms.TypedChoiceField(label=_("Năm"), required=False, coerce=int, empty_value=None)
