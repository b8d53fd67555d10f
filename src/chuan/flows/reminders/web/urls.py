from django.urls import path

from chuan.flows.reminders.web import views

app_name = "reminders"
urlpatterns = [
    path("nhac-viec/", views.show_mine, name="mine"),
    path("nhac-viec/lich/", views.make_feed, name="make_feed"),
    path("nhac-viec/lich/thu-hoi/", views.withdraw_feed, name="withdraw_feed"),
    path("lich-han/<str:key>.ics", views.show_calendar, name="calendar"),
    path("nhac-viec/<int:digest_id>/", views.show_digest, name="digest"),
]
