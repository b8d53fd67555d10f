"""The forms of the wizard whose fields depend on the draft: names of bodies, and who stands in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuan.core.orgs.models import Group
from chuan.core.orgs.queries import Candidate, once_called, versions_on
from chuan.core.ui.forms import VnDateField, VnTextField
from chuan.lib.vietnamese import format_date, sort_key
from chuan.modules.plans.engine.draft import Draft, DraftStandIn, Match, name_key
from chuan.modules.plans.engine.expansion import Question, StandIn
from chuan.modules.plans.enums import PartyKind
from chuan.modules.plans.web.forms.common import Versioned

NOBODY, LAPSES = "open", "lapses"


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The register of a day as choices: groups and bodies by id, with their names."""

    on: date
    groups: Mapping[int, str]
    bodies: Mapping[int, str]

    @classmethod
    def of(cls, on: date, groups: QuerySet[Group] | None = None) -> KnownNames:
        named = {} if groups is None else dict(groups.order_by("name").values_list("pk", "name"))
        return cls(
            on, named, {version.organisation_id: version.name for version in versions_on(on)}
        )

    def find(self, text: str) -> int | None:
        """The one body that bears the name on the day; else the one that has come from who bore it."""
        wanted = name_key(text)
        found = [pk for pk, name in self.bodies.items() if name_key(name) == wanted]
        if not found:
            found = once_called(text, on=self.on)
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True, slots=True)
class NameRow:
    """One name of the decision on the page."""

    name: str
    codes: str
    anchor: str
    is_certain: bool
    why: str
    choice: BoundField
    other: BoundField


@dataclass(frozen=True, slots=True)
class StandInRow:
    """One party that is no more from a day, on the page."""

    name: str
    on: date
    codes: str
    anchor: str
    choice: BoundField
    other: BoundField
    basis: BoundField


