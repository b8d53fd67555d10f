"""What `chuan` says, run as a person runs it."""

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from chuan.config import environment
from chuan.config.cli import main
from chuan.config.postgres.server import EmbeddedServer
from chuan.config.testing import new_folder

ROOT = Path(__file__).resolve().parents[2]
DECISION = ROOT / "samples" / "quyet-dinh-1029-2025.txt"


@pytest.fixture
def var():
    folder = new_folder("chuan-cli-")
    yield folder
    shutil.rmtree(folder)


def chuan(*words: str, var: Path, **environment: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.run(
        [sys.executable, "-m", "chuan.config.cli", *words],
        env=inherited | {"CHUAN_VAR": str(var)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_decision_is_read_without_a_database_in_less_than_two_seconds(var):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = chuan("plan", "parse", str(DECISION), "--json", var=var / "untouched")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Of the processor, not of the clock: other tests run at the same time.
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    plan = json.loads(done.stdout)
    assert (len(plan["sections"]), len(plan["tasks"]), len(plan["body_points"])) == (6, 21, 22)
    assert seconds < 2
    assert not (var / "untouched").exists()


def test_reading_a_decision_does_not_load_django():
    code = (
        "import sys; from chuan.config.cli import main; "
        f"main(['plan', 'parse', {str(DECISION)!r}]); "
        "sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", ["missing.docx", "folder"])
def test_a_decision_that_is_not_there_is_named(var, name, capsys):
    (var / "folder").mkdir()
    assert main(["plan", "parse", str(var / name)]) == 1
    assert name in capsys.readouterr().err


def test_a_file_that_is_no_decision_gets_a_reason_and_no_traceback(var):
    (var / "virus.docx").write_bytes(b"MZ\x90\0" + bytes(2000))
    done = chuan("plan", "parse", str(var / "virus.docx"), var=var)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("chuan: ")


@pytest.mark.slow
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_nothing_runs_on_tables_of_another_version(var, command):
    done = chuan(command, var=var)
    assert done.returncode == 1
    assert "chuan migrate" in done.stderr


@pytest.mark.slow
def test_the_doctor_says_what_to_do_before_the_first_migration(var):
    done = chuan("doctor", var=var)
    assert done.returncode == 1
    assert "✗ Cấu trúc dữ liệu" in done.stdout
    assert "→ Sao lưu rồi chạy: chuan migrate" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_doctor_finds_a_folder_nobody_can_write_to(var):
    (var / "file").write_text("not a folder")
    done = chuan("doctor", var=var / "file")
    assert done.returncode == 1
    assert "✗ Thư mục dữ liệu" in done.stdout
    assert "CHUAN_VAR" in done.stdout


@pytest.mark.slow
def test_the_doctor_finds_what_is_unsafe_and_a_mail_server_that_is_not_there(var):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    done = chuan(
        "doctor",
        var=var,
        CHUAN_DEBUG="1",
        CHUAN_HOSTS="tdc.gialai.example",
        CHUAN_EMAIL_URL=f"smtp://127.0.0.1:{port}",
    )
    faults = [line for line in done.stdout.splitlines() if line.startswith("✗")]
    assert any("CHUAN_DEBUG" in fault for fault in faults)
    assert any("tdc.gialai.example" in fault for fault in faults)
    assert any("không nhận" in fault for fault in faults)
    assert any("chuan@localhost" in fault for fault in faults)


def test_a_server_that_cannot_be_reached_is_named(var):
    done = chuan("audit", "verify", var=var, DATABASE_URL="postgresql://x:secret@127.0.0.1:1/chuan")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr


def test_an_address_of_another_kind_of_database_is_refused(var):
    done = chuan("audit", "verify", var=var, DATABASE_URL="mysql://localhost/chuan")
    assert done.returncode == 1
    assert "PostgreSQL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_installation_from_nothing_to_an_account_that_works(var):
    with EmbeddedServer(var):
        assert chuan("migrate", var=var).returncode == 0
        assert chuan("orgs", "load", var=var).returncode == 0
        unknown = chuan(
            *("user", "add", "an", "--name", "Nguyễn Văn An", "--role", "king"),
            *("--organisation", "Sở Tư pháp"),
            var=var,
        )
        assert unknown.returncode == 1
        assert "unit_clerk" in unknown.stderr
        added = subprocess.run(
            [
                *(sys.executable, "-m", "chuan.config.cli", "user", "add", "an"),
                *("--name", "Nguyễn Văn An", "--role", "unit_clerk"),
                *("--organisation", "sở tư pháp", "--password-stdin"),
            ],
            env={k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
            | {"CHUAN_VAR": str(var)},
            input="mot-mat-khau-dai-2026\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert added.stdout == ("Đã mở tài khoản an: Cán bộ đầu mối của đơn vị, Sở Tư pháp\n"), (
            added.stderr
        )
        verified = chuan("audit", "verify", var=var)
        assert verified.returncode == 0
        assert "nguyên vẹn" in verified.stdout
        doctor = chuan("doctor", var=var)
        assert doctor.returncode == 0, doctor.stdout
        with environment.connect(var) as connection:
            connection.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('plans', '0099_of_another_version', now())"
            )
        for command in ("migrate", "serve", "demo", "doctor"):
            refused = chuan(command, var=var)
            assert refused.returncode == 1
            said = refused.stdout + refused.stderr
            assert "plans.0099_of_another_version" in said
            assert "CHUAN_VAR=var-new make demo" in said
            assert "Traceback" not in said
