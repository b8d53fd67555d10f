"""What somebody has typed for an update is not lost on the way to a photo."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from chuan.core.files.testing import PDF
from chuan.modules.plans.models import Evidence, ProgressUpdate, UpdateDraft
from chuan.modules.plans.testing import AssignmentFactory, clerk_of, head_of

pytestmark = pytest.mark.django_db

TYPED = {"narrative": "Đã tập huấn 45 người ở", "achievement": "", "percent": "abc"}


@pytest.fixture
def assignment(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    return AssignmentFactory(year=timezone.localdate().year)


@pytest.fixture
def clerk(assignment, client):
    person = clerk_of(assignment.organisation)
    client.force_login(person)
    return person


def address(name, assignment):
    return reverse(f"plans:{name}", args=[assignment.pk])


def test_a_half_written_update_is_kept_while_a_photo_is_added_and_goes_on_after_it(
    client, assignment, clerk
):
    update = address("post_update", assignment)

    away = client.post(update, {**TYPED, "version": "1", "then": "evidence"})

    assert away.url == address("add_evidence", assignment) + "?tiep=tien-do"
    assert not ProgressUpdate.objects.exists()
    page = client.get(away.url).content.decode()
    assert "đang viết đã được giữ" in page
    assert f'href="{update}"' in page
    shown = {
        "kind": "document",
        "title": "Biên bản",
        "content": SimpleUploadedFile("bien-ban.pdf", PDF),
    }
    back = client.post(away.url, shown)
    assert Evidence.objects.count() == 1
    assert back.url == update
    page = client.get(update).content.decode()
    assert "Bạn đang viết dở" in page
    assert "Đã tập huấn 45 người ở</textarea>" in page
    assert 'value="abc"' in page

    assignment.refresh_from_db()
    told = {"narrative": "Đã tập huấn.", "achievement": "limited", "version": assignment.version}
    assert client.post(update, told).status_code == 302
    assert ProgressUpdate.objects.get().narrative == "Đã tập huấn."
    assert not UpdateDraft.objects.exists()


def test_what_is_written_saves_itself_and_is_read_by_nobody_else(client, assignment, clerk):
    answer = client.post(address("autosave_update", assignment), TYPED)

    assert answer.json()["saved_at"]
    assert UpdateDraft.objects.get().content["narrative"] == TYPED["narrative"]
    client.force_login(head_of(assignment.organisation))
    page = client.get(address("post_update", assignment)).content.decode()
    assert TYPED["narrative"] not in page
    assert "Bạn đang viết dở" not in page


def test_it_is_dropped_when_the_person_says_so(client, assignment, clerk):
    client.post(address("autosave_update", assignment), TYPED)

    client.post(address("post_update", assignment), {"drop": "1"})

    assert not UpdateDraft.objects.exists()


def test_an_update_another_told_since_is_pointed_at(client, assignment, clerk):
    client.post(address("autosave_update", assignment), TYPED)
    assert "Sau lúc đó" not in client.get(address("post_update", assignment)).content.decode()
    ProgressUpdate.objects.create(
        assignment=assignment,
        narrative="Khác",
        achievement="limited",
        made_by=head_of(assignment.organisation),
        made_at=timezone.now() + timedelta(minutes=1),
    )

    assert "Sau lúc đó" in client.get(address("post_update", assignment)).content.decode()


def test_nobody_else_keeps_anything_there(client, assignment):
    other = AssignmentFactory(task=assignment.task)
    client.force_login(clerk_of(other.organisation))

    answer = client.post(address("autosave_update", assignment), TYPED)

    assert answer.status_code in {403, 404}
    assert not UpdateDraft.objects.exists()
