from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    name = "chuan.core.notices"
    label = "notices"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415
        from chuan.core.notices.queries import unread_count  # noqa: PLC0415
        from chuan.core.notices.rules import mend_outbox  # noqa: PLC0415
        from chuan.core.ui import navigation, status  # noqa: PLC0415
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.core.ui.status import Status  # noqa: PLC0415

        titles.register("notices.letter_sent_again", _("Gửi lại thư"))
        titles.register("notices.mail_chosen", _("Chọn cách nhận thư"))
        navigation.set_bell("notices:inbox", count=unread_count)
        group = _("Thư đi")
        for known in [
            Status("mail_waiting", _("Chờ gửi"), "info", "clock", group),
            Status("mail_sending", _("Đang gửi"), "info", "send", group),
            Status("mail_sent", _("Đã gửi"), "done", "check", group),
            Status("mail_failed", _("Không gửi được"), "bad", "alert-circle", group),
        ]:
            status.add(known)
        navigation.add(
            Item(
                Section.SYSTEM,
                _("Thư đi"),
                "mail",
                "notices:mail",
                visible=mend_outbox.allows,
                order=30,
            )
        )
