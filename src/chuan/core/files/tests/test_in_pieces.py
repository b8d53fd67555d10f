"""Files that come in pieces: one's own only, checked twice, taken once, swept."""

import base64
import hashlib
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from chuan.core.files import operations, queries, store
from chuan.core.files.models import PartialUpload, Upload
from chuan.core.files.operations import MOST_PARTIAL, PARTIAL_KEPT_FOR, WrongOffset
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.tasks import sweep_partial_uploads
from chuan.core.files.testing import EXE, PDF
from chuan.core.files.web.fields import UploadField
from chuan.core.files.web.resumable import MOST_AT_ONCE, SENT_BEFORE
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.core.ui.forms import Form
from chuan.lib.rules import Denied

pytestmark = pytest.mark.django_db
SIZE = len(PDF)
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"


@pytest.fixture
def person():
    return PersonFactory(role=Role.UNIT_CLERK)


def begin(person, name="a.pdf", size=SIZE, sha256=SHA):
    return operations.begin_upload(
        actor=person, name=name, size=size, sha256=sha256, at=timezone.now()
    )


def go_on(person, partial, offset, content):
    return operations.continue_upload(
        actor=person, partial=partial, offset=offset, content=content, at=timezone.now()
    )


def whole(person, name="a.pdf", content=PDF):
    digest = hashlib.sha256(content).hexdigest()
    return go_on(person, begin(person, name, len(content), digest), 0, content)


@pytest.fixture
def resumed():
    """`resumed(person, partial)`: the file a form would get; closed after the test."""
    opened = []

    def ask(person, key):
        opened.append(queries.resumed_file(person, getattr(getattr(key, "pk", key), "hex", key)))
        return opened[-1]

    yield ask
    for file in opened:
        file.close()


def lying_there():
    return sorted(path.name for path in store.parts())


def test_pieces_make_the_file_that_was_sent(person, resumed):
    partial = begin(person)
    for at in range(0, len(PDF), 10):
        partial = go_on(person, partial, at, PDF[at : at + 10])

    upload = operations.store_upload(actor=person, name="a.pdf", content=resumed(person, partial))

    assert (upload.file.sha256, queries.read_bytes(upload)) == (SHA, PDF)


def test_what_was_taken_is_not_on_its_way_any_more(
    person, resumed, django_capture_on_commit_callbacks
):
    partial = whole(person)
    with django_capture_on_commit_callbacks(execute=True):
        operations.store_upload(actor=person, name="a.pdf", content=resumed(person, partial))

    assert not PartialUpload.objects.exists()
    assert lying_there() == []


def test_of_two_forms_with_the_same_file_the_second_finds_it_gone(person, resumed):
    partial = whole(person)
    one, other = (resumed(person, partial) for _time in range(2))

    operations.store_upload(actor=person, name="a.pdf", content=one)
    with pytest.raises(FileRefused, match="có thể đã được nhận"):
        operations.store_upload(actor=person, name="a.pdf", content=other)

    assert Upload.objects.count() == 1


def test_a_piece_goes_where_the_last_one_ended(person):
    partial = go_on(person, begin(person), 0, PDF[:20])

    for offset in (0, 10, 30):
        with pytest.raises(WrongOffset) as wrong:
            go_on(person, partial, offset, PDF[20:])
        assert wrong.value.received == 20


def test_what_a_broken_write_left_behind_is_cut_off(person):
    partial = go_on(person, begin(person), 0, PDF[:20])
    store.append(partial.pk.hex, 20, b"never told to the database")

    partial = go_on(person, partial, 20, PDF[20:])

    with store.open_part(partial.pk.hex) as content:
        assert content.read() == PDF


@pytest.mark.parametrize(
    ("name", "size", "said"),
    [("a.exe", 10, "không thuộc loại"), ("a.pdf", 0, "rỗng"), ("a.pdf", 10**9, "nặng hơn")],
)
def test_what_name_and_size_tell_is_refused_before_anything_travels(person, name, size, said):
    with pytest.raises(FileRefused, match=said):
        begin(person, name, size)

    assert not PartialUpload.objects.exists()


