from django.urls import path

from chuan.core.notices.web import views

app_name = "notices"
urlpatterns = [
    path("", views.show_inbox, name="inbox"),
    path("<int:notice_id>/mo/", views.open_notice, name="open"),
    path("<int:notice_id>/da-doc/", views.mark_read, name="mark_read"),
    path("da-doc-het/", views.mark_all_read, name="mark_all_read"),
    path("thu-di/", views.list_mail, name="mail"),
    path("thu-di/<int:letter_id>/gui-lai/", views.send_again, name="send_again"),
]
