from django.urls import path

from chuan.core.audit.web import views

app_name = "audit"
urlpatterns = [path("", views.list_entries, name="list")]
