import copy
import io
import json
import shutil
import subprocess
import tracemalloc
import zipfile
from functools import partial

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from openpyxl import load_workbook

from chuan.core.audit.operations import record
from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.testing import OfficialDocumentFactory
from chuan.core.files.testing import UploadFactory
from chuan.core.people.enums import Role
from chuan.core.people.testing import PersonFactory, lets_in
from chuan.flows.annual_report.models import Consolidation
from chuan.flows.annual_report.testing import IN_TIME, Shelf, a_situation, furnishing
from chuan.flows.archive import operations
from chuan.flows.archive.engine.packing import MANIFEST, Packer, check
from chuan.flows.archive.models import Package
from chuan.flows.archive.queries import contents
from chuan.flows.portal.tests.conftest import with_documents
from chuan.modules.plans.testing import Assignment, EvidenceFactory, Task, TaskFactory


@pytest.fixture(scope="module")
def kept_world(around_the_file, tmp_path_factory):
    """The world all tests of this file begin with, and its files."""
    files = tmp_path_factory.mktemp("files")
    with around_the_file(), furnishing(files):
        world = a_situation(bodies=2, tasks=2)
        world.accept(0)
        world.close(world.consolidate())
        upload = UploadFactory(name="anh.png")
        for assignment in Assignment.objects.order_by("pk"):
            EvidenceFactory(assignment=assignment, upload=upload, title="Ảnh hội nghị")
        return world, files


@pytest.fixture
def world(kept_world, monkeypatch, settings, tmp_path, db):
    kept, files = kept_world
    settings.CHUAN_FILES = tmp_path / "files"
    settings.VAR = tmp_path
    shutil.copytree(files, settings.CHUAN_FILES)
    with time_machine.travel(IN_TIME, tick=False):
        Shelf(counts={}, shares={}).put(monkeypatch)
        yield copy.deepcopy(kept)


@pytest.fixture
def package(world, tmp_path):
    target = tmp_path / "goi.zip"
    world.made = operations.write_package(
        managed_by_id=world.department.pk, year=2026, target=target
    )
    return target


def names_in(path):
    with zipfile.ZipFile(path) as found:
        return found.namelist()


def test_it_holds_reports_numbers_evidence_ledger_and_says_what_is_left_out(package):
    names = names_in(package)
    with zipfile.ZipFile(package) as found:
        left_out = found.read("BO-LAI.csv").decode("utf-8-sig")
        ledger = found.read("nhat-ky/nhat-ky-2026.jsonl").decode().splitlines()
        pdf = next(name for name in names if name.startswith("bao-cao/don-vi/"))
        assert found.read(pdf).startswith(b"%PDF")

    assert {name.split("/")[0] for name in names} == {
        "README.txt", "bao-cao", "so-lieu", "bang", "minh-chung", "nhat-ky", "BO-LAI.csv", MANIFEST,
    }  # fmt: skip
    assert len([name for name in names if name.endswith(".png")]) == 1
    assert "chưa được duyệt" in left_out
    assert {json.loads(line)["action"] for line in ledger} == {
        "annual_report.reports_reconciled",
        "annual_report.report_started",
        "annual_report.item_saved",
        "annual_report.section_saved",
        "annual_report.report_submitted",
        "annual_report.report_accepted",
        "annual_report.consolidated",
        "annual_report.consolidation_closed",
        "plans.year_locked",
    }


