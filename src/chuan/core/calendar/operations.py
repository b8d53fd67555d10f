from __future__ import annotations

import tomllib
from datetime import date, datetime
from pathlib import Path

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record, record_many
from chuan.core.calendar import rules
from chuan.core.calendar.enums import ExtensionState
from chuan.core.calendar.models import DayException, Extension
from chuan.core.legal.models import LegalSource
from chuan.lib.vietnamese import format_date, nfc

DATA = Path(__file__).parent / "data"
LOADER = "calendar.load"
SATURDAY = 6


@transaction.atomic
def set_day(
    *,
    actor: AbstractBaseUser,
    day: date,
    kind: DayException.Kind,
    title: str,
    source: LegalSource | None = None,
    is_confirmed: bool,
) -> DayException:
    """Say that a day breaks the week, or say it anew: a proposal becomes a decision.

    :raises ValidationError: a weekday cannot be worked instead, nor a weekend swapped for off.
    """
    rules.keep_calendar.require(actor)
    existing = DayException.objects.select_for_update(no_key=True).filter(day=day).first()
    row = existing or DayException(day=day)
    before = existing.kind if existing else None
    row.kind, row.title, row.source, row.is_confirmed = kind, nfc(title), source, is_confirmed
    _check(row)
    row.save()
    record(action="calendar.day_set", actor=actor, subject=row, kind=kind, before=before)
    return row


@transaction.atomic
def forget_day(*, actor: AbstractBaseUser, day: date) -> None:
    """Let a day follow the week again: what was proposed was not decided.

    :raises DayException.DoesNotExist: the day follows the week already.
    """
    row = DayException.objects.select_for_update().get(day=day)
    rules.keep_calendar.require(actor)
    record(action="calendar.day_forgotten", actor=actor, subject=row, kind=row.kind)
    row.delete()


@transaction.atomic
def load_day_exceptions(folder: Path = DATA) -> int:
    """Bring the calendar up to what the data files say; the number of days added or changed.

    A day that is confirmed in the table stays as it is: somebody knew better than the file.
    """
    sources = {source.code: source for source in LegalSource.objects.all()}
    known = {row.day: row for row in DayException.objects.all()}
    changed = []
    for file in sorted(folder.glob("*.toml")):
        for entry in tomllib.loads(nfc(file.read_text("utf-8")))["day"]:
            fields = {
                "kind": entry["kind"],
                "title": entry["title"],
                "source_id": sources[entry["source"]].pk if "source" in entry else None,
                "is_confirmed": entry.get("is_confirmed", True),
            }
            row = known.get(entry["day"])
            if row is None:
                row = DayException(day=entry["day"], **fields)
            elif row.is_confirmed or all(getattr(row, key) == fields[key] for key in fields):
                continue
            else:
                for key, value in fields.items():
                    setattr(row, key, value)
            _check(row)
            row.save()
            changed.append(row)
    record_many(action="calendar.day_loaded", actor=None, by=LOADER, subjects=list(changed))
    return len(changed)


def _check(row: DayException) -> None:
    row.full_clean(exclude=["source"], validate_unique=False)
    is_weekend = row.day.isoweekday() >= SATURDAY
    if row.kind == DayException.Kind.SWAP_ON and not is_weekend:
        message = _("Ngày %(day)s vốn là ngày làm việc, không thể là ngày làm bù.")
    elif row.kind == DayException.Kind.SWAP_OFF and is_weekend:
        message = _("Ngày %(day)s vốn là ngày nghỉ hằng tuần, không thể là ngày nghỉ hoán đổi.")
    else:
        return
    raise ValidationError(message, code="swap", params={"day": format_date(row.day)})


# ---------------------------------------------------------------- more time


def check_extension_asked(*, reason: str, proposed_due_on: date, due_on: date) -> None:
    """:raises ValidationError: by field: no reason, or a day that gives no more time."""
    if not reason:
        raise ValidationError({"reason": _("Nhập lý do xin gia hạn.")})
    if proposed_due_on <= due_on:
        raise ValidationError(
            {"proposed_due_on": _("Chọn ngày sau hạn hiện tại, %s.") % format_date(due_on)}
        )


def close_extension(
    row: Extension,
    state: ExtensionState,
    *,
    by: AbstractBaseUser,
    at: datetime,
    answer: str,
    granted_due_on: date | None = None,
) -> None:
    """Write down what was decided; whose clock it is moves the day itself.

    :raises ValidationError: by field: nothing said of why, or a day that gives no more time.
    """
    if not answer:
        raise ValidationError(
            {"basis": _("Nhập văn bản hoặc lý do làm căn cứ gia hạn.")}
            if state == ExtensionState.GRANTED
            else {"reason": _("Nhập lý do.")}
        )
    if state == ExtensionState.GRANTED and (
        granted_due_on is None or granted_due_on <= row.due_on_before
    ):
        raise ValidationError(
            {"due_on": _("Chọn ngày sau hạn hiện tại, %s.") % format_date(row.due_on_before)}
        )
    row.state = state
    row.answer, row.granted_due_on = answer, granted_due_on
    row.closed_by_id, row.closed_at = by.pk, at
    row.version += 1
    row.save(
        update_fields=["state", "answer", "granted_due_on", "closed_by", "closed_at", "version"]
    )
