"""Forms as this system draws and reads them: label, hint, error; Vietnamese dates and numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import django.forms
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.boundfield import BoundField
from django.forms.renderers import BaseRenderer, EngineMixin
from django.template.backends.django import DjangoTemplates
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chuan.core.ui.templatetags import BUILTINS
from chuan.lib.vietnamese import (
    BadDate,
    BadNumber,
    DateFault,
    NumberFault,
    clean,
    format_date,
    format_number,
    parse_date,
    parse_number,
)

Text = str | Promise


class DescribedField(BoundField):
    """A field whose input is described by its hint, its error and the count of characters left."""

    @property
    def has_count(self) -> bool:
        return "data-max" in self.field.widget.attrs

    @property
    def is_file(self) -> bool:
        return isinstance(self.field.widget, forms.FileInput)

    @property
    def aria_describedby(self) -> str | None:
        described = super().aria_describedby
        if described is None or not self.has_count or not self.auto_id:
            return described
        return f"{described} {self.auto_id}_left".strip()


class Renderer(EngineMixin, BaseRenderer):
    """FORM_RENDERER: our templates first, Django's own for the widgets we leave alone."""

    backend = DjangoTemplates
    bound_field_class = DescribedField

    @cached_property
    def engine(self) -> DjangoTemplates:
        of_django = Path(django.forms.__file__).parent / "templates"
        loaders = [
            "django.template.loaders.app_directories.Loader",
            ("django.template.loaders.filesystem.Loader", [of_django]),
        ]
        return DjangoTemplates(
            {
                "NAME": "chuan-forms",
                "DIRS": [],
                "APP_DIRS": False,
                "OPTIONS": {
                    "builtins": BUILTINS,
                    "loaders": [("django.template.loaders.cached.Loader", loaders)],
                },
            }
        )


class _HouseRules:
    """Required fields may be left empty in the browser: the server answers, in words of the field."""

    use_required_attribute = False
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _say_what_to_do(field)
            _name_the_empty_choice(field)


class Form(_HouseRules, forms.Form):
    """A form of this system."""


class ModelForm(_HouseRules, forms.ModelForm):  # type: ignore[type-arg]
    """As `Form`, for a model. Saving belongs in operations: read `cleaned_data`, never `save()`."""


class FilterForm(Form):
    """A form over a list (GET): nothing is required, and nothing says so."""

    marks_optional = False


_ASKING = {
    forms.Select: _("Chọn %(label)s."),
    forms.RadioSelect: _("Chọn %(label)s."),
    forms.CheckboxSelectMultiple: _("Chọn ít nhất một mục ở %(label)s."),
    forms.CheckboxInput: _("Đánh dấu vào ô “%(label)s” để tiếp tục."),
}


# Some labels are questions: "Nhập bạn thấy gì?." is no sentence.
_ANSWER = _("Trả lời câu hỏi “%(label)s”")


def _say_what_to_do(field: forms.Field) -> None:
    """Give one of Django's own fields messages that name it: the summary has no label beside it."""
    if isinstance(field, _Named) or not field.label:
        return
    asking = next((_ASKING[kind] for kind in type(field.widget).__mro__ if kind in _ASKING), None)
    label = (
        str(field.label)
        if isinstance(field.widget, forms.CheckboxInput)
        else _lower(str(field.label))
    )
    usual = forms.Field.default_error_messages["required"]
    if str(field.error_messages.get("required")) == str(usual):
        if str(field.label).endswith("?"):
            asking, label = _ANSWER, str(field.label)
        field.error_messages["required"] = (asking or _("Nhập %(label)s.")) % {"label": label}
    if isinstance(field, forms.ChoiceField):
        field.error_messages["invalid_choice"] = _(
            "Chọn lại %(label)s: mục đã chọn không có trong danh sách."
        ) % {"label": label}


