"""A form field whose file has been looked into: what is refused is refused at the field."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse_lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chuan.core.files import queries
from chuan.core.files.operations import gone
from chuan.core.files.parsing.inspection import FileRefused, inspect
from chuan.core.files.parsing.kinds import EXTENSIONS
from chuan.core.files.parsing.names import safe_name
from chuan.core.ui.forms import VnFileField

# Kinds by the names people know them by; KINDS has the extensions.
_EVERY_KIND = _(
    "PDF, Word, Excel, PowerPoint, OpenDocument, ảnh (JPG, PNG, WebP, HEIC), TXT hoặc CSV; tối đa "
    "{limit} MB."
)


class UploadField(VnFileField):
    """`UploadField(label=_("Minh chứng"), kinds=("pdf", "docx"))`; every kind we take by default.

    Hand `cleaned_data[…]` to `files.operations.store_upload(name=file.name, content=file)`.
    """

    def __init__(
        self, *, kinds: tuple[str, ...] = EXTENSIONS, is_resumable: bool = False, **kwargs: Any
    ) -> None:
        """`is_resumable`: the page's script may send it in pieces; its view asks `files_of(request)`."""
        self.is_resumable = is_resumable
        megabytes = queries.upload_limit() // 1024 // 1024
        if kinds == EXTENSIONS:
            kwargs.setdefault("help_text", format_lazy(_EVERY_KIND, limit=megabytes))
        super().__init__(kinds=kinds, max_megabytes=megabytes, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        if self.is_resumable:
            attrs["data-resumable"] = reverse_lazy("files:begin")
        return attrs

    def to_python(self, data: Any) -> UploadedFile[Any] | None:
        if isinstance(data, queries.LostFile):
            raise ValidationError(gone(), code="gone")
        upload = super().to_python(data)
        if upload is None:
            return None
        upload.name = safe_name(upload.name or "")
        try:
            inspect(upload.name, upload, limit=queries.upload_limit())  # type: ignore[arg-type]
        except FileRefused as refused:
            raise ValidationError(str(refused), code="refused") from None
        return upload