def test_the_ledger_of_another_department_is_not_in_it(world, tmp_path):
    before = ledger_of(world.department, tmp_path / "before.zip")

    other = a_situation()
    other.accept(0)
    other.close(other.consolidate())
    for situation in (world, other):
        document = OfficialDocumentFactory(issued=True, held_by=situation.department)
        assignment = Assignment.objects.filter(task__plan=situation.period.plan_id).first()
        with transaction.atomic():
            record(action="documents.issued", actor=None, by="test", subject=document)
            record(action="plans.progress_posted", actor=None, by="test", subject=assignment)
            record(action="plans.year_locked", actor=None, by="test", subject=situation.period.plan)
            record(action="orgs.organisation_changed", actor=None, by="t", subject=other.province)
    own = Assignment.objects.filter(task__plan=world.period.plan_id).first()
    document = OfficialDocument.objects.filter(held_by=world.department).latest("pk")

    after = ledger_of(world.department, tmp_path / "after.zip")
    assert after == [
        *before,
        ("documents.issued", f"documents.OfficialDocument:{document.pk}"),
        ("plans.progress_posted", f"plans.Assignment:{own.pk}"),
        ("plans.year_locked", f"plans.Plan:{world.period.plan_id}"),
    ]
    others = ledger_of(other.department, tmp_path / "other.zip")
    assert len(others) > 3
    assert set(others) & set(after) == set()


def ledger_of(department, target):
    operations.write_package(managed_by_id=department.pk, year=2026, target=target)
    with zipfile.ZipFile(target) as found:
        lines = found.read("nhat-ky/nhat-ky-2026.jsonl").decode().splitlines()
    return [(line["action"], line["subject"]) for line in map(json.loads, lines)]


def test_it_verifies_and_sha256sum_alone_says_the_same(world, package, tmp_path):
    found = check(package, manifest_sha256=world.made.manifest_sha256)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(folder)
    done = subprocess.run(
        ["/usr/bin/sha256sum", "--check", "--strict", "--quiet", MANIFEST], cwd=folder, check=False
    )

    assert found.faults == ()
    assert found.file_count == world.made.file_count
    assert done.returncode == 0


def test_the_same_state_gives_the_same_bytes(world, package, tmp_path):
    again = tmp_path / "again.zip"
    operations.write_package(managed_by_id=world.department.pk, year=2026, target=again)

    assert again.read_bytes() == package.read_bytes()


@pytest.mark.parametrize("harm", ["changed", "missing", "not in the manifest", "another manifest"])
def test_no_alteration_goes_unnoticed(world, package, tmp_path, harm):
    altered = tmp_path / "altered.zip"
    with zipfile.ZipFile(package) as source, altered.open("wb") as out:
        packer = Packer(out)
        for name in source.namelist():
            content = source.read(name)
            if name == MANIFEST and harm != "another manifest":
                packer._zip.writestr(name, content)
            elif name == "bang/do-phu.xlsx" and harm in {"changed", "another manifest"}:
                packer.add(name, content + b" ")
            elif name != MANIFEST and not (name == "README.txt" and harm == "missing"):
                packer.add(name, content)
        if harm == "not in the manifest":
            packer.add("them.txt", b"x")
        if harm == "another manifest":
            packer.finish()
        else:
            packer._zip.close()

    found = check(altered, manifest_sha256=world.made.manifest_sha256)

    assert any(fault.startswith(harm) for fault in found.faults)


def test_a_file_cut_short_does_not_verify(package):
    package.write_bytes(package.read_bytes()[:-200])

    assert check(package).faults


def test_nothing_of_a_heading_only_task_is_in_it(world, tmp_path):
    secret = Task.objects.order_by("pk").last()
    Task.objects.filter(pk=secret.pk).update(heading_only=True)
    only = UploadFactory(name="mat.pdf", content=b"%PDF-1.7\nmat\n%%EOF\n")
    EvidenceFactory(assignment=Assignment.objects.filter(task=secret).first(), upload=only)
    target = tmp_path / "goi.zip"

    operations.write_package(managed_by_id=world.department.pk, year=2026, target=target)

    names = names_in(target)
    assert only.file.sha256 not in " ".join(names)
    with zipfile.ZipFile(target) as found:
        reports = [json.loads(found.read(n)) for n in names if n.startswith("so-lieu/bao-cao/")]
        left_out = found.read("BO-LAI.csv").decode("utf-8-sig")
    assert {item["task_id"] for one in reports for item in one["items"]} == {
        Task.objects.order_by("pk").first().pk
    }
    assert left_out.count("chỉ theo dõi đầu mục") >= 3


