from django.urls import path

from chuan.flows.reminders.web import views

app_name = "reminders"
urlpatterns = [
    path("nhac-viec/", views.show_mine, name="mine"),
    path("nhac-viec/<int:digest_id>/", views.show_digest, name="digest"),
]
