from django.apps import AppConfig


class LegalConfig(AppConfig):
    name = "chuan.core.legal"
    label = "legal"
