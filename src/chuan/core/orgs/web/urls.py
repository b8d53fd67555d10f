from django.urls import path

from chuan.core.orgs.web import views

app_name = "orgs"
urlpatterns = [
    path("", views.list_organisations, name="list"),
    path("nhom/", views.list_groups, name="groups"),
    path("nhom/<slug:code>/", views.show_group, name="group"),
    path("<int:organisation_id>/", views.show_organisation, name="show"),
]
