from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OverviewConfig(AppConfig):
    name = "chuan.flows.overview"
    label = "overview"

    def ready(self) -> None:
        from chuan.core.ui import navigation  # noqa: PLC0415 - apps are ready here
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.modules.plans import facade as plans  # noqa: PLC0415

        navigation.add(
            Item(
                Section.WORK,
                _("Tổng quan"),
                "chart-bar",
                "overview:home",
                visible=plans.may_see_plans,
                order=15,
            )
        )
