"""What was approved before bodies were merged is byte for byte the same after it."""

from datetime import date

import pytest

from chuan.core.documents.queries import files_of
from chuan.core.files.queries import read_bytes
from chuan.core.orgs.queries.versions import version_on
from chuan.core.orgs.testing import a_merger, commit
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.flows.annual_report.enums import Audience
from chuan.flows.annual_report.models import ReportSnapshot
from chuan.flows.annual_report.operations import letters
from chuan.flows.annual_report.queries.canonical import canonical_json, content_hash
from chuan.flows.annual_report.queries.letters.annexes import detail_annex
from chuan.flows.annual_report.queries.letters.consolidated import consolidated_report
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation

pytestmark = pytest.mark.django_db

MERGED_ON = date(2026, 12, 1)
TODAY = date(2026, 12, 15)


@pytest.fixture
def closed(monkeypatch, settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    Shelf(counts={}, shares={}).put(monkeypatch)
    situation = a_situation(bodies=3, tasks=2)
    situation.accept(0)
    situation.accept(1)
    return situation, situation.close(situation.consolidate())


def of_files(document, reader):
    return {row.pk: read_bytes(row.upload) for row in files_of(document, reader=reader)}


def what_was_approved(consolidation):
    """Every approved content in one way of writing, and what a document made today would say."""
    consolidation.refresh_from_db()
    return {
        "reports": {
            row.pk: (row.sha256, canonical_json(row.content))
            for row in ReportSnapshot.objects.order_by("pk")
        },
        "consolidation": canonical_json(consolidation.snapshot),
        "document": consolidated_report(consolidation, Audience.PROVINCE, dated=TODAY),
        "annex": detail_annex(consolidation),
    }


def test_approved_reports_and_their_files_are_the_same_bytes_after_a_merger(closed):
    situation, consolidation = closed
    output = letters.make_output(
        actor=situation.coordinator, consolidation=consolidation, audience=Audience.PROVINCE,
        at=IN_TIME,
    )  # fmt: skip
    approved = what_was_approved(consolidation)
    kept = of_files(output.document, situation.coordinator)
    assert len(approved["reports"]) >= 2
    assert len(kept) == 3

    merged = situation.bodies[:2]
    confirmer = PersonFactory(role=Role.DEPARTMENT_LEADER, organisation=situation.department)
    draft = a_merger(actor=situation.coordinator, before=merged, on=MERGED_ON)
    commit(draft, preparer=situation.coordinator, confirmer=confirmer)

    assert [version_on(one, MERGED_ON) for one in merged] == [None, None]
    assert what_was_approved(consolidation) == approved
    assert of_files(output.document, situation.coordinator) == kept
    for row in ReportSnapshot.objects.all():
        assert content_hash(row.content) == row.sha256
