from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarConfig(AppConfig):
    name = "chuan.core.calendar"
    label = "calendar"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 -- apps are ready only now
        from chuan.core.ui import navigation  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415

        navigation.add(
            Item(
                Section.SYSTEM,
                _("Lịch làm việc"),
                "calendar",
                "calendar:year",
                order=30,
                covers=("calendar",),
            )
        )

        titles.register_all(
            {
                "calendar.day_set": _("Đặt ngày nghỉ, ngày làm bù"),
                "calendar.day_forgotten": _("Bỏ ngày nghỉ, ngày làm bù"),
                "calendar.day_loaded": _("Nạp ngày nghỉ, ngày làm bù"),
            },
            administrative=True,
        )
