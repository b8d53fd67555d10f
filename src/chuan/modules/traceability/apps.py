from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TraceabilityConfig(AppConfig):
    name = "chuan.modules.traceability"
    label = "traceability"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here

        titles.register_all(
            {
                "traceability.key_added": _("Cấp khóa truy cập truy xuất nguồn gốc"),
                "traceability.key_revoked": _("Thu hồi khóa truy cập truy xuất nguồn gốc"),
                "traceability.document_captured": _("Nhận tài liệu sự kiện truy xuất nguồn gốc"),
            }
        )
