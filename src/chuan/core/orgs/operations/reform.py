"""Taking over a list of new units: read, compare, let a person answer, draft an event a province."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record
from chuan.core.legal.models import LegalSource
from chuan.core.orgs import rules
from chuan.core.orgs.enums import ChangeKind, ReformState
from chuan.core.orgs.models import ChangeEvent, Reform
from chuan.core.orgs.operations.events import draft_event
from chuan.core.orgs.parsing.reform import COLUMNS, NotAReform, Reading, read_reform
from chuan.core.orgs.queries.reform import events_of, proposed_for, reading_of
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import clean

MOST_BYTES = 5 * 1024 * 1024


@transaction.atomic
def take_in_reform(
    *,
    actor: AbstractBaseUser,
    name: str,
    content: bytes,
    effective_on: date,
    at: datetime,
    legal_basis: LegalSource | None = None,
    basis_text: str = "",
) -> Reform:
    """Keep an uploaded list as it came; nothing in the register changes.

    :raises ValidationError: it is no such list, is not UTF-8, is too large, or is open already.
    """
    rules.prepare_events.require(actor)
    text = _decoded(content)
    try:
        reading = read_reform(text)
    except NotAReform:
        raise ValidationError(
            _("Tệp phải là CSV có dòng đầu gồm các cột %(columns)s."),
            code="not_a_reform",
            params={"columns": ", ".join(COLUMNS)},
        ) from None
    if not reading.provinces:
        raise ValidationError(_("Tệp không có đơn vị hành chính nào."), code="empty")
    reform = Reform(
        name=clean(name)[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        effective_on=effective_on,
        legal_basis=legal_basis,
        basis_text=clean(basis_text),
        text=text,
        uploaded_by_id=actor.pk,
        uploaded_at=at,
    )
    reform.full_clean()
    reform.save()
    record(
        action="orgs.reform_taken_in",
        actor=actor,
        subject=reform,
        sha256=reform.sha256,
        provinces=len(reading.provinces),
        units=sum(len(one.units) for one in reading.provinces),
        refused=len(reading.refused),
    )
    return reform


@transaction.atomic
def answer_doubts(*, actor: AbstractBaseUser, reform: Reform, answers: Mapping[str, str]) -> Reform:
    """Keep what a person decided where the words leave something open.

    :param answers: {key of a doubt: one of its choices}; what answers no doubt is refused.
    """
    reform = Reform.objects.select_for_update(no_key=True).get(pk=reform.pk)
    rules.change_reform.require(actor, reform)
    reform.answers = {**reform.answers, **answers}
    # One answer may settle or raise another doubt, so the list is read again with all of them.
    known = {doubt.key: doubt for one in reading_of(reform).provinces for doubt in one.doubts}
    for key, answer in answers.items():
        if key in known and answer not in known[key].choices:
            raise ValidationError(
                _("Chọn lại câu trả lời cho “%(words)s”."), params={"words": known[key].words}
            )
    reform.answers = {key: value for key, value in reform.answers.items() if key in known}
    reform.version += 1
    reform.save(update_fields=["answers", "version"])
    record(action="orgs.reform_answered", actor=actor, subject=reform, answers=dict(answers))
    return reform


@transaction.atomic
def abandon_reform(*, actor: AbstractBaseUser, reform: Reform) -> Reform:
    """Put a list aside; events drafted from it stay."""
    reform = Reform.objects.select_for_update(no_key=True).get(pk=reform.pk)
    rules.change_reform.require(actor, reform)
    reform.state = ReformState.ABANDONED
    reform.version += 1
    reform.save(update_fields=["state", "version"])
    record(action="orgs.reform_abandoned", actor=actor, subject=reform)
    return reform


@transaction.atomic
def draft_reform_events(
    *, actor: AbstractBaseUser, reform: Reform, provinces: Iterable[str], at: datetime
) -> list[ChangeEvent]:
    """Draft the event of each chosen province, for a second person to confirm like any other.

    :param provinces: their codes in the list.
    :raises ValidationError: a province has unanswered doubts, an event already, or is not listed.
    """
    reform = Reform.objects.select_for_update(no_key=True).get(pk=reform.pk)
    rules.change_reform.require(actor, reform)
    chosen = list(dict.fromkeys(provinces))
    if not chosen:
        raise ValidationError(_("Chọn ít nhất một tỉnh, thành phố."), code="none_chosen")
    reading, existing = reading_of(reform), events_of(reform)
    return [_draft_province(actor, reform, reading, existing, code, at) for code in chosen]


def _draft_province(
    actor: AbstractBaseUser,
    reform: Reform,
    reading: Reading,
    existing: Mapping[str, ChangeEvent],
    code: str,
    at: datetime,
) -> ChangeEvent:
    province = reading.province(code)
    if province is None:
        raise ValidationError(_("Tỉnh đã chọn không có trong tệp."), code="not_listed")
    if code in existing:
        raise ValidationError(
            _("%(name)s đã có sự kiện lập từ tệp này."),
            code="taken_over",
            params={"name": province.name},
        )
    if province.open_doubts:
        raise ValidationError(
            _("%(name)s còn %(count)s chỗ chưa rõ. Trả lời trước khi lập sự kiện."),
            code="open_doubts",
            params={"name": province.name, "count": len(province.open_doubts)},
        )
    proposed = proposed_for(province, reform.effective_on)
    event = draft_event(
        actor=actor,
        kind=ChangeKind.MERGE,
        title=_title(province.name),
        effective_on=reform.effective_on,
        at=at,
        parts=proposed.parts,
        links=proposed.links,
        legal_basis=reform.legal_basis,
        basis_text=reform.basis_text,
        reform=reform,
    )
    event.reform_code = code
    event.save(update_fields=["reform_code"])
    return event


@in_vietnamese
def _title(province: str) -> str:
    return _("Sắp xếp đơn vị hành chính cấp xã của %(province)s") % {
        "province": province[:1].lower() + province[1:]
    }


def _decoded(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise ValidationError(_("Tệp nặng quá 5 MB."), code="too_large")
    try:
        return content.decode("utf-8-sig").replace("\x00", "")
    except UnicodeDecodeError:
        raise ValidationError(
            _("Tệp phải lưu theo bảng mã UTF-8. Mở lại và chọn lưu dạng “CSV UTF-8”."),
            code="not_utf8",
        ) from None