class BodiesForm(Versioned):
    def __init__(
        self,
        *args: Any,
        draft: Draft,
        candidates: Mapping[str, Sequence[Candidate]],
        questions: Sequence[Question],
        known: KnownNames,
        known_on: Callable[[date], KnownNames],
        names: Mapping[tuple[int | None, int | None], str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.draft, self.candidates, self.known, self.names = draft, candidates, known, names
        # Who stands in may not have been there when the decision was made.
        self.known_on = cache(known_on)
        self.keys = {f"m-{key.replace(' ', '-')}": key for key in draft.names}
        for field, key in self.keys.items():
            self._add_name(field, key)
        self.wanted = _stand_ins(draft, questions)
        for field, one in self.wanted.items():
            self._add_stand_in(field, one)

    def _add_name(self, field: str, key: str) -> None:
        match = self.draft.matches.get(key)
        candidates = self.candidates.get(key, ())
        offered = _offered(candidates, self.known)
        initial = _value_of(match)
        if initial and initial not in dict(offered):
            offered.insert(0, (initial, self._name_of(match)))
        if not initial and candidates:
            initial = _value_of(_match_of(candidates[0]))
        self.fields[field] = forms.ChoiceField(
            label=_("Trong danh mục"), choices=[("", _("Chưa chọn")), *offered], required=False,
            initial=initial,
        )  # fmt: skip
        self.fields[f"{field}-khac"] = _other_field()

    def _add_stand_in(self, field: str, one: DraftStandIn) -> None:
        groups = [
            (f"group:{pk}", name) for pk, name in self.known.groups.items() if pk != one.group_id
        ]
        offered = [
            ("", _("Chưa chọn")),
            *groups,
            (LAPSES, _("Không cơ quan nào: nhiệm vụ chấm dứt")),
        ]
        initial = ""
        if one.by_group_id:
            initial = f"group:{one.by_group_id}"
        elif one.by_organisation_id:
            initial = f"org:{one.by_organisation_id}"
            bodies = self.known_on(one.from_day).bodies
            offered.insert(1, (initial, bodies.get(one.by_organisation_id, initial)))
        elif one.basis:
            initial = LAPSES
        self.fields[field] = forms.ChoiceField(
            label=_("Cơ quan thay thế"), choices=offered, required=False, initial=initial
        )
        self.fields[f"{field}-khac"] = _other_field()
        self.fields[f"{field}-can-cu"] = VnTextField(
            label=_("Căn cứ"),
            max_length=500,
            required=False,
            initial=one.basis,
            help_text=_("Số, ký hiệu, ngày của văn bản quyết định việc này."),
        )

    def _name_of(self, match: Match | None) -> str:
        if match is None:
            return ""
        if match.group_id:
            return self.known.groups.get(match.group_id, f"#{match.group_id}")
        return self.known.bodies.get(match.organisation_id or 0, f"#{match.organisation_id}")

    # ------------------------------------------------------------ on the page

    @property
    def name_rows(self) -> list[NameRow]:
        """Names nobody is sure of first."""
        written = self.draft.names
        rows = [
            NameRow(
                name=written[key],
                codes=", ".join(
                    task.code for task in self.draft.tasks if key in map(name_key, task.names)
                ),
                anchor=field,
                is_certain=key in self.draft.matches,
                why=next((one.why for one in self.candidates.get(key, ()) if one.why), ""),
                choice=self[field],
                other=self[f"{field}-khac"],
            )
            for field, key in self.keys.items()
        ]
        return sorted(rows, key=lambda row: row.is_certain)

    @property
    def stand_in_rows(self) -> list[StandInRow]:
        return [
            StandInRow(
                name=self.names.get(one.of, ""),
                on=one.from_day,
                codes="",
                anchor=field,
                choice=self[field],
                other=self[f"{field}-khac"],
                basis=self[f"{field}-can-cu"],
            )
            for field, one in self.wanted.items()
        ]

    @property
    def every_body(self) -> list[str]:
        """Names to choose from while typing: of the decision's day, and of the days asked about."""
        later = [self.known_on(one.from_day) for one in self.wanted.values()]
        names = {name for known in (self.known, *later) for name in known.bodies.values()}
        return sorted(names, key=sort_key)

    # ------------------------------------------------------------ reading

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field in self.keys:
            other = data.get(f"{field}-khac", "")
            if other and self.known.find(other) is None:
                message = _("Không có cơ quan tên “%s” trong danh mục vào ngày ban hành.") % other
                self.add_error(f"{field}-khac", message)
        for field, one in self.wanted.items():
            other = data.get(f"{field}-khac", "")
            if other and self.known_on(one.from_day).find(other) is None:
                message = _("Không có cơ quan tên “%(name)s” trong danh mục vào ngày %(day)s.")
                values = {"name": other, "day": format_date(one.from_day)}
                self.add_error(f"{field}-khac", message % values)
        for field in self.wanted:
            chosen = data.get(field) or data.get(f"{field}-khac")
            if chosen and not data.get(f"{field}-can-cu"):
                self.add_error(f"{field}-can-cu", _("Nhập văn bản làm căn cứ."))
        return data

    @property
    def decided(self) -> dict[str, Match]:
        """Names a person chose for, where that says more than the register did."""
        found: dict[str, Match] = {}
        for field, key in self.keys.items():
            match = self._chosen_match(field)
            if match is None:
                continue
            before = self.draft.matches.get(key)
            if before is not None and _value_of(before) == _value_of(match):
                found[key] = before
            else:
                found[key] = match
        return found

    @property
    def stand_ins(self) -> tuple[DraftStandIn, ...]:
        found = []
        for field, one in self.wanted.items():
            chosen = self.cleaned_data.get(field, "")
            known = self.known_on(one.from_day)
            other = known.find(self.cleaned_data.get(f"{field}-khac", "") or "-")
            if other is not None:
                chosen = f"org:{other}"
            if not chosen:
                continue
            kind, _colon, pk = chosen.partition(":")
            found.append(
                DraftStandIn(
                    one.from_day,
                    one.group_id,
                    one.organisation_id,
                    int(pk) if kind == "group" else None,
                    int(pk) if kind == "org" else None,
                    self.cleaned_data.get(f"{field}-can-cu", ""),
                )
            )
        return tuple(found)

    def _chosen_match(self, field: str) -> Match | None:
        other = self.cleaned_data.get(f"{field}-khac", "")
        if other:
            return Match(PartyKind.NAMED, None, self.known.find(other), is_decided=True)
        chosen = self.cleaned_data.get(field, "")
        if not chosen:
            return None
        if chosen == NOBODY:
            return Match(PartyKind.OPEN, is_decided=True)
        kind, _colon, pk = chosen.partition(":")
        if kind == "group":
            return Match(PartyKind.GROUP, int(pk), None, is_decided=True)
        return Match(PartyKind.NAMED, None, int(pk), is_decided=True)


def _other_field() -> VnTextField:
    return VnTextField(
        label=_("Hoặc gõ tên cơ quan"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"list": "co-quan-trong-danh-muc", "autocomplete": "off"}),
    )


def _offered(candidates: Sequence[Candidate], known: KnownNames) -> list[tuple[str, str]]:
    found = {_value_of(_match_of(one)): one.name for one in candidates if one.kind != "open"}
    for pk, name in known.groups.items():
        found.setdefault(f"group:{pk}", _("Nhóm: %s") % name)
    return [*found.items(), (NOBODY, _("Không liệt kê được, không giao"))]


def _match_of(candidate: Candidate) -> Match:
    kind = PartyKind(candidate.kind)
    if kind == PartyKind.OPEN:
        return Match(kind)
    return Match(kind, candidate.group_id, candidate.organisation_id)


def _value_of(match: Match | None) -> str:
    if match is None:
        return ""
    if match.kind == PartyKind.OPEN:
        return NOBODY
    return f"group:{match.group_id}" if match.group_id else f"org:{match.organisation_id}"


def _stand_ins(draft: Draft, questions: Sequence[Question]) -> dict[str, DraftStandIn]:
    """What is decided already, and what is asked, each by the name of its field."""
    found = {_field_of(one): one for one in draft.stand_ins}
    for question in questions:
        one = DraftStandIn(question.on, question.group_id, question.organisation_id)
        found.setdefault(_field_of(one), one)
    return found


def _field_of(one: DraftStandIn) -> str:
    kind = "nhom" if one.group_id else "co-quan"
    return f"thay-{kind}-{one.group_id or one.organisation_id}-{one.from_day:%Y%m%d}"


class SubstituteForm(Versioned):
    """Who stands in for one party while the plan runs, from which day and by which text."""

    by = forms.ChoiceField(label=gettext_lazy("Nhóm hoặc cơ quan nhận nhiệm vụ"), required=False)
    other = VnTextField(
        label=gettext_lazy("Hoặc gõ tên cơ quan"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"list": "co-quan-trong-danh-muc", "autocomplete": "off"}),
    )
    from_day = VnDateField(label=gettext_lazy("Nhận từ ngày"))
    basis = VnTextField(
        label=gettext_lazy("Văn bản làm căn cứ"),
        max_length=500,
        help_text=gettext_lazy("Số, ký hiệu, ngày của văn bản quyết định việc này."),
    )

    def __init__(
        self,
        *args: Any,
        question: Question,
        first_day: date,
        known: KnownNames,
        heirs: Sequence[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.question, self.known = question, known
        field = self.fields["by"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        bodies = [
            (f"org:{pk}", _("%s (nhận một phần)") % known.bodies[pk])
            for pk in heirs
            if pk in known.bodies
        ]
        groups = [(f"group:{pk}", _("Nhóm: %s") % name) for pk, name in known.groups.items()]
        field.choices = [
            ("", _("Chưa chọn")),
            *bodies,
            *groups,
            (LAPSES, _("Không cơ quan nào: nhiệm vụ chấm dứt")),
        ]
        if first_day == question.on:
            help_text = _("Chỉ có thể từ %(last)s.")
        else:
            help_text = _("Từ %(first)s đến %(last)s.")
        self.fields["from_day"].help_text = help_text % {
            "first": format_date(first_day),
            "last": format_date(question.on),
        }
        day = self.fields["from_day"]
        assert isinstance(day, VnDateField)  # noqa: S101 - declared above
        day.earliest, day.latest = first_day, question.on

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        chosen, other = data.get("by"), data.get("other")
        if "by" in self.errors:
            return data
        if not chosen and not other:
            self.add_error("by", _("Chọn nhóm hoặc cơ quan, hoặc gõ tên cơ quan."))
        elif chosen and other:
            self.add_error("other", _("Chỉ chọn một trong hai: trong danh sách hoặc gõ tên."))
        elif other and self.known.find(other) is None:
            message = _("Không có cơ quan tên “%(name)s” trong danh mục vào ngày %(day)s.")
            values = {"name": other, "day": format_date(self.question.on)}
            self.add_error("other", message % values)
        return data

    @property
    def stand_in(self) -> StandIn:
        kind, _colon, pk = self.cleaned_data["by"].partition(":")
        other = self.cleaned_data["other"]
        return StandIn(
            from_day=self.cleaned_data["from_day"],
            group_id=self.question.group_id,
            organisation_id=self.question.organisation_id,
            by_group_id=int(pk) if kind == "group" else None,
            by_organisation_id=self.known.find(other)
            if other
            else int(pk)
            if kind == "org"
            else None,
        )

    @property
    def shown_choice(self) -> str:
        """What this person chose, in words."""
        chosen = dict(self.fields["by"].choices)  # type: ignore[attr-defined]
        name = self.cleaned_data["other"] or chosen.get(self.cleaned_data["by"], "")
        return f"{name}\n{self.cleaned_data['basis']}"
