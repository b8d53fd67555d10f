from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LegalConfig(AppConfig):
    name = "chuan.core.legal"
    label = "legal"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 -- apps are ready only now
        from chuan.core.legal.queries import find_sources  # noqa: PLC0415
        from chuan.core.ui import (  # noqa: PLC0415
            finding,
            navigation,
        )
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415

        navigation.add(
            Item(
                Section.SYSTEM,
                _("Căn cứ pháp lý"),
                "gavel",
                "legal:list",
                order=20,
                covers=("legal",),
            )
        )

        titles.register_all(
            {
                "legal.source_added": _("Thêm căn cứ pháp lý"),
                "legal.source_confirmed": _("Xác nhận đã đối chiếu căn cứ pháp lý"),
                "legal.source_loaded": _("Nạp căn cứ pháp lý"),
                "legal.sources_related": _("Ghi quan hệ giữa các căn cứ pháp lý"),
                "legal.parameter_set": _("Đặt giá trị tham số pháp lý"),
                "legal.parameter_loaded": _("Nạp tham số pháp lý"),
            },
            administrative=True,
        )
        finding.add(finding.Finder("law", _("Căn cứ pháp lý"), "gavel", find_sources, order=80))
