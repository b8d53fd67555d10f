"""Bring the register up to what the data files say."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from chuan.core.audit.operations import record_many
from chuan.core.legal.models import LegalSource
from chuan.core.orgs.enums import OrgKind, Share
from chuan.core.orgs.models import (
    ChangeEvent,
    Group,
    GroupRule,
    Organisation,
    OrganisationVersion,
    SuccessionLink,
)
from chuan.core.orgs.operations.register import Facts, new_version
from chuan.lib.vietnamese import nfc

DATA = Path(__file__).parent.parent / "data"
LOADER = "orgs.load"

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LoadedOrganisations:
    """How many rows a load added, ended or, for groups, taught new phrases."""

    organisations: int
    versions: int
    events: int
    groups: int


@transaction.atomic
def load_organisations(folder: Path = DATA) -> LoadedOrganisations:
    """Add what the data files have and the register lacks; run twice, the second adds nothing.

    Rows that exist stay as people left them; only a version that is still open is ended where the
    file ends it, so that the next one can begin. Legal sources are loaded before.

    Every `*.toml` of the folder may hold `[[organisation]]`, `[[event]]` and `[[group]]` tables,
    with `[defaults]` for its organisations, and `[[communes]]` tables that name a CSV file.
    """
    files = [tomllib.loads(nfc(file.read_text("utf-8"))) for file in sorted(folder.glob("*.toml"))]
    register = _Register()
    rows = [row for file in files for row in _organisation_rows(file, folder)]
    register.add_organisations(rows)
    register.add_versions(rows)
    for file in files:
        for event in file.get("event", []):
            register.add_event(event, rows)
        for group in file.get("group", []):
            register.add_group(group)
    return register.done()


class _Register:
    """The register as it stands, read once, with what has been added."""

    def __init__(self) -> None:
        self.sources = {source.code: source for source in LegalSource.objects.all()}
        self.organisations = {one.key: one for one in Organisation.objects.all()}
        self.versions: dict[tuple[int, date | None], OrganisationVersion] = {
            (version.organisation_id, version.valid.lower): version
            for version in OrganisationVersion.objects.all()
        }
        self.events = {(one.title, one.effective_on) for one in ChangeEvent.objects.all()}
        self.groups = {group.code: group for group in Group.objects.prefetch_related("rules")}
        self.new_organisations: list[Organisation] = []
        self.new_versions: list[OrganisationVersion] = []
        self.new_events: list[ChangeEvent] = []
        self.new_groups: list[Group] = []
        self.ended: list[OrganisationVersion] = []

    def add_organisations(self, rows: list[Row]) -> None:
        missing = {
            row["key"]: Organisation(key=row["key"], is_home=row.get("is_home", False))
            for row in rows
            if row["key"] not in self.organisations
        }
        self.new_organisations = Organisation.objects.bulk_create(missing.values())
        self.organisations |= {one.key: one for one in self.new_organisations}

    def add_versions(self, rows: list[Row]) -> None:
        for row in rows:
            organisation = self.organisations[row["key"]]
            valid_from, valid_to = row["valid_from"], row.get("valid_to")
            existing = self.versions.get((organisation.pk, valid_from))
            if existing is None:
                self.new_versions.append(
                    new_version(organisation, self._facts(row), valid_from, valid_to)
                )
            elif existing.valid.upper is None and valid_to is not None:
                existing.valid = (valid_from, valid_to)
                self.ended.append(existing)
        OrganisationVersion.objects.bulk_update(self.ended, ["valid"])
        OrganisationVersion.objects.bulk_create(self.new_versions)

    def add_event(self, row: Row, rows: list[Row]) -> None:
        if (row["title"], row["effective_on"]) in self.events:
            return
        event = ChangeEvent.objects.create(
            kind=row["kind"],
            title=row["title"],
            effective_on=row["effective_on"],
            legal_basis=self.sources.get(row.get("legal_basis", "")),
            clause=row.get("clause", ""),
        )
        SuccessionLink.objects.bulk_create(
            SuccessionLink(
                event=event,
                predecessor=self.organisations[before],
                successor=self.organisations[after],
                share=row.get("share", Share.FULL),
                note=row.get("note", ""),
                is_confirmed=row.get("is_confirmed", True),
            )
            for before, after in _links(row, rows)
        )
        self.new_events.append(event)

    def add_group(self, row: Row) -> None:
        group = self.groups.get(row["code"])
        if group is None:
            group = Group.objects.create(
                code=row["code"],
                name=row["name"],
                phrases=row.get("phrases", []),
                is_open=row.get("is_open", False),
            )
            self.new_groups.append(group)
        elif missing := [one for one in row.get("phrases", []) if one not in group.phrases]:
            group.phrases = [*group.phrases, *missing]
            group.save(update_fields=["phrases"])
            self.new_groups.append(group)
        known = {(rule.under_id, rule.valid.lower) for rule in group.rules.all()}
        for rule in row.get("rules", []):
            under = self.organisations[rule["under"]]
            if (under.pk, rule["valid_from"]) not in known:
                GroupRule.objects.create(
                    group=group,
                    kinds=rule["kinds"],
                    under=under,
                    valid=(rule["valid_from"], rule.get("valid_to")),
                )

    def done(self) -> LoadedOrganisations:
        written: dict[str, list[Model]] = {
            "orgs.organisation_loaded": [*self.new_versions],
            "orgs.organisation_ended": [*self.ended],
            "orgs.change_loaded": [*self.new_events],
            "orgs.group_loaded": [*self.new_groups],
        }
        for action, subjects in written.items():
            record_many(action=action, actor=None, by=LOADER, subjects=subjects)
        return LoadedOrganisations(
            organisations=len(self.new_organisations),
            versions=len(self.new_versions) + len(self.ended),
            events=len(self.new_events),
            groups=len(self.new_groups),
        )

    def _facts(self, row: Row) -> Facts:
        return Facts(
            name=row["name"],
            kind=OrgKind(row["kind"]),
            short_name=row.get("short_name", ""),
            subtype=row.get("subtype", ""),
            parent=self.organisations[row["parent"]] if row.get("parent") else None,
            code=row.get("code", ""),
            tax_code=row.get("tax_code", ""),
            notation=row.get("notation", ""),
            head_position=row.get("head_position", ""),
            seat=row.get("seat", ""),
            legal_basis=self.sources[row["legal_basis"]] if row.get("legal_basis") else None,
        )


def _organisation_rows(file: Row, folder: Path) -> Iterator[Row]:
    defaults = file.get("defaults", {})
    for row in file.get("organisation", []):
        yield {**defaults, **row}
    for table in file.get("communes", []):
        yield from _commune_rows(table, folder)


def _commune_rows(table: Row, folder: Path) -> Iterator[Row]:
    """People's Committees of communes and wards, from a CSV of code, name, type, former_district."""
    text = nfc((folder / table["file"]).read_text("utf-8"))
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for line in csv.DictReader(lines):
        yield {
            "key": f"{table['key_prefix']}-{line['code']}",
            "name": f"Ủy ban nhân dân {line['type']} {line['name']}",
            "short_name": f"UBND {line['type']} {line['name']}",
            "kind": OrgKind.COMMUNE,
            "subtype": line["type"],
            "code": line["code"],
            "parent": table["parent"],
            "notation": "UBND",
            "head_position": "Chủ tịch",
            "seat": line["name"],
            "legal_basis": table["legal_basis"],
            "valid_from": table["valid_from"],
            "former_district": line["former_district"],
        }


def _links(event: Row, rows: list[Row]) -> list[tuple[str, str]]:
    """Pairs of keys: those listed, or every commune with the district it lay in."""
    listed = [(before, after) for before, after in event.get("links", [])]
    if event.get("links_from_communes"):
        listed += [
            (row["former_district"], row["key"]) for row in rows if row.get("former_district")
        ]
    return listed