@pytest.mark.parametrize(
    ("content", "sha256", "said"),
    [
        (EXE, hashlib.sha256(EXE).hexdigest(), "Windows"),
        (PDF, hashlib.sha256(b"khac").hexdigest(), "hỏng trên đường truyền"),
    ],
)
def test_a_whole_file_that_is_not_what_it_should_be_is_gone(person, content, sha256, said):
    partial = begin(person, size=len(content), sha256=sha256)

    with pytest.raises(FileRefused, match=said):
        go_on(person, partial, 0, content)

    assert not PartialUpload.objects.exists()
    assert lying_there() == []


def test_more_than_was_announced_is_refused_and_gone(person):
    partial = begin(person, size=10)

    with pytest.raises(FileRefused, match="dài hơn đã báo"):
        go_on(person, partial, 0, PDF)

    assert not PartialUpload.objects.exists()


def test_nobody_has_more_than_so_many_files_or_bytes_on_the_way(person, settings):
    for _number in range(MOST_PARTIAL):
        begin(person)
    with pytest.raises(FileRefused, match="quá nhiều tệp gửi dở"):
        begin(person)
    begin(PersonFactory(role=Role.UNIT_CLERK))

    other = PersonFactory(role=Role.UNIT_CLERK)
    for _number in range(4):
        begin(other, size=settings.CHUAN_UPLOAD_LIMIT)
    with pytest.raises(FileRefused, match="quá nhiều tệp gửi dở"):
        begin(other, size=1)


def test_a_file_on_its_way_is_its_senders_alone(person, resumed):
    partial, stranger = whole(person), PersonFactory(role=Role.UNIT_CLERK)

    with pytest.raises(Denied, match="người khác"):
        go_on(stranger, partial, 0, b"x")
    with pytest.raises(Denied, match="người khác"):
        operations.cancel_upload(actor=stranger, partial=partial)
    assert isinstance(resumed(stranger, partial), queries.LostFile)
    assert isinstance(resumed(person, partial), queries.ResumedFile)


def test_who_has_no_role_sends_nothing():
    with pytest.raises(Denied, match="chưa có vai trò"):
        begin(PersonFactory(role=None))


@pytest.mark.parametrize("key", ["", "x", "0500a0be4ac44651ade5a135f31fd55a", "../../etc/passwd"])
def test_a_key_of_nothing_gives_a_lost_file(person, resumed, key):
    assert isinstance(resumed(person, key), queries.LostFile)


def test_a_half_sent_file_is_not_taken(person, resumed):
    partial = go_on(person, begin(person), 0, PDF[:20])

    assert isinstance(resumed(person, partial), queries.LostFile)


def test_files_nobody_comes_back_to_are_swept_and_others_stay(person):
    with time_machine.travel(timezone.now() - PARTIAL_KEPT_FOR - timedelta(hours=1)):
        old = go_on(person, begin(person), 0, PDF[:20])
    fresh = go_on(person, begin(person), 0, PDF[:20])
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        sweep_partial_uploads()
    assert list(PartialUpload.objects.all()) == [fresh]
    assert old.pk.hex in lying_there()  # young bytes stay: a row may be on its way

    with time_machine.travel(timezone.now() + PARTIAL_KEPT_FOR + timedelta(hours=1)):
        sweep_partial_uploads()
    assert lying_there() == []


@pytest.mark.django_db(transaction=True)
def test_the_same_piece_sent_twice_at_once_is_kept_once(person):
    partial, outcomes = begin(person), []

    def send():
        try:
            outcomes.append(go_on(person, partial, 0, PDF[:20]).received)
        except WrongOffset as wrong:
            outcomes.append(-wrong.received)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [-20, 20]


# ---------------------------------------------------------------- over HTTP