def test_evidence_for_an_older_wording_of_a_heading_only_task_is_not_in_it(world, tmp_path):
    old = Task.objects.order_by("pk").last()
    TaskFactory(plan=old.plan, section=old.section, follows=old, since=2, heading_only=True)
    only = UploadFactory(name="mat.pdf", content=b"%PDF-1.7\nmat\n%%EOF\n")
    EvidenceFactory(assignment=Assignment.objects.filter(task=old).first(), upload=only)
    target = tmp_path / "goi.zip"

    operations.write_package(managed_by_id=world.department.pk, year=2026, target=target)

    assert only.file.sha256 not in " ".join(names_in(target))
    with zipfile.ZipFile(target) as found:
        assert only.file.sha256 not in found.read("minh-chung/danh-muc.csv").decode()


def test_a_consolidation_with_a_heading_only_task_is_abridged_and_says_so(
    world, tmp_path, monkeypatch
):
    monkeypatch.setattr(contents, "_TASK_FIGURES", ("tests.inspections",))
    made = Consolidation.objects.get()
    counted = {"tests.inspections"}
    assert counted < {one["code"] for one in made.snapshot["figures"]}
    whole, short = tmp_path / "whole.zip", tmp_path / "short.zip"
    operations.write_package(managed_by_id=world.department.pk, year=2026, target=whole)
    secret = Task.objects.order_by("pk").last()
    Task.objects.filter(pk=secret.pk).update(heading_only=True)
    operations.write_package(managed_by_id=world.department.pk, year=2026, target=short)

    assert f"so-lieu/tong-hop/{made.pk:06d}.json" in names_in(whole)
    name = f"so-lieu/tong-hop/{made.pk:06d}-luoc"
    assert [one for one in names_in(short) if "tong-hop" in one] == [f"{name}.json"]
    with zipfile.ZipFile(short) as found:
        kept = json.loads(found.read(f"{name}.json"))
        left_out = found.read("BO-LAI.csv").decode("utf-8-sig")
        sheet = load_workbook(io.BytesIO(found.read("bang/chi-tieu.xlsx"))).active
    assert set(kept["snapshot"]) == {"format", "coverage", "reports", "figures", "tasks"}
    assert secret.pk not in {task["task_id"] for task in kept["snapshot"]["tasks"]}
    assert counted & {one["code"] for one in kept["snapshot"]["figures"]} == set()
    assert counted & {row[1] for row in sheet.iter_rows(values_only=True)} == set()
    assert f"{made.pk:06d}-luoc, SHA-256 {made.snapshot_hash}" in left_out


def test_a_file_the_store_has_lost_is_named(world, tmp_path, settings):
    for path in (settings.CHUAN_FILES).rglob("*"):
        if path.is_file():
            path.unlink()
    target = tmp_path / "goi.zip"

    operations.write_package(managed_by_id=world.department.pk, year=2026, target=target)

    with zipfile.ZipFile(target) as found:
        assert "không còn tệp" in found.read("BO-LAI.csv").decode("utf-8-sig")


def test_packing_needs_no_more_memory_for_a_large_file(tmp_path):
    class Endless(io.RawIOBase):
        left = 200 * 1024 * 1024

        def read(self, size=-1):
            size = min(size, self.left)
            self.left -= size
            return bytes(size)

    tracemalloc.start()
    with (tmp_path / "large.zip").open("wb") as out:
        packer = Packer(out)
        packer.stream("tep", Endless())
        packer.finish()
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 20 * 1024 * 1024


def test_coordinators_of_the_department_and_auditors_ask_for_it(world):
    ask = partial(operations.ask_for_package, managed_by=world.department, year=2026, at=IN_TIME)
    let_in = {
        (role, where)
        for role in Role
        for where, home in (("own", {"organisation": world.department}), ("elsewhere", {}))
        if lets_in(partial(ask, actor=PersonFactory(role=role, **home)))
    }
    assert let_in == {
        (Role.DEPARTMENT_COORDINATOR, "own"),
        (Role.AUDITOR, "own"),
        (Role.AUDITOR, "elsewhere"),
    }


