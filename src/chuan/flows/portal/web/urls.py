"""The department's desk; the public pages are in `public_urls`, once for each language."""

from django.urls import path

from chuan.flows.portal.web import desk

app_name = "publishing"
urlpatterns = [
    path("", desk.show_desk, name="desk"),
    path("ke-hoach/<int:plan_id>/", desk.publish_plan, name="plan"),
    path("tong-hop/<int:consolidation_id>/", desk.publish_results, name="results"),
    path("vuong-mac/<int:plan_id>/<int:difficulty_id>/", desk.publish_answer, name="answer"),
    path("go/<int:publication_id>/", desk.withdraw, name="withdraw"),
]
