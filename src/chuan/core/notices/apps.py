from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "chuan.core.notices"
    label = "notices"
