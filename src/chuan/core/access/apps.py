from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "chuan.core.access"
    label = "access"
