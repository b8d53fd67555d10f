from django.urls import path

from chuan.core.legal.web import views

app_name = "legal"
urlpatterns = [
    path("", views.list_sources, name="list"),
    path("<int:source_id>/", views.show_source, name="show"),
    path("<int:source_id>/doi-chieu/", views.confirm_source, name="confirm"),
]
