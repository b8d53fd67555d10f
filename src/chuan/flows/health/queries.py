"""What an operator would ask, with what to do where the answer is bad."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chuan.core.calendar.queries import working_calendar
from chuan.core.jobs.queries import QueueFacts, queue_facts
from chuan.core.legal.queries import statutes
from chuan.core.notices.queries import Outbox, outbox
from chuan.flows.reminders import facade as reminders
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans import facade as plans

STUCK_AFTER = "operations.stuck_after_minutes"
LEAST_FREE = "operations.least_free_gigabytes"
RECONCILED_WITHIN = "operations.reconciled_within_hours"
# What the table of parameters is delivered with, should a row be missing: a check must not fall
# silent for want of its limit.
_USUAL = {STUCK_AFTER: 10, LEAST_FREE: 2, RECONCILED_WITHIN: 26}


@dataclass(frozen=True, slots=True)
class Facts:
    """How the system stands at an instant: counts and times, no names."""

    queue: QueueFacts
    mail: Outbox
    plans_in_force: int
    last_reconciled: datetime | None
    last_digest: date | None
    last_digest_given: int
    free_bytes: int
    database_bytes: int


@dataclass(frozen=True, slots=True)
class Check:
    """One answer; `remedy` says what to do where it is not fine."""

    code: str
    title: str
    said: str
    is_fine: bool
    remedy: str = ""


def facts(at: datetime) -> Facts:
    run = reminders.last_run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    in_force = plans.plans_in_force(timezone.localdate(at))
    return Facts(
        queue=queue_facts(at=at),
        mail=outbox(),
        plans_in_force=len(in_force),
        last_reconciled=plans.last_reconciled(timezone.localdate(at)),
        last_digest=run.day if run else None,
        last_digest_given=run.given if run else 0,
        free_bytes=shutil.disk_usage(settings.VAR).free,
        database_bytes=size,
    )


def checks(at: datetime) -> list[Check]:
    """Everything that is looked at, what is wrong before what is fine."""
    found = facts(at)
    limits = _limits(timezone.localdate(at))
    all_of_them = [
        _worker(found),
        _waiting(found, at, limits[STUCK_AFTER]),
        _stuck(found),
        _failed(found),
        _reconciled(found, at, limits[RECONCILED_WITHIN]),
        _digest(found, at),
        _mail_waiting(found, at, limits[STUCK_AFTER]),
        _mail_failed(found),
        _disk(found, limits[LEAST_FREE]),
        _database(found),
    ]
    return sorted(all_of_them, key=lambda one: one.is_fine)


def _limits(on: date) -> dict[str, int]:
    rows = statutes(list(_USUAL), on=on)
    return {code: rows[code].value if code in rows else usual for code, usual in _USUAL.items()}


def _worker(found: Facts) -> Check:
    count = found.queue.live_workers
    return Check(
        "worker",
        _("Tiến trình làm việc"),
        ngettext("%(count)s tiến trình đang chạy", "%(count)s tiến trình đang chạy", count)
        % {"count": format_number(count)}
        if count
        else _("Không có tiến trình nào đang chạy"),
        count > 0,
        _("Chạy: chuan worker, hoặc chuan serve --with-worker. Xem nhật ký để biết vì sao dừng."),
    )


def _waiting(found: Facts, at: datetime, minutes: int) -> Check:
    since = found.queue.waiting_since
    waited = _minutes(since, at)
    return Check(
        "queue",
        _("Hàng việc"),
        _("%(count)s việc chờ, lâu nhất %(minutes)s phút")
        % {"count": format_number(found.queue.waiting), "minutes": format_number(waited)}
        if found.queue.waiting
        else _("Không có việc chờ"),
        waited <= minutes,
        _("Tiến trình làm việc không kịp hoặc đã dừng: khởi động lại chuan worker và xem nhật ký."),
    )


def _stuck(found: Facts) -> Check:
    return Check(
        "stuck",
        _("Việc bị kẹt"),
        _("%(count)s việc") % {"count": format_number(found.queue.stuck)},
        found.queue.stuck == 0,
        _("Việc kẹt tự được xếp lại trong một phút khi có tiến trình làm việc. Chạy chuan worker."),
    )


def _failed(found: Facts) -> Check:
    return Check(
        "failed",
        _("Việc hỏng trong 7 ngày"),
        _("%(count)s việc") % {"count": format_number(found.queue.failed_lately)},
        found.queue.failed_lately == 0,
        _(
            "Tìm lỗi trong nhật ký của chuan worker theo tên việc, sửa nguyên nhân; việc đêm tự chạy lại."
        ),
    )


def _reconciled(found: Facts, at: datetime, hours: int) -> Check:
    last = found.last_reconciled
    is_fine = found.plans_in_force == 0 or (
        last is not None and at - last <= timedelta(hours=hours)
    )
    return Check(
        "reconciled",
        _("Đối soát phân công lần cuối"),
        _when(last) if found.plans_in_force else _("Chưa có kế hoạch nào đang thực hiện"),
        is_fine,
        _("Đối soát chạy lúc 1 giờ 30 mỗi đêm. Kiểm tra tiến trình làm việc và việc hỏng ở trên."),
    )


def _digest(found: Facts, at: datetime) -> Check:
    """Due at 7; asked about from 8 on, when everybody has theirs."""
    on = timezone.localdate(at)
    calendar = working_calendar(on=on)
    today_counts = calendar.is_working_day(on) and timezone.localtime(at).hour >= 8
    expected = on if today_counts else calendar.add_working_days(on, -1)
    last = found.last_digest
    return Check(
        "digest",
        _("Bản nhắc việc lần cuối"),
        _("Ngày %(day)s, %(count)s người")
        % {"day": format_date(last), "count": format_number(found.last_digest_given)}
        if last
        else _("Chưa lần nào"),
        last is not None and last >= expected,
        _(
            "Nhắc việc chạy lúc 7 giờ ngày làm việc. Kiểm tra tiến trình làm việc và việc hỏng ở trên."
        ),
    )


def _mail_waiting(found: Facts, at: datetime, minutes: int) -> Check:
    waited = _minutes(found.mail.oldest_waiting, at)
    return Check(
        "mail_waiting",
        _("Thư chờ gửi"),
        _("%(count)s thư, lâu nhất %(minutes)s phút")
        % {"count": format_number(found.mail.waiting), "minutes": format_number(waited)}
        if found.mail.waiting
        else _("Không có thư chờ"),
        waited <= minutes,
        _("Kiểm tra máy chủ thư (CHUAN_EMAIL_URL) bằng chuan doctor."),
    )


def _mail_failed(found: Facts) -> Check:
    return Check(
        "mail_failed",
        _("Thư không gửi được"),
        _("%(count)s thư") % {"count": format_number(found.mail.failed)},
        found.mail.failed == 0,
        _("Mở mục Thư đi, sửa địa chỉ của người nhận rồi gửi lại."),
    )


def _disk(found: Facts, gigabytes: int) -> Check:
    return Check(
        "disk",
        _("Ổ đĩa"),
        _("Còn trống %(size)s GB") % {"size": format_number(found.free_bytes / 1e9, 1)},
        found.free_bytes >= gigabytes * 1e9,
        _("Giải phóng ổ chứa dữ liệu: cơ sở dữ liệu dừng khi ổ đầy."),
    )


def _database(found: Facts) -> Check:
    return Check(
        "database",
        _("Cơ sở dữ liệu"),
        _("Đang trả lời, %(size)s MB") % {"size": format_number(found.database_bytes / 1e6, 0)},
        is_fine=True,
    )


def _minutes(since: datetime | None, at: datetime) -> int:
    return max(0, (at - since) // timedelta(minutes=1)) if since else 0


def _when(at: datetime | None) -> str:
    if at is None:
        return _("Chưa lần nào")
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}"


# ---------------------------------------------------------------- for machines


def metrics(at: datetime) -> str:
    """The facts in Prometheus' text format, version 0.0.4: counts and times, no labels."""
    found = facts(at)
    last_digest = found.last_digest
    values: list[tuple[str, str, float | int | None]] = [
        ("chuan_workers", "Worker processes that gave a sign of life.", found.queue.live_workers),
        ("chuan_jobs_waiting", "Jobs that may run and wait.", found.queue.waiting),
        (
            "chuan_jobs_oldest_wait_seconds",
            "How long the oldest waiting job has waited.",
            (at - found.queue.waiting_since).total_seconds() if found.queue.waiting_since else 0,
        ),
        ("chuan_jobs_running", "Jobs being done.", found.queue.running),
        ("chuan_jobs_stuck", "Jobs marked as being done that nobody is doing.", found.queue.stuck),
        ("chuan_jobs_failed_week", "Jobs given up in 7 days.", found.queue.failed_lately),
        ("chuan_mail_waiting", "Letters that wait to be sent.", found.mail.waiting),
        ("chuan_mail_failed", "Letters that were given up.", found.mail.failed),
        ("chuan_plans_in_force", "Plans in force.", found.plans_in_force),
        (
            "chuan_last_reconciliation_timestamp_seconds",
            "When the plan reconciled longest ago was reconciled.",
            found.last_reconciled.timestamp() if found.last_reconciled else None,
        ),
        (
            "chuan_last_digest_timestamp_seconds",
            "The last day on which everybody has their digest.",
            timezone.make_aware(datetime.combine(last_digest, datetime.min.time())).timestamp()
            if last_digest
            else None,
        ),
        ("chuan_last_digest_people", "How many were reminded that day.", found.last_digest_given),
        ("chuan_disk_free_bytes", "Free space where the data are.", found.free_bytes),
        ("chuan_database_bytes", "Size of the database.", found.database_bytes),
    ]
    lines: list[str] = []
    for name, told, value in values:
        if value is not None:
            lines += [f"# HELP {name} {told}", f"# TYPE {name} gauge", f"{name} {value}"]
    return "\n".join(lines) + "\n"
