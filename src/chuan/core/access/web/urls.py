from django.urls import path

from chuan.core.access.web import administration, viewing, views

app_name = "access"
urlpatterns = [
    path("", views.show_me, name="me"),
    path("phien/", views.list_sessions, name="sessions"),
    path("phien/<int:session_id>/ket-thuc/", views.end_session, name="end_session"),
    path("phien/ket-thuc-noi-khac/", views.end_other_sessions, name="end_other_sessions"),
    path("uy-quyen/", views.list_delegations, name="delegations"),
    path("uy-quyen/vai-tro/<int:membership_id>/", views.give_delegation, name="give_delegation"),
    path(
        "uy-quyen/<int:delegation_id>/thu-hoi/", views.revoke_delegation, name="revoke_delegation"
    ),
    path("xem-nhu/", viewing.list_viewings, name="viewings"),
    path("xem-nhu/xin/", viewing.ask_to_view, name="ask_to_view"),
    path("xem-nhu/<int:viewing_id>/", viewing.show_viewing, name="viewing"),
    path("xem-nhu/<int:viewing_id>/tra-loi/", viewing.answer_viewing, name="answer_viewing"),
    path("xem-nhu/<int:viewing_id>/bat-dau/", viewing.start_viewing, name="start_viewing"),
    path("xem-nhu/<int:viewing_id>/ket-thuc/", viewing.end_viewing, name="end_viewing"),
    path("nguoi-dung/", administration.list_people, name="people"),
    path("nguoi-dung/them/", administration.add_person, name="add_person"),
    path("nguoi-dung/<int:person_id>/", administration.show_person, name="person"),
    path("nguoi-dung/<int:person_id>/sua/", administration.change_person, name="change_person"),
    path("nguoi-dung/<int:person_id>/khoa/", administration.close_account, name="close_account"),
    path("nguoi-dung/<int:person_id>/mo/", administration.open_account, name="open_account"),
    path("nguoi-dung/<int:person_id>/lien-ket/", administration.hand_out_link, name="make_link"),
    path("nguoi-dung/<int:person_id>/gui-lien-ket/", administration.send_link, name="send_link"),
    path("nguoi-dung/<int:person_id>/vai-tro/", administration.give_role, name="give_role"),
    path(
        "nguoi-dung/<int:person_id>/hai-buoc/",
        administration.reset_second_factor,
        name="reset_second_factor",
    ),
    path("vai-tro/<int:membership_id>/ket-thuc/", administration.end_role, name="end_role"),
]
