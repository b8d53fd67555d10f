import copy
import shutil

import pytest
import time_machine

from chuan.core.documents.enums import FilePurpose
from chuan.core.documents.testing import DocumentFileFactory, OfficialDocumentFactory
from chuan.core.files.testing import PDF, UploadFactory
from chuan.flows.annual_report.enums import Audience
from chuan.flows.annual_report.models import Output
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, furnishing
from chuan.flows.portal import testing
from chuan.modules.plans.testing import DifficultyFactory, Task


@pytest.fixture(autouse=True)
def _in_november(settings, tmp_path):
    settings.CHUAN_FILES = tmp_path / "files"
    with time_machine.travel(IN_TIME, tick=False):
        yield


@pytest.fixture
def world(kept_world, monkeypatch, settings, db):
    """Three bodies and three tasks, one of which is followed by its heading alone; two accepted
    reports in a closed consolidation with its issued document; difficulties in every state."""
    kept, files = kept_world
    Shelf(counts={}, shares={}).put(monkeypatch)
    shutil.copytree(files, settings.CHUAN_FILES)
    return copy.deepcopy(kept)


@pytest.fixture(scope="module")
def kept_world(around_the_file, tmp_path_factory):
    """The world all tests of a file begin with, and its files."""
    files = tmp_path_factory.mktemp("files")
    with around_the_file(), furnishing(files):
        return furnished(), files


def furnished():
    world = a_situation(bodies=3, tasks=3)
    plan = world.period.plan
    world.accept(0)
    world.accept(1)
    made = world.consolidate()
    with_documents(world, made)
    world.closed = world.close(made)
    Task.objects.filter(pk=Task.objects.order_by("-pk").values("pk")[:1]).update(heading_only=True)
    for state in ({}, {"answered": True}, {"escalated": True}):
        DifficultyFactory(plan=plan, organisation=world.bodies[0], **state)
    return world


@pytest.fixture
def opened(world):
    """The same, with everything public that can be."""
    testing.publish_plan(world)
    testing.publish_results(world, world.closed)
    testing.publish_answers(world)
    return world


@pytest.fixture
def plain(world):
    """Nothing of it is followed by its heading alone: its documents may be read by everybody."""
    Task.objects.update(heading_only=False)
    testing.publish_plan(world)
    testing.publish_results(world, world.closed)
    return world


def with_documents(world, made):
    """One document issued from a consolidation and one still a draft."""
    issued = OfficialDocumentFactory(issued=True, held_by=world.department)
    upload = UploadFactory(name="bao-cao.pdf", content=PDF + b"% issued")
    DocumentFileFactory(document=issued, upload=upload, purpose=FilePurpose.SIGNED)
    draft = OfficialDocumentFactory(draft=True, held_by=world.department)
    hidden = UploadFactory(name="du-thao.pdf", content=PDF + b"% draft")
    DocumentFileFactory(document=draft, upload=hidden, purpose=FilePurpose.DRAFT_PDF)
    for document, audience in ((issued, Audience.PROVINCE), (draft, Audience.MINISTRY)):
        Output.objects.create(
            consolidation=made,
            audience=audience,
            document=document,
            snapshot_hash=made.snapshot_hash,
            made_by=world.coordinator,
            made_at=IN_TIME,
        )
