from __future__ import annotations

from datetime import date

from django.db.models import DateField, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.orgs import queries
from chuan.core.orgs.enums import OrgKind
from chuan.core.orgs.models import Group, Organisation, OrganisationVersion
from chuan.core.orgs.queries.family import family_of
from chuan.core.orgs.web.family import family_page
from chuan.core.orgs.web.forms import DayForm
from chuan.core.orgs.web.tables import MemberTable, OrganisationTable
from chuan.core.ui.components import Choice, Event
from chuan.lib.vietnamese import format_date


@require_safe
def list_organisations(request: HttpRequest) -> HttpResponse:
    table = OrganisationTable(request, OrganisationVersion.objects.none())
    return table.download() or render(
        request,
        "orgs/list.html",
        {"table": table, "day": table.day, "days": _days_to_choose(table)},
    )


@require_safe
def show_organisation(request: HttpRequest, organisation_id: int) -> HttpResponse:
    organisation = get_object_or_404(Organisation, pk=organisation_id)
    form = DayForm.of(request)
    day = form.day
    versions = list(queries.versions_of(organisation))
    if not versions:
        raise Http404
    version = next((one for one in versions if _holds(one, day)), None)
    shown = version or next((one for one in versions if _began(one, day)), versions[-1])
    parents = {one.parent_id for one in versions if one.parent_id}
    names = queries.names_at((parent, _told_on(one)) for one in versions for parent in parents)
    called = queries.Name(organisation.pk, shown.name, shown.short_name, OrgKind(shown.kind))
    return render(
        request,
        "orgs/show.html",
        {
            "form": form,
            "organisation": organisation,
            "day": day,
            "version": version,
            "shown": shown,
            "parent": names.get((shown.parent_id, _told_on(shown))) if shown.parent_id else None,
            "history": _history(versions, names),
            "family": family_page(family_of(organisation), called, timezone.localdate()),
            "groups": queries.groups_of(organisation, day) if version else [],
            "below": queries.children_on(organisation, day).count() if version else 0,
            "below_url": f"{reverse('orgs:list')}?ngay={format_date(day)}",
        },
    )


@require_safe
def list_groups(request: HttpRequest) -> HttpResponse:
    form = DayForm.of(request)
    groups = list(Group.objects.order_by("is_open", "name", "pk"))
    counts = queries.member_counts(groups, form.day)
    return render(
        request,
        "orgs/groups.html",
        {
            "form": form,
            "day": form.day,
            "rows": [(group, counts[group.pk]) for group in groups],
        },
    )


@require_safe
def show_group(request: HttpRequest, code: str) -> HttpResponse:
    group = get_object_or_404(Group, code=code)
    form = DayForm.of(request)
    asked_day = Value(form.day, output_field=DateField())
    table = MemberTable(request, queries.members(group, form.day).annotate(asked_day=asked_day))
    rules = list(group.rules.order_by("valid", "pk"))
    exceptions = list(group.exceptions.order_by("valid", "pk"))
    names = queries.names_at(
        [
            *((rule.under_id, rule.valid.lower or form.day) for rule in rules),
            *((one.organisation_id, one.valid.lower or form.day) for one in exceptions),
        ]
    )
    return table.download() or render(
        request,
        "orgs/group.html",
        {
            "form": form,
            "group": group,
            "day": form.day,
            "table": table,
            "rules": [
                {
                    "kinds": [OrgKind(kind).label for kind in rule.kinds],
                    "under": names.get((rule.under_id, rule.valid.lower or form.day)),
                    "valid": rule.valid,
                }
                for rule in rules
            ],
            "exceptions": [
                {
                    "name": names.get((one.organisation_id, one.valid.lower or form.day)),
                    "is_member": one.is_member,
                    "valid": one.valid,
                    "reason": one.reason,
                }
                for one in exceptions
            ],
        },
    )


def _days_to_choose(table: OrganisationTable) -> list[Choice]:
    """Today, and the last day before and first day of each reorganisation."""
    today = timezone.localdate()
    days = {today: _("Hôm nay")}
    for day in queries.days_of_change():
        days[_day_before(day)] = _("Đến %(day)s") % {"day": format_date(_day_before(day))}
        days[day] = _("Từ %(day)s") % {"day": format_date(day)}
    return [
        Choice(
            label=label,
            url=table.query(ngay=None if day == today else format_date(day), trang=None),
            is_current=day == table.day,
        )
        for day, label in days.items()
    ]


def _history(
    versions: list[OrganisationVersion], names: dict[tuple[int, date], queries.Name]
) -> list[Event]:
    events = []
    for version in versions:
        parent = names.get((version.parent_id or 0, _told_on(version)))
        events.append(
            Event(
                title=version.name,
                icon="building",
                tone="now" if version.valid.upper is None else "",
                text=_("Trực thuộc %(name)s") % {"name": parent} if parent else "",
                meta=[_stretch(version), *filter(None, [str(version.legal_basis or "")])],
            )
        )
    return events


def _stretch(version: OrganisationVersion) -> str:
    lower, upper = version.valid.lower, version.valid.upper
    first = format_date(lower) if lower else "…"
    last = format_date(_day_before(upper)) if upper else _("nay")
    return f"{first} – {last}"


def _holds(version: OrganisationVersion, day: date) -> bool:
    upper = version.valid.upper
    return _began(version, day) and (upper is None or day < upper)


def _began(version: OrganisationVersion, day: date) -> bool:
    lower = version.valid.lower
    return lower is None or bool(lower <= day)


def _told_on(version: OrganisationVersion) -> date:
    """A day on which the version held, to name the body above it."""
    if version.valid.lower is not None:
        return version.valid.lower  # type: ignore[no-any-return]
    return _day_before(version.valid.upper) if version.valid.upper else timezone.localdate()


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)
