import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from chuan.core.files import rules, store
from chuan.core.files.testing import PDF, UploadFactory
from chuan.core.files.web.fields import UploadField
from chuan.core.people.testing import PersonFactory
from chuan.core.ui.forms import Form
from chuan.lib.registry import Registry
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


@pytest.fixture
def readers(monkeypatch):
    """Nobody may read anything until the test says so."""
    monkeypatch.setattr(rules, "_readers", Registry(of="reader of files"))


def body(response):
    return b"".join(response.streaming_content)


def test_a_file_nobody_answers_for_is_open_to_nobody_not_even_its_sender(client, readers):
    upload = UploadFactory()
    client.force_login(upload.uploaded_by)

    assert client.get(f"/tep/{upload.pk}/").status_code == 404
    with pytest.raises(Denied, match="không có quyền"):
        rules.read_file.require(upload.uploaded_by, upload)


def test_whoever_an_app_lets_read_gets_the_bytes(client, readers):
    upload, reader = UploadFactory(name="Quyết định.pdf"), PersonFactory()
    rules.let_read("one", lambda person, asked: False)
    rules.let_read("two", lambda person, asked: (person, asked) == (reader, upload))
    client.force_login(reader)

    page = client.get(f"/tep/{upload.pk}/")

    assert body(page) == PDF
    assert page.headers["Content-Type"] == "application/pdf"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Cache-Control"] == "private, no-cache"
    assert page.headers["Content-Disposition"] == (
        "inline; filename*=utf-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf"
    )
    client.force_login(PersonFactory())
    assert client.get(f"/tep/{upload.pk}/").status_code == 404


@pytest.fixture
def open_to_all(readers):
    rules.let_read("everybody", lambda person, upload: True)


@pytest.mark.parametrize(
    ("name", "query", "disposition"),
    [
        ("a.pdf", "", "inline"),
        ("a.pdf", "?tai=1", "attachment"),
        ("a.png", "", "inline"),
        ("a.docx", "", "attachment"),
        ("a.txt", "", "attachment"),
        ("a.heic", "", "attachment"),
    ],
)
def test_only_pdf_and_pictures_open_in_the_browser(client, open_to_all, name, query, disposition):
    upload = UploadFactory(name=name)
    client.force_login(PersonFactory())

    page = client.get(f"/tep/{upload.pk}/{query}")

    assert page.headers["Content-Disposition"] == f'{disposition}; filename="{name}"'
    body(page)


def test_a_browser_that_has_the_file_is_told_so(client, open_to_all):
    upload = UploadFactory()
    client.force_login(PersonFactory())
    etag = f'"{upload.file.sha256}"'

    page = client.get(f"/tep/{upload.pk}/", headers={"if-none-match": etag})

    assert page.status_code == 304
    assert page.headers["ETag"] == etag


def test_a_lost_file_is_explained(client, open_to_all):
    upload = UploadFactory(name="Biên bản.pdf")
    store.path_of(upload.file.sha256).unlink()
    client.force_login(PersonFactory())

    page = client.get(f"/tep/{upload.pk}/")

    assert page.status_code == 410
    assert "không còn nội dung của tệp “Biên bản.pdf”" in page.content.decode()


def test_a_file_field_refuses_at_the_field():
    class EvidenceForm(Form):
        evidence = UploadField(label="Minh chứng")

    wrong = SimpleUploadedFile("a.pdf", b"MZ\x90\0")
    form = EvidenceForm({}, {"evidence": wrong})
    assert not form.is_valid()
    assert "chương trình chạy trên Windows" in form.errors["evidence"][0]

    right = EvidenceForm({}, {"evidence": SimpleUploadedFile("C:\\a.pdf", PDF)})
    assert right.is_valid()
    assert right.cleaned_data["evidence"].read() == PDF