def metadata(**told):
    pairs = (f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in told.items())
    return ",".join(pairs)


@pytest.fixture
def phone(client, person):
    client.force_login(person)
    return client


def announce(phone, name="ảnh.pdf", size=SIZE, sha256=SHA):
    return phone.post(
        "/tep/gui/",
        headers={
            "Upload-Length": str(size),
            "Upload-Metadata": metadata(filename=name, sha256=sha256),
            "Tus-Resumable": "1.0.0",
        },
    )


def patch(phone, url, offset, content, **headers):
    return phone.patch(
        url,
        content,
        content_type=headers.pop("content_type", "application/offset+octet-stream"),
        headers={"Upload-Offset": str(offset), **headers},
    )


def test_a_file_travels_as_tus_has_it(phone, person):
    url = announce(phone)["Location"]
    assert phone.head(url)["Upload-Offset"] == "0"
    assert patch(phone, url, 0, PDF[:20])["Upload-Offset"] == "20"
    assert phone.head(url)["Upload-Offset"] == "20"
    conflict = patch(phone, url, 0, PDF[:20])
    assert (conflict.status_code, conflict["Upload-Offset"]) == (409, "20")
    assert patch(phone, url, 20, PDF[20:]).status_code == 204
    assert PartialUpload.objects.get().name == "ảnh.pdf"

    options = phone.options("/tep/gui/")
    assert options["Tus-Extension"] == "creation,termination"


def test_giving_up_takes_everything_away(phone, django_capture_on_commit_callbacks):
    url = announce(phone)["Location"]
    patch(phone, url, 0, PDF[:20])
    with django_capture_on_commit_callbacks(execute=True):
        assert phone.delete(url).status_code == 204

    assert phone.head(url).status_code == 404
    assert lying_there() == []


def test_why_a_file_is_refused_is_told_in_words(phone):
    too_big, wrong_kind = announce(phone, size=10**9), announce(phone, "a.exe")

    assert (too_big.status_code, wrong_kind.status_code) == (413, 422)
    assert "nặng hơn 50 MB" in too_big.json()["error"]
    url = announce(phone, size=len(EXE), sha256="")["Location"]
    assert "Windows" in patch(phone, url, 0, EXE).json()["error"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "x"}, 400),
        ({"content_type": "text/plain"}, 415),
        ({"Content-Length": str(MOST_AT_ONCE + 1)}, 400),
    ],
)
def test_a_piece_that_is_no_piece_is_refused(phone, headers, status):
    url = announce(phone)["Location"]

    assert patch(phone, url, 0, b"x", **headers).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Upload-Length": "10"},
        {"Upload-Length": "-1", "Upload-Metadata": metadata(filename="a.pdf")},
        {"Upload-Length": "10", "Upload-Metadata": "filename ***"},
        {"Upload-Length": "10", "Upload-Metadata": metadata(filename="a.pdf", sha256="../x")},
    ],
)
def test_an_announcement_that_says_nothing_is_refused(phone, headers):
    assert phone.post("/tep/gui/", headers=headers).status_code == 400


def test_somebody_elses_file_does_not_exist(phone, client):
    url = announce(phone)["Location"]
    client.force_login(PersonFactory(role=Role.UNIT_CLERK))

    answers = [client.head(url), patch(client, url, 0, b"x"), client.delete(url)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


class FileForm(Form):
    content = UploadField(label="Tệp", required=False, is_resumable=True)


def test_only_a_field_that_says_so_is_sent_in_pieces():
    class Plain(Form):
        content = UploadField(label="Tệp")

    assert 'data-resumable="/tep/gui/"' in str(FileForm()["content"])
    assert "data-resumable" not in str(Plain()["content"])


def test_a_form_whose_file_is_gone_says_what_to_do():
    form = FileForm({}, {"content": queries.LostFile()})

    assert not form.is_valid()
    assert "có thể đã được nhận" in form.errors["content"][0]
    assert SENT_BEFORE == "__gui-truoc"
