from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from chuan.core.people.models import Person


class DocumentsConfig(AppConfig):
    name = "chuan.core.documents"
    label = "documents"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415
        from chuan.core.documents.queries import (  # noqa: PLC0415
            find_documents,
            may_read_file,
        )
        from chuan.core.documents.rules import KEEPERS, READERS  # noqa: PLC0415
        from chuan.core.files.rules import let_read  # noqa: PLC0415
        from chuan.core.ui import (  # noqa: PLC0415
            finding,
            navigation,
            status,
        )
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.core.ui.status import Status  # noqa: PLC0415

        def sees_documents(person: Person) -> bool:
            return person.holds(*KEEPERS, *READERS)

        let_read("documents", may_read_file)
        titles.register_all(
            {
                "documents.registered": _("Vào sổ văn bản đến"),
                "documents.drafted": _("Soạn dự thảo văn bản"),
                "documents.file_attached": _("Đính kèm tệp vào văn bản"),
                "documents.related": _("Ghi quan hệ giữa các văn bản"),
                "documents.corrected": _("Sửa thông tin văn bản"),
                "documents.held_back": _("Tạm chưa cho cấp số văn bản"),
                "documents.let_go": _("Cho cấp số văn bản"),
                "documents.issued": _("Ban hành văn bản"),
                "documents.cancelled": _("Hủy văn bản"),
                "documents.series_continued": _("Tiếp tục dãy số văn bản"),
            }
        )
        group = _("Văn bản")
        for known in [
            Status("document_draft", _("Dự thảo"), "accent", "pencil", group),
            Status("document_unnumbered", _("Chờ cấp số"), "info", "hash", group),
            Status("document_issued", _("Đã ban hành"), "done", "check", group),
            Status("document_received", _("Văn bản đến"), "", "inbox", group),
            Status("document_cancelled", _("Đã hủy"), "line", "ban", group),
        ]:
            status.add(known)
        navigation.add(
            Item(
                Section.WORK,
                _("Văn bản"),
                "archive",
                "documents:list",
                visible=sees_documents,
                order=60,
                covers=("documents",),
            )
        )
        finding.add(
            finding.Finder("documents", _("Văn bản"), "archive", find_documents, sees_documents, 40)
        )
