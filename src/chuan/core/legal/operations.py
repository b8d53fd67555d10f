from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from chuan.core.audit.operations import record, record_many
from chuan.core.legal import rules
from chuan.core.legal.models import LegalSource, SourceRelation, StatutoryParameter
from chuan.lib.vietnamese import format_date, nfc

DATA = Path(__file__).parent / "data"
LOADER = "legal.load"


@transaction.atomic
def add_source(
    *,
    actor: AbstractBaseUser,
    code: str,
    notation: str,
    title: str,
    issuer: str,
    issued_on: date | None = None,
    effective_from: date | None = None,
    effective_to: date | None = None,
    note: str = "",
) -> LegalSource:
    """Put a legal source in the table; it waits for somebody to compare it with the official text.

    :param effective_to: the first day on which it no longer applies.
    :raises ValidationError: the code is taken, or the end is not after the beginning.
    """
    rules.keep_law.require(actor)
    source = LegalSource(
        code=code,
        notation=nfc(notation),
        title=nfc(title),
        issuer=nfc(issuer),
        issued_on=issued_on,
        effective_from=effective_from,
        effective_to=effective_to,
        note=nfc(note),
    )
    source.full_clean()
    source.save()
    record(action="legal.source_added", actor=actor, subject=source)
    return source


@transaction.atomic
def confirm_source(*, actor: AbstractBaseUser, source: LegalSource) -> LegalSource:
    """Say that the row has been compared with the official text."""
    source = LegalSource.objects.select_for_update(no_key=True).get(pk=source.pk)
    rules.keep_law.require(actor)
    source.is_verified = True
    source.save(update_fields=["is_verified"])
    record(action="legal.source_confirmed", actor=actor, subject=source)
    return source


@transaction.atomic
def relate_sources(
    *,
    actor: AbstractBaseUser,
    source: LegalSource,
    kind: SourceRelation.Kind,
    target: LegalSource,
) -> SourceRelation:
    """Say that one source replaces, amends, guides or implements another.

    A source that is replaced and has no end yet ends on the day the new one begins.
    """
    target = LegalSource.objects.select_for_update(no_key=True).get(pk=target.pk)
    rules.keep_law.require(actor)
    relation = SourceRelation(source=source, kind=kind, target=target)
    relation.full_clean()
    relation.save()
    if (
        kind == SourceRelation.Kind.REPLACES
        and target.effective_to is None
        and source.effective_from is not None
    ):
        target.effective_to = source.effective_from
        target.full_clean()
        target.save(update_fields=["effective_to"])
    record(
        action="legal.sources_related", actor=actor, subject=source, kind=kind, target=str(target)
    )
    return relation


@transaction.atomic
def set_parameter(
    *,
    actor: AbstractBaseUser,
    code: str,
    title: str,
    value: Any,
    source: LegalSource,
    clause: str,
    valid_from: date,
    valid_to: date | None = None,
) -> StatutoryParameter:
    """Set what the law says from a day on; the value before it ends on that day and stays readable.

    :param valid_to: the first day on which it no longer applies; None while nobody knows.
    :raises ValidationError: another value begins on that day or stands in the way after it.
    """
    rules.keep_law.require(actor)
    parameter, closed = _put(
        StatutoryParameter(
            code=code,
            title=nfc(title),
            value=value,
            source=source,
            clause=nfc(clause),
            valid=(valid_from, valid_to),
        )
    )
    record(
        action="legal.parameter_set",
        actor=actor,
        subject=parameter,
        value=value,
        valid_from=valid_from.isoformat(),
        before=closed.value if closed else None,
    )
    return parameter


def _put(new: StatutoryParameter) -> tuple[StatutoryParameter, StatutoryParameter | None]:
    """Store a value, closing the open one before it, which is returned too."""
    valid_from, valid_to = new.valid
    others = StatutoryParameter.objects.select_for_update(no_key=True).filter(code=new.code)
    closed = None
    for other in others:
        lower, upper = other.valid.lower, other.valid.upper
        if upper is None and (lower is None or lower < valid_from):
            closed = other
        elif (upper is None or upper > valid_from) and (valid_to is None or lower < valid_to):
            raise ValidationError(
                _(
                    "Tham số %(code)s đã có giá trị từ ngày %(day)s. "
                    "Chọn ngày bắt đầu khác hoặc nhập ngày kết thúc trước ngày đó."
                ),
                code="parameter_overlaps",
                params={"code": new.code, "day": format_date(lower) if lower else "…"},
            )
    if closed:
        closed.valid = (closed.valid.lower, valid_from)
        closed.save(update_fields=["valid"])
    new.full_clean(validate_constraints=False)
    new.save()
    return new, closed


@dataclass(frozen=True, slots=True)
class LoadedLaw:
    """How many rows a load added or brought up to date."""

    sources: int
    relations: int
    parameters: int


@transaction.atomic
def load_legal_sources(folder: Path = DATA) -> LoadedLaw:
    """Bring the table up to what the data files say; run twice, the second time changes nothing.

    What people did stays: a source somebody compared is not made doubtful again or overwritten by
    a row nobody compared, and a parameter that exists from a day on keeps the value it has.
    """
    rows = tomllib.loads(nfc((folder / "sources.toml").read_text("utf-8")))["source"]
    known = {source.code: source for source in LegalSource.objects.all()}
    changed: list[LegalSource] = []
    for row in rows:
        fields = {key: value for key, value in row.items() if key not in {"code", "relations"}}
        source = known.get(row["code"])
        if source is None:
            source = known[row["code"]] = LegalSource(code=row["code"], **fields)
        elif source.is_verified or all(getattr(source, key) == fields[key] for key in fields):
            continue
        else:
            for key, value in fields.items():
                setattr(source, key, value)
        source.full_clean(validate_constraints=False)
        source.save()
        changed.append(source)

    existing = set(SourceRelation.objects.values_list("source_id", "kind", "target_id"))
    relations = [
        SourceRelation(source=known[row["code"]], kind=kind, target=known[target])
        for row in rows
        for kind, target in row.get("relations", [])
        if (known[row["code"]].pk, kind, known[target].pk) not in existing
    ]
    SourceRelation.objects.bulk_create(relations)

    parameters = _load_parameters(folder / "parameters.toml", known)
    record_many(action="legal.source_loaded", actor=None, by=LOADER, subjects=list(changed))
    record_many(action="legal.parameter_loaded", actor=None, by=LOADER, subjects=list(parameters))
    return LoadedLaw(len(changed), len(relations), len(parameters))


def _load_parameters(file: Path, sources: dict[str, LegalSource]) -> list[StatutoryParameter]:
    rows = tomllib.loads(nfc(file.read_text("utf-8")))["parameter"]
    begun = {(row.code, row.valid.lower) for row in StatutoryParameter.objects.all()}
    added = []
    for row in sorted(rows, key=lambda row: (row["code"], row["valid_from"])):
        if (row["code"], row["valid_from"]) in begun:
            continue
        parameter, _closed = _put(
            StatutoryParameter(
                code=row["code"],
                title=row["title"],
                value=row["value"],
                source=sources[row["source"]],
                clause=row.get("clause", ""),
                valid=(row["valid_from"], row.get("valid_to")),
            )
        )
        added.append(parameter)
    return added
