from django.urls import path

from chuan.core.orgs.web import consequences, events, keys, reform, views

app_name = "orgs"

_EVENT = "su-kien/<int:event_id>/"
_REFORM = "su-kien/bang/<int:reform_id>/"

urlpatterns = [
    path("", views.list_organisations, name="list"),
    path("nhom/", views.list_groups, name="groups"),
    path("nhom/<slug:code>/", views.show_group, name="group"),
    path("<int:organisation_id>/", views.show_organisation, name="show"),
    path("su-kien/", events.list_events, name="events"),
    path("su-kien/moi/", events.new_event, name="new_event"),
    path("su-kien/bang/", reform.list_reforms, name="reforms"),
    path("su-kien/bang/moi/", reform.new_reform, name="new_reform"),
    path(_REFORM, reform.show_reform, name="reform"),
    path(f"{_REFORM}bo/", reform.abandon_reform, name="abandon_reform"),
    path(f"{_REFORM}tinh/<str:code>/", reform.show_province, name="reform_province"),
    path(_EVENT, events.show_event, name="event"),
    path(f"{_EVENT}phan-bo/<int:organisation_id>/", keys.show_keys, name="keys"),
    path("su-kien/khoa/<int:key_id>/xac-nhan/", keys.confirm_key, name="confirm_key"),
    path("su-kien/khoa/<int:key_id>/bo/", keys.end_key, name="end_key"),
    path(f"{_EVENT}he-qua/<slug:kind>/", consequences.show_consequence, name="event_consequence"),
    path(f"{_EVENT}sua/", events.edit_event, name="edit_event"),
    path(f"{_EVENT}co-quan/", events.edit_bodies, name="event_bodies"),
    path(f"{_EVENT}co-quan/<str:ref>/", events.edit_body, name="event_body"),
    path(f"{_EVENT}ke-thua/", events.edit_links, name="event_links"),
    path(f"{_EVENT}chuyen/", events.propose, name="propose_event"),
    path(f"{_EVENT}tra-lai/", events.hand_back, name="hand_back_event"),
    path(f"{_EVENT}xac-nhan/", events.commit, name="commit_event"),
    path(f"{_EVENT}hoan-tac/", events.reverse_event, name="reverse_event"),
    path(f"{_EVENT}bo/", events.abandon, name="abandon_event"),
    path(f"{_EVENT}lap-lai/", events.redraft, name="redraft_event"),
]
