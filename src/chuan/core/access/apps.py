from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "chuan.core.access"
    label = "access"

    def ready(self) -> None:
        from chuan.core.access.adapter import ledger  # noqa: F401, PLC0415 - connects its receivers
