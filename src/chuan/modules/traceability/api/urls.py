from django.urls import path, re_path

from chuan.modules.traceability.api import description, named, subscriptions, trace, views

app_name = "epcis"

urlpatterns = [
    path("", views.start, name="start"),
    path("openapi.json", description.describe, name="description"),
    path("capture", views.capture, name="capture"),
    path("capture/<str:capture_id>", views.capture_job, name="capture-job"),
    path("events", views.events, name="events"),
    path("events/<path:event_uri>", views.event, name="event"),
    path("eventTypes", views.event_types, name="event-types"),
    path("eventTypes/<str:value>", views.event_type, name="event-type"),
    path("eventTypes/<str:value>/events", views.events_of_type, name="events-of-type"),
    path("queries", named.queries, name="queries"),
    path("queries/<str:query_name>", named.query, name="query"),
    path("queries/<str:query_name>/events", named.events_of_query, name="events-of-query"),
    path(
        "queries/<str:query_name>/subscriptions", subscriptions.subscriptions, name="subscriptions"
    ),
    path(
        "queries/<str:query_name>/subscriptions/<str:subscription_id>",
        subscriptions.subscription,
        name="subscription",
    ),
    path("trace/<path:epc>", trace.trace, name="trace"),
    path("nextPageToken/<str:token>", views.next_page_token, name="next-page-token"),
]
for name, view in views.lists.items():
    urlpatterns += [
        path(name, view, name=name),
        # Identifiers are links, with slashes of their own.
        re_path(
            rf"^{name}/(?P<value>.+)/events$", views.member_events[name], name=f"{name}-events"
        ),
        path(f"{name}/<path:value>", views.members[name], name=f"{name}-one"),
    ]
urlpatterns.append(path("<path:rest>", views.nowhere, name="nowhere"))