def test_it_is_asked_for_made_and_downloaded(client, world):
    client.force_login(world.coordinator)
    of = f"2026-{world.department.pk}"
    assert client.post(reverse("archive:list"), {"of": of}).status_code == 302
    package = Package.objects.get()
    address = reverse("archive:download", args=[package.pk])
    assert client.get(address).status_code == 404

    operations.make_package(package_id=package.pk)
    operations.make_package(package_id=package.pk)

    package.refresh_from_db()
    assert b"".join(client.get(address).streaming_content)[:2] == b"PK"
    assert package.manifest_sha256 in client.get(reverse("archive:list")).content.decode()
    assert check(operations.place_of(package), manifest_sha256=package.manifest_sha256).faults == ()
    client.force_login(PersonFactory(role=Role.DEPARTMENT_COORDINATOR))
    assert client.get(address).status_code == 404


def test_documents_that_count_a_heading_only_task_are_named_and_left_out(world, tmp_path):
    made = Consolidation.objects.get()
    with_documents(world, made)
    whole, short = tmp_path / "whole.zip", tmp_path / "short.zip"
    operations.write_package(managed_by_id=world.department.pk, year=2026, target=whole)
    assert any(name.endswith("bao-cao.pdf") for name in names_in(whole))

    Task.objects.filter(pk=Task.objects.order_by("pk").last().pk).update(heading_only=True)
    operations.write_package(managed_by_id=world.department.pk, year=2026, target=short)

    assert not any(name.endswith("bao-cao.pdf") for name in names_in(short))
    with zipfile.ZipFile(short) as found:
        left_out = found.read("BO-LAI.csv").decode("utf-8-sig")
    assert "bao-cao.pdf, SHA-256" in left_out


@pytest.mark.parametrize("why", ["made by older rules", "a task is heading-only since"])
def test_a_package_that_may_hold_too_much_is_not_handed_out(client, world, why):
    package = operations.ask_for_package(
        actor=world.coordinator, managed_by=world.department, year=2026, at=IN_TIME
    )
    operations.make_package(package_id=package.pk)
    address = reverse("archive:download", args=[package.pk])
    client.force_login(world.coordinator)
    assert b"".join(client.get(address).streaming_content)[:2] == b"PK"

    if why == "made by older rules":
        Package.objects.update(rules=2)
    else:
        Task.objects.filter(pk=Task.objects.order_by("pk").last().pk).update(heading_only=True)

    assert client.get(address).status_code == 403
    page = client.get(reverse("archive:list")).content.decode()
    assert "Cần lập lại" in page
    assert address not in page
    again = operations.ask_for_package(
        actor=world.coordinator, managed_by=world.department, year=2026, at=IN_TIME
    )
    operations.make_package(package_id=again.pk)
    made = client.get(reverse("archive:download", args=[again.pk]))
    assert b"".join(made.streaming_content)[:2] == b"PK"


def test_two_workers_make_a_package_one_after_the_other(world, monkeypatch):
    package = operations.ask_for_package(
        actor=world.coordinator, managed_by=world.department, year=2026, at=IN_TIME
    )
    other = connection.copy()

    def is_free():
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_try_advisory_lock(%s, %s), pg_advisory_unlock_all()",
                [operations._MAKING, package.pk],
            )
            return cursor.fetchone()[0]

    write, seen = operations.write_package, []

    def watched(**asked):
        seen.append(is_free())
        return write(**asked)

    monkeypatch.setattr(operations, "write_package", watched)
    operations.make_package(package_id=package.pk)

    assert seen == [False]
    assert is_free()
    other.close()


def test_the_list_costs_the_same_for_one_package_and_for_three(
    client, world, django_assert_max_num_queries
):
    client.force_login(world.coordinator)
    counts = []
    for more in (1, 2):
        for _n in range(more):
            operations.ask_for_package(
                actor=world.coordinator, managed_by=world.department, year=2026, at=IN_TIME
            )
        with django_assert_max_num_queries(100) as asked:
            client.get(reverse("archive:list"))
        counts.append(len(asked))
    assert counts[0] == counts[1]
