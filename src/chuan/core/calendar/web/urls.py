from django.urls import path

from chuan.core.calendar.web import views

app_name = "calendar"
urlpatterns = [path("", views.show_year, name="year")]
