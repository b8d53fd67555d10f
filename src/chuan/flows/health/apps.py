from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "chuan.flows.health"
    label = "health"

    def ready(self) -> None:
        from chuan.core.ui import navigation  # noqa: PLC0415 - apps are ready here
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.flows.health import rules  # noqa: PLC0415

        navigation.add(
            Item(
                Section.SYSTEM,
                _("Sức khỏe hệ thống"),
                "server",
                "health:show",
                visible=rules.see_health.allows,
                order=40,
            )
        )
