from django.apps import AppConfig


class CalendarConfig(AppConfig):
    name = "chuan.core.calendar"
    label = "calendar"
