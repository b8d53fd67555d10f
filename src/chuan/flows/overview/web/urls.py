from django.urls import path

from chuan.flows.overview.web import views

app_name = "overview"
urlpatterns = [
    path("tong-quan/", views.show_home, name="home"),
    path("tong-quan/co-quan/<int:organisation_id>/", views.show_body, name="body"),
    path("tong-quan/thay-doi/", views.show_changes, name="changes"),
    path("tong-quan/cua-toi/", views.show_person, name="person"),
]
