from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ArchiveConfig(AppConfig):
    name = "chuan.flows.archive"
    label = "archive"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here
        from chuan.core.ui import navigation  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.flows.archive import rules  # noqa: PLC0415

        navigation.add(
            Item(
                Section.SYSTEM,
                _("Lưu trữ"),
                "package",
                "archive:list",
                visible=rules.see_packages.allows,
                order=60,
            )
        )
        titles.register_all(
            {
                "archive.asked": _("Yêu cầu lập gói lưu trữ"),
                "archive.made": _("Lập xong gói lưu trữ"),
            }
        )
