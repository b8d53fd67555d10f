from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "chuan.core.ui"
    label = "ui"
