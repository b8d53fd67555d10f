from django.urls import path

from chuan.modules.traceability.web import chains, events, findings, recalls

app_name = "chains"

_RECALL = "thu-hoi/<int:recall_id>/"

urlpatterns = [
    path("chuoi-hang-hoa/", chains.show_chain, name="chain"),
    path("chuoi-hang-hoa/khong-khop/", findings.list_findings, name="findings"),
    path("chuoi-hang-hoa/khong-khop/<int:finding_id>/", findings.show_finding, name="finding"),
    path("su-kien/", events.list_events, name="events"),
    path("su-kien/<int:event_id>/", events.show_event, name="event"),
    path("su-kien/<int:event_id>/tai/<str:syntax>/", events.download_event, name="event-file"),
    path("thu-hoi/", recalls.list_recalls, name="recalls"),
    path("thu-hoi/moi/", recalls.open_recall, name="open_recall"),
    path(_RECALL, recalls.show_recall, name="recall"),
    path(f"{_RECALL}ma-hang/", recalls.list_items, name="recall_items"),
    path(f"{_RECALL}bao-cao/", recalls.report, name="recall_report"),
    path(f"{_RECALL}truy-tim/", recalls.run_recall, name="run_recall"),
    path(f"{_RECALL}ban-hanh/", recalls.issue_recall, name="issue_recall"),
    path(f"{_RECALL}bo/", recalls.abandon_recall, name="abandon_recall"),
    path(f"{_RECALL}ket-thuc/", recalls.end_recall, name="end_recall"),
    path(f"{_RECALL}thong-bao/", recalls.notify_holders, name="notify_holders"),
    path(f"{_RECALL}ket-qua/", recalls.record_outcome, name="record_outcome"),
]
