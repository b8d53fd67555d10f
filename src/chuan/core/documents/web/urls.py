from django.urls import path

from chuan.core.documents.web import views

app_name = "documents"
urlpatterns = [
    path("", views.list_documents, name="list"),
    path("vao-so/", views.register_document, name="register"),
    path("day-so/", views.list_series, name="series"),
    path("<int:document_id>/", views.show_document, name="show"),
    path("<int:document_id>/sua/", views.correct_document, name="correct"),
    path("<int:document_id>/tep/", views.attach_file, name="attach"),
    path("<int:document_id>/quan-he/", views.relate, name="relate"),
    path("<int:document_id>/cap-so/", views.issue_document, name="issue"),
    path("<int:document_id>/huy/", views.cancel_document, name="cancel"),
]