def _name_the_empty_choice(field: forms.Field) -> None:
    """Words where Django has nine dashes."""
    if isinstance(field, forms.ModelChoiceField) and field.empty_label == _DASHES:
        field.empty_label = _("Chọn") if field.required else _("Không chọn")


_DASHES = "---------"
_DATE_MESSAGES = {
    DateFault.UNREADABLE: _("%(label)s phải viết theo ngày/tháng/năm, ví dụ 20/11/2026."),
    DateFault.MISSING_DAY: _("%(label)s thiếu ngày. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
    DateFault.MISSING_MONTH: _("%(label)s thiếu tháng. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
    DateFault.MISSING_YEAR: _("%(label)s thiếu năm. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."),
    DateFault.MISSING_DAY_AND_MONTH: _(
        "%(label)s thiếu ngày và tháng. Viết đủ ngày/tháng/năm, ví dụ 20/11/2026."
    ),
    DateFault.SHORT_YEAR: _("%(label)s phải có năm gồm 4 chữ số, ví dụ 20/11/2026."),
    DateFault.NO_SUCH_MONTH: _("%(label)s có tháng không có thật: tháng từ 1 đến 12."),
    DateFault.NO_SUCH_DAY: _("%(label)s phải là ngày có thật, ví dụ 20/11/2026."),
}


class _Named:
    """A field that names itself in its messages: the summary at the top has no label beside it."""

    label: Any
    required: bool
    error_messages: dict[str, Any]

    @property
    def _name(self) -> str:
        return str(self.label or _("Mục này"))

    def _fault(self, message: Any, code: str, **params: object) -> ValidationError:
        return ValidationError(message, code=code, params={"label": self._name, **params})


class VnTextInput(forms.TextInput):
    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})


