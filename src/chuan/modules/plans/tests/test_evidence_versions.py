"""A corrected file takes the place of an earlier one; one file may prove two things."""

from contextlib import closing

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from chuan.core.audit.models import Entry
from chuan.core.files.models import StoredFile
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.files.testing import EXE, PDF, PNG, UploadFactory
from chuan.lib.rules import Denied
from chuan.modules.plans.enums import EvidenceKind
from chuan.modules.plans.models import Evidence
from chuan.modules.plans.operations.progress import replace_evidence, reuse_evidence
from chuan.modules.plans.queries.assignments import proofs
from chuan.modules.plans.testing import (
    AssignmentFactory,
    EvidenceFactory,
    TaskFactory,
    clerk_of,
)
from chuan.modules.plans.tests.test_requests import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_october():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def evidence():
    task = TaskFactory(deliverables=[("Báo cáo", 100, ["document"])])
    return EvidenceFactory(assignment=AssignmentFactory(task=task), upload__content=PDF)


@pytest.fixture
def clerk(evidence):
    return clerk_of(evidence.assignment.organisation)


def replace(evidence, clerk, **fields):
    asked = {"title": "Bản sửa", "name": "sua.png", "content": PNG, "at": NOW}
    return replace_evidence(actor=clerk, evidence=evidence, **(asked | fields))


def test_the_newer_counts_and_the_older_stays_with_its_hash(evidence, clerk):
    before = evidence.upload.file.sha256

    newer = replace(evidence, clerk)

    evidence.refresh_from_db()
    assert (newer.replaces, newer.kind) == (evidence, EvidenceKind.DOCUMENT)
    assert evidence.withdrawn_at == NOW
    assert evidence.upload.file.sha256 == before
    assert StoredFile.objects.filter(sha256=before).exists()
    assert proofs([evidence.assignment])[evidence.assignment_id].percent == 100
    details = Entry.objects.get(action="plans.evidence_replaced").details
    assert (details["before"], details["sha256"]) == (before, newer.upload.file.sha256)


def test_a_version_is_replaced_once_and_the_next_takes_its_place(evidence, clerk):
    second = replace(evidence, clerk)
    third = replace(second, clerk, name="", content=None, link="https://a.vn/ban-3")

    with pytest.raises(Denied, match="thay bằng bản mới"):
        replace(evidence, clerk)
    assert [row.pk for row in Evidence.objects.filter(withdrawn_at__isnull=True)] == [third.pk]


def test_the_very_same_bytes_are_no_new_version(evidence, clerk):
    with pytest.raises(ValidationError, match="giống hệt"):
        replace(evidence, clerk, name="khac.pdf", content=PDF)


def test_a_program_is_refused_and_the_old_one_still_counts(evidence, clerk):
    with pytest.raises(FileRefused):
        replace(evidence, clerk, name="sua.pdf", content=EXE)

    evidence.refresh_from_db()
    assert evidence.withdrawn_at is None


def test_the_page_shows_the_newer_and_leads_to_the_older(evidence, clerk, client):
    client.force_login(clerk)
    client.post(
        reverse("plans:replace_evidence", args=[evidence.pk]),
        {"title": "Bản sửa", "content": SimpleUploadedFile("sua.png", PNG), "link": ""},
    )
    newer = Evidence.objects.get(replaces=evidence)

    text = client.get(reverse("plans:assignment", args=[evidence.assignment_id])).content.decode()

    older_address = reverse("files:download", args=[evidence.upload_id])
    assert reverse("files:download", args=[newer.upload_id]) in text
    assert f'<a href="{older_address}">bản trước, ' in text
    assert "Thay minh chứng: Bản sửa" in text
    assert "Rút minh chứng" not in text
    with closing(client.get(older_address)) as older:
        assert older.getvalue() == PDF


# ---------------------------------------------------------------- the same for another task


def test_one_file_proves_two_tasks_of_the_same_body_without_a_copy(evidence, clerk):
    other = AssignmentFactory(organisation=evidence.assignment.organisation)

    reused = reuse_evidence(actor=clerk, evidence=evidence, assignment=other, at=NOW)

    assert (reused.upload, reused.reused_from) == (evidence.upload, evidence)
    assert StoredFile.objects.count() == 1
    assert proofs([other])[other.pk].percent == 100


def test_evidence_of_another_body_or_withdrawn_or_here_already_is_not_reused(evidence, clerk):
    own = evidence.assignment.organisation
    other = AssignmentFactory(organisation=own)
    refused = [
        (EvidenceFactory(), other),
        (EvidenceFactory(assignment__organisation=own, withdrawn=True), other),
        (evidence, evidence.assignment),
    ]
    for source, target in refused:
        with pytest.raises(ValidationError):
            reuse_evidence(actor=clerk, evidence=source, assignment=target, at=NOW)


def test_what_the_body_showed_elsewhere_is_offered_once_each(evidence, clerk, client):
    own = evidence.assignment.organisation
    target = AssignmentFactory(organisation=own)
    EvidenceFactory(assignment__organisation=own, upload=UploadFactory(content=PDF))
    EvidenceFactory(assignment__organisation=own, withdrawn=True, link="https://a.vn/rut")
    EvidenceFactory(link="https://a.vn/nguoi-khac")
    client.force_login(clerk)
    address = reverse("plans:reuse_evidence", args=[target.pk])

    offered = client.get(address).context["form"].fields["evidence"].choices
    page = client.post(address, {"evidence": offered[1][0]}, follow=True)

    assert len(offered) == 2
    assert "Đã dùng lại minh chứng." in page.content.decode()
    assert client.get(address).context["form"].fields["evidence"].choices == offered[:1]
