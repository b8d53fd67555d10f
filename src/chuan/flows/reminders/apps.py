from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RemindersConfig(AppConfig):
    name = "chuan.flows.reminders"
    label = "reminders"

    def ready(self) -> None:
        from chuan.core.access.operations.ways_in import ways_in  # noqa: PLC0415
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here
        from chuan.core.orgs.queries.dependents import Dependents, dependents  # noqa: PLC0415
        from chuan.core.ui import navigation  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.flows.reminders.operations.feeds import shut_feed  # noqa: PLC0415
        from chuan.flows.reminders.queries.hanging import (  # noqa: PLC0415
            reminders_hanging_on,
        )

        dependents.add(
            "reminders.owed",
            Dependents(
                _("Việc đang được nhắc"),
                _(
                    "Ngừng nhắc người của cơ quan kết thúc từ ngày có hiệu lực. Cơ quan tiếp nhận được "
                    "nhắc khi nghĩa vụ đã giao tiếp cho họ."
                ),
                "bell",
                reminders_hanging_on,
                order=40,
            ),
        )
        ways_in.add("reminders.calendar", shut_feed)
        titles.register("reminders.calendar_made", _("Lập địa chỉ lịch"))
        titles.register("reminders.calendar_withdrawn", _("Thu hồi địa chỉ lịch"))
        navigation.add(
            Item(
                Section.ACCOUNT,
                _("Nhắc việc và lịch của tôi"),
                "bell",
                "reminders:mine",
                order=25,
            )
        )
