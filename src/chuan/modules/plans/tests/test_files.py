import pytest
from django.urls import reverse

from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory
from chuan.modules.plans.enums import PartyRole
from chuan.modules.plans.testing import (
    AssignmentFactory,
    EvidenceFactory,
    TaskFactory,
    clerk_of,
    coordinator_of,
)

pytestmark = pytest.mark.django_db


def download(client, person, evidence):
    client.force_login(person)
    page = client.get(reverse("files:download", args=[evidence.upload_id]))
    b"".join(page)  # a streamed file is closed when read to its end
    return page.status_code


def test_bodies_that_lead_side_by_side_do_not_read_each_others_evidence(client):
    task = TaskFactory()
    own, other = AssignmentFactory(task=task), AssignmentFactory(task=task)
    evidence = EvidenceFactory(assignment=other)

    assert download(client, clerk_of(own.organisation), evidence) == 404
    assert download(client, clerk_of(other.organisation), evidence) == 200
    assert download(client, coordinator_of(task.plan), evidence) == 200
    assert download(client, PersonFactory(role=Role.AUDITOR), evidence) == 200


def test_a_lead_reads_what_those_coordinating_with_it_showed_in_the_same_period(client):
    lead = AssignmentFactory()
    beside, next_year = (
        AssignmentFactory(task=lead.task, role=PartyRole.COORDINATING, year=year)
        for year in (2026, 2027)
    )
    leads = clerk_of(lead.organisation)

    assert download(client, leads, EvidenceFactory(assignment=beside)) == 200
    assert download(client, leads, EvidenceFactory(assignment=next_year)) == 404


def test_a_coordinating_body_reads_neither_the_leads_evidence_nor_anothers(client):
    lead = AssignmentFactory()
    own, other = (
        AssignmentFactory(task=lead.task, role=PartyRole.COORDINATING) for _number in range(2)
    )

    for assignment in (lead, other):
        evidence = EvidenceFactory(assignment=assignment)
        assert download(client, clerk_of(own.organisation), evidence) == 404
