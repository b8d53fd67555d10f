"""Reading is safe, and a refusal explains itself."""

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory, override_settings
from django.urls import path
from django.utils.translation import get_language

from chuan.core.ui.middleware import ChosenLanguage, ExplainDenied, WroteWhileReading, writes_on_get
from chuan.lib.rules import Denied


def run(sql, params=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    return HttpResponse(b"done")


def careless(request):
    ContentType.objects.create(app_label="made", model="by a page view")
    return HttpResponse()


@writes_on_get
def forced(request):
    return careless(request)


def refused(request):
    raise Denied("Chỉ người đứng đầu cơ quan được gửi báo cáo.")


def keeps_a_note_in_the_session(request):
    request.session["here"] = 1
    request.session.save()
    return HttpResponse()


urlpatterns = [
    path("careless/", careless),
    path("forced/", forced),
    path("session/", keeps_a_note_in_the_session),
    path("sql/", lambda request: run(request.GET["sql"])),
]
ONLY = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "chuan.core.ui.middleware.ExplainDenied",
    "chuan.core.ui.middleware.ReadsDoNotWrite",
]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def small_site():
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=ONLY):
        yield


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_page_that_writes_while_people_look_is_stopped(client, method):
    with pytest.raises(WroteWhileReading, match="/careless/"), transaction.atomic():
        getattr(client, method)("/careless/")
    assert not ContentType.objects.filter(app_label="made").exists()


def test_a_form_that_is_sent_may_write(client):
    client.post("/careless/")
    assert ContentType.objects.filter(app_label="made").exists()


def test_a_view_that_has_no_choice_is_let_through(client):
    client.get("/forced/")
    assert ContentType.objects.filter(app_label="made").exists()


def test_the_session_is_no_record(client):
    assert client.get("/session/").status_code == 200


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1",
        "  select 'INSERT INTO x' AS \"delete from\"",
        "WITH a AS (SELECT 1) SELECT * FROM a",
        "(SELECT 1) UNION (SELECT 2)",
        "SELECT id FROM django_content_type FOR UPDATE",
        "SELECT 1 AS updated -- UPDATE x SET y",
        "SAVEPOINT s",
        "SET LOCAL statement_timeout = '5s'",
        "DECLARE c NO SCROLL CURSOR FOR SELECT 1",
        "EXPLAIN SELECT 1",
        "SHOW server_version",
    ],
)
def test_reading_is_let_through(client, sql):
    assert client.get("/sql/", {"sql": sql}).status_code == 200


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO django_content_type (app_label, model) VALUES ('a', 'b')",
        "update django_content_type set model = 'x'",
        'DELETE FROM "django_content_type"',
        "WITH gone AS (DELETE FROM django_content_type RETURNING *) SELECT * FROM gone",
        "WITH new AS (UPDATE django_content_type SET model = 'x' RETURNING 1) SELECT 1 FROM new",
        "SELECT * INTO copied FROM django_content_type",
        "SELECT procrastinate_defer_jobs_v1(NULL)",
        "TRUNCATE django_content_type",
        "CREATE TABLE t (x int)",
        "ALTER TABLE django_content_type ADD x int",
        "DROP TABLE django_content_type",
        "MERGE INTO django_content_type t USING (SELECT 1) s ON false WHEN MATCHED THEN DO NOTHING",
        "COPY django_content_type FROM STDIN",
        "LOCK TABLE django_content_type",
    ],
)
def test_writing_in_any_disguise_is_refused(client, sql):
    with pytest.raises(WroteWhileReading), transaction.atomic():
        client.get("/sql/", {"sql": sql})


@override_settings(ROOT_URLCONF="chuan.config.urls")
def test_a_refusal_becomes_a_page_with_its_reason():
    page = ExplainDenied(refused).process_exception(
        RequestFactory().get("/"), Denied("Chỉ người đứng đầu cơ quan được gửi báo cáo.")
    )
    assert page.status_code == 403
    assert "Chỉ người đứng đầu cơ quan được gửi báo cáo." in page.content.decode()


def test_other_failures_stay_failures():
    assert ExplainDenied(refused).process_exception(RequestFactory().get("/"), ValueError()) is None


@pytest.mark.parametrize(
    ("cookie", "language"), [("", "vi"), ("en", "en"), ("xx", "vi")], ids=["none", "chosen", "bad"]
)
def test_the_language_is_vietnamese_unless_the_person_chose_another(cookie, language):
    request = RequestFactory().get("/", headers={"accept-language": "en,fr;q=0.9"})
    if cookie:
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = cookie

    answer = ChosenLanguage(lambda _request: HttpResponse(get_language()))(request)

    assert answer.content.decode() == language
    assert answer.headers["Content-Language"] == language