class VnTextField(_Named, forms.CharField):
    """Text stored as NFC, without invisible characters or stray spaces."""

    default_error_messages = {
        "required": _("Nhập %(label)s."),
        "max_length": _("%(label)s dài %(length)s ký tự; tối đa %(limit)s."),
    }

    def to_python(self, value: Any) -> str:
        return clean(super().to_python(value) or "")

    def __init__(self, *, max_length: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_length = max_length  # checked below, in our own words
        if max_length is not None and not self.widget.is_hidden:
            self.widget.attrs.update(self.widget_attrs(self.widget))

    def validate(self, value: str) -> None:
        if self.required and not value:
            if self._name.endswith("?"):
                raise self._fault(_ANSWER, "required")
            raise self._fault(self.error_messages["required"], "required", label=_lower(self._name))
        if self.max_length is not None and len(value) > self.max_length:
            raise self._fault(
                self.error_messages["max_length"],
                "max_length",
                length=format_number(len(value)),
                limit=format_number(self.max_length),
            )


class VnLongTextField(VnTextField):
    """Several lines of text. With `max_length` the page says how many characters are left.

    The browser does not cut what is pasted too long: the person sees all of it and shortens it.
    """

    def __init__(self, *, rows: int = 5, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if "maxlength" in attrs:
            attrs["data-max"] = attrs.pop("maxlength")
        return attrs


class VnDateField(_Named, forms.Field):
    """A day typed as on paper: 20/11/2026, 5-4-2025, "5 tháng 4 năm 2025". Always day first."""

    widget = VnTextInput

    default_error_messages = {"required": _("Nhập %(label)s, ví dụ 20/11/2026.")}

    def __init__(
        self, *, earliest: dt.date | None = None, latest: dt.date | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.earliest, self.latest = earliest, latest

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "w-8", "inputmode": "text", "placeholder": _("ngày/tháng/năm")}

    def prepare_value(self, value: Any) -> Any:
        return format_date(value) if isinstance(value, dt.date) else value

    def to_python(self, value: Any) -> dt.date | None:
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        text = clean(str(value or ""))
        if not text:
            return None
        try:
            return parse_date(text)
        except BadDate as bad:
            raise self._fault(_DATE_MESSAGES[bad.fault], bad.fault.value) from None

    def validate(self, value: dt.date | None) -> None:
        if value is None:
            if self.required:
                raise self._fault(
                    self.error_messages["required"], "required", label=_lower(self._name)
                )
            return
        if self.earliest and value < self.earliest:
            raise self._fault(
                _("%(label)s không được trước ngày %(limit)s."),
                "too_early",
                limit=format_date(self.earliest),
            )
        if self.latest and value > self.latest:
            raise self._fault(
                _("%(label)s không được sau ngày %(limit)s."),
                "too_late",
                limit=format_date(self.latest),
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class VnDecimalField(_Named, forms.Field):
    """A number typed as 1.234,5: a point groups thousands, a comma begins the decimals.

    `places` is how many decimals may be typed; more is refused, never rounded in silence.
    """

    widget = VnTextInput
    default_error_messages = {"required": _("Nhập %(label)s.")}

    def __init__(
        self,
        *,
        places: int = 2,
        smallest: Decimal | int | None = None,
        largest: Decimal | int | None = None,
        **kwargs: Any,
    ) -> None:
        self.places, self.smallest, self.largest = places, smallest, largest
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"class": "w-8 input-num", "inputmode": "decimal" if self.places else "numeric"}

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
            text = format_number(value)
            return text.rstrip("0").rstrip(",") if "," in text else text
        return value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, Decimal | int | float):
            return Decimal(str(value))
        text = clean(str(value or ""))
        if not text:
            return None
        try:
            number = parse_number(text)
        except BadNumber as bad:
            raise self._bad_number(bad) from None
        exponent = number.as_tuple().exponent
        decimals = -exponent if isinstance(exponent, int) else 0
        if decimals > self.places:
            raise self._too_precise(number, text)
        return number

    def validate(self, value: Any) -> None:
        if value is None:
            if self.required:
                raise self._fault(
                    self.error_messages["required"], "required", label=_lower(self._name)
                )
            return
        if self.smallest is not None and value < self.smallest:
            raise self._fault(
                _("%(label)s phải từ %(limit)s trở lên."),
                "too_small",
                limit=format_number(self.smallest),
            )
        if self.largest is not None and value > self.largest:
            raise self._fault(
                _("%(label)s phải từ %(limit)s trở xuống."),
                "too_large",
                limit=format_number(self.largest),
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def _bad_number(self, bad: BadNumber) -> ValidationError:
        if bad.fault is NumberFault.NOT_A_NUMBER:
            example = "1.234,5" if self.places else "1.234"
            return self._fault(
                _("%(label)s phải là số, ví dụ %(example)s."), bad.fault.value, example=example
            )
        if bad.fault is NumberFault.POINT_FOR_DECIMALS and self.places and bad.suggestion:
            return self._fault(
                _(
                    "%(label)s viết “%(text)s” chưa rõ: dấu chấm ngăn hàng nghìn. "
                    "Nếu là phần thập phân, viết %(suggestion)s."
                ),
                bad.fault.value, text=bad.text, suggestion=bad.suggestion,
            )  # fmt: skip
        if bad.suggestion and ("," not in bad.suggestion or self.places):
            return self._fault(
                _(
                    "%(label)s viết “%(text)s” chưa rõ: dấu chấm ngăn hàng nghìn, dấu phẩy ngăn "
                    "phần thập phân. Có phải bạn muốn viết %(suggestion)s?"
                ),
                bad.fault.value, text=bad.text, suggestion=bad.suggestion,
            )  # fmt: skip
        return self._fault(
            _("%(label)s viết “%(text)s” chưa rõ: mỗi dấu chấm ngăn đúng ba chữ số, ví dụ 1.234."),
            bad.fault.value, text=bad.text,
        )  # fmt: skip

    def _too_precise(self, number: Decimal, text: str) -> ValidationError:
        as_thousands = format_number(Decimal(text.replace(",", "").replace(".", "") or 0))
        if text.count(",") == 1 and len(text.partition(",")[2]) == 3 and "." not in text:
            message = _(
                "%(label)s viết “%(text)s” chưa rõ: dấu phẩy ngăn phần thập phân. "
                "Nếu là hàng nghìn, viết %(suggestion)s."
            )
            return self._fault(message, "ambiguous", text=text, suggestion=as_thousands)
        if self.places == 0:
            return self._fault(_("%(label)s phải là số nguyên, ví dụ 1.234."), "not_whole")
        return self._fault(
            _("%(label)s có tối đa %(places)s chữ số sau dấu phẩy."),
            "too_precise",
            places=self.places,
        )


class VnIntegerField(VnDecimalField):
    """A whole number: 1.234 is one thousand two hundred and thirty-four."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(places=0, **kwargs)

    def to_python(self, value: Any) -> int | None:
        number = super().to_python(value)
        return None if number is None else int(number)


class VnFileField(_Named, forms.FileField):
    """A file with its kinds and size said before and checked after. Contents are checked by `files`."""

    default_error_messages = {
        "required": _("Chọn tệp cho mục “%(label)s”."),
        "empty": _("Tệp “%(name)s” rỗng. Mở lại tệp trên máy để kiểm tra rồi chọn lại."),
        "kind": _("Tệp “%(name)s” không thuộc loại nhận được: %(kinds)s."),
        "too_big": _(
            "Tệp “%(name)s” nặng %(size)s, tối đa %(limit)s. Hãy giảm dung lượng hoặc tách tệp."
        ),
    }

    def __init__(
        self, *, kinds: Sequence[str] = (), max_megabytes: int = 50, **kwargs: Any
    ) -> None:
        self.kinds = tuple(kind.lower().lstrip(".") for kind in kinds)
        self.max_megabytes = max_megabytes
        kwargs.setdefault("widget", forms.FileInput)
        if "help_text" not in kwargs:
            kwargs["help_text"] = _file_hint(self.kinds, max_megabytes)
        super().__init__(**kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if self.kinds:
            attrs["accept"] = ",".join(f".{kind}" for kind in self.kinds)
        attrs["data-max-bytes"] = str(self.max_megabytes * 1024 * 1024)
        return attrs

    def to_python(self, data: Any) -> UploadedFile[Any] | None:
        if data in self.empty_values:
            return None
        upload: UploadedFile[Any] = data
        name, size = clean(str(upload.name or "")), int(upload.size or 0)
        if not size:
            raise self._fault(self.error_messages["empty"], "empty", name=name)
        if self.kinds and name.rpartition(".")[2].lower() not in self.kinds:
            kinds = ", ".join(kind.upper() for kind in self.kinds)
            raise self._fault(self.error_messages["kind"], "kind", name=name, kinds=kinds)
        if size > self.max_megabytes * 1024 * 1024:
            raise self._fault(
                self.error_messages["too_big"],
                "too_big",
                name=name,
                size=f"{format_number(Decimal(size) / 1024 / 1024, 1)} MB",
                limit=f"{self.max_megabytes} MB",
            )
        upload.name = name
        return upload

    def validate(self, value: Any) -> None:
        if self.required and value in self.empty_values:
            raise self._fault(self.error_messages["required"], "required")


def _file_hint(kinds: Sequence[str], max_megabytes: int) -> Text:
    listed = ", ".join(kind.upper() for kind in kinds)
    message = _("{kinds}, tối đa {limit} MB.") if kinds else _("Tối đa {limit} MB.")
    return format_lazy(message, kinds=listed, limit=max_megabytes)


def _lower(label: str) -> str:
    """The label inside a sentence: "Hạn nộp" → "hạn nộp", but "UBND tỉnh" stays."""
    return label if label[:2].isupper() and label[1:2].isalpha() else label[:1].lower() + label[1:]
