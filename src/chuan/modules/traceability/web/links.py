"""Pages of resolver links: what owners of keys say, one by one or in a file, and where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Case, Q, When
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuan.core.people.http import SignedInRequest
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import tag
from chuan.core.ui.views import confirm
from chuan.core.workbooks.opening import BookRefused
from chuan.core.workbooks.reading import Fault, Place
from chuan.lib.rules import Denied
from chuan.modules.traceability import rules
from chuan.modules.traceability.engine.keys import ROOT
from chuan.modules.traceability.engine.scanned import Scanned, read_path, read_text
from chuan.modules.traceability.enums import LINK_TYPES
from chuan.modules.traceability.models import Link, LinkFile
from chuan.modules.traceability.operations import links as operations
from chuan.modules.traceability.operations.links import NewLink, OtherwiseMeanwhile, WrongLinks
from chuan.modules.traceability.operations.registry import ChangedMeanwhile, NothingChanged
from chuan.modules.traceability.parsing.link_files import TITLES, LinkTable, read_table
from chuan.modules.traceability.queries import links as queries
from chuan.modules.traceability.queries.linking import LinkFault, Plan, links_in, plan_of
from chuan.modules.traceability.queries.links import Target
from chuan.modules.traceability.queries.registry import takes_part
from chuan.modules.traceability.web.frame import (
    facts_of,
    keeps,
    page,
    require_part,
    show_conflict,
    version_in,
    with_parties,
)
from chuan.modules.traceability.web.link_forms import LinkFileForm, LinkFilters, LinkForm, TryForm
from chuan.modules.traceability.web.resolver import built_in

# Lines a page shows; of files with more it says how many are left.
MOST_SHOWN = 200
RECENT_FILES = 5


def short(anchor: str) -> str:
    """A key as people write it: without the domain that is the same in all of them."""
    return anchor.removeprefix(ROOT)


def _anchor(row: Any) -> SafeString:
    if row.may_change:
        return link(
            reverse("traceability:change-link", args=[row.pk]), short(row.anchor), row.title
        )
    return format_html('{}<span class="sub">{}</span>', short(row.anchor), row.title)


def _type(row: Link) -> SafeString:
    """What kind of link, for whom it is meant, and whether it is where a scan leads."""
    told = [one for one in (row.language, row.media_type, row.context) if one]
    return format_html(
        '{}<span class="sub">{}</span>{}',
        LINK_TYPES.get(row.link_type, ""),
        ", ".join([f"gs1:{row.link_type}", *told]),
        tag("ok", _("Mặc định"), "check") if row.is_default else "",
    )


class KeyLinkTable(Table):
    name = "lien-ket"
    caption = gettext_lazy("Liên kết của mã")
    noun = gettext_lazy("liên kết")
    search = ("anchor", "href", "title")
    search_hint = gettext_lazy("mã, địa chỉ hoặc tên")
    filter_form = LinkFilters
    default_order = "anchor"
    empty_title = gettext_lazy("Chưa có liên kết nào")
    empty_text = gettext_lazy(
        "Khi chưa khai, mã quét được dẫn đến trang truy xuất của hệ thống này."
    )
    empty_icon = "link"
    columns = (
        Column("number", TITLES["number"], value=lambda row: row.pk, on_page=False),
        Column(
            "anchor",
            TITLES["anchor"],
            is_header=True,
            order=("anchor", "link_type", "language", "pk"),
            cell=_anchor,
            export=lambda row: short(row.anchor),
        ),
        Column(
            "link_type",
            TITLES["link_type"],
            order="link_type",
            cell=_type,
            export=lambda row: f"gs1:{row.link_type}",
        ),
        Column(
            "href",
            TITLES["href"],
            order="href",
            css="wide",
            cell=lambda row: format_html('<span class="code">{}</span>', row.href),
        ),
        Column("title", TITLES["title"], on_page=False),
        Column("language", TITLES["language"], on_page=False),
        Column("media_type", TITLES["media_type"], on_page=False),
        Column("context", TITLES["context"], on_page=False),
        Column(
            "is_default",
            TITLES["is_default"],
            on_page=False,
            export=lambda row: "x" if row.is_default else "",
        ),
        Column("party.name", gettext_lazy("Đơn vị"), order="party__sort_key", css="wide"),
    )

    def wanted(self, words: Sequence[str]) -> Q:
        """Addresses are no Vietnamese words: looked for as they are written."""
        found = Q()
        for word in words:
            found &= (
                Q(anchor__icontains=word)
                | Q(href__icontains=word)
                | Q(title__icontains=word)
                | Q(party__search_key__contains=word)
            )
        return found

    def filter(self, rows: Any, chosen: dict[str, Any]) -> Any:
        return rows.filter(link_type=chosen["loai"]) if chosen.get("loai") else rows


@require_safe
def links(request: SignedInRequest) -> HttpResponseBase:
    require_part(request.user, takes_part)
    own = keeps(request)
    can_add = own.exists()
    action = (_("Thêm liên kết"), reverse("traceability:add-link")) if can_add else None
    rows = queries.links_visible_to(request.user).annotate(
        may_change=Case(When(party__in=own, then=True), default=False)
    )
    table = KeyLinkTable(request, rows, empty_action=action)
    files = queries.link_files_visible_to(request.user).order_by("-sent_at", "pk")
    return table.download() or page(
        request,
        "links",
        "links",
        table=table,
        can_add=can_add,
        files=files[:RECENT_FILES],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def add_link(request: SignedInRequest) -> HttpResponse:
    require_part(request.user, takes_part)
    form = LinkForm(request.POST or None, initial={"anchor": request.GET.get("ma", "")})
    with_parties(request, form)
    if request.method == "POST" and form.is_valid():
        try:
            added, changed = operations.set_links(
                actor=request.user,
                party=form.cleaned_data["party"],
                links=[NewLink(**facts_of(form, without=("party",)))],
            )
        except WrongLinks as wrong:
            _put(form, wrong)
        except Denied as denied:
            form.add_error(None, str(denied))
        else:
            if added:
                messages.success(request, _("Đã thêm liên kết."))
            elif changed:
                messages.success(request, _("Liên kết đã có từ trước; đã sửa tên hoặc mặc định."))
            else:
                messages.info(request, _("Liên kết này đã có, không có gì thay đổi."))
            return redirect("traceability:links")
    return _form(request, form, title=_("Thêm liên kết"))


@require_http_methods(["GET", "HEAD", "POST"])
def change_link(request: SignedInRequest, link_id: int) -> HttpResponse:
    found = _link(request, link_id)
    rules.keep_registry.require(request.user, found.party)
    facts = {name: getattr(found, name) for name in LinkForm.base_fields if name != "party"}
    form = LinkForm(request.POST or None, initial=facts | {"anchor": short(found.anchor)})
    del form.fields["party"]
    try:
        if request.method == "POST" and form.is_valid():
            operations.change_link(
                actor=request.user,
                link=found,
                version=version_in(request),
                new=NewLink(**facts_of(form)),
            )
            messages.success(request, _("Đã lưu."))
            return redirect("traceability:links")
    except WrongLinks as wrong:
        _put(form, wrong)
    except ChangedMeanwhile as changed:
        return show_conflict(request, form, changed, request.path)
    except NothingChanged:
        messages.info(request, _("Không có gì thay đổi."))
        return redirect("traceability:links")
    return _form(
        request,
        form,
        title=_("Sửa liên kết"),
        sub=found.party.name,
        version=request.POST.get("version", found.version),
        remove=reverse("traceability:remove-link", args=[found.pk]),
        remove_words=_("Gỡ liên kết"),
        see=f"{reverse('traceability:try-link')}?ma={found.anchor}",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def remove_link(request: SignedInRequest, link_id: int) -> HttpResponse:
    found = _link(request, link_id)
    rules.keep_registry.require(request.user, found.party)
    if request.method == "POST":
        try:
            operations.remove_link(actor=request.user, link=found)
        except Link.DoesNotExist:
            messages.info(request, _("Liên kết này đã được gỡ từ trước."))
        else:
            messages.success(request, _("Đã gỡ liên kết. Mã quét không còn dẫn đến đó."))
        return redirect("traceability:links")
    return confirm(
        request,
        title=_("Gỡ liên kết “%(title)s”?") % {"title": found.title},
        action=_("Gỡ liên kết"),
        back_url=reverse("traceability:change-link", args=[found.pk]),
        lines=[f"{short(found.anchor)} → {found.href}"],
        consequences=[_("Người quét mã trên nhãn đã in không còn được dẫn đến địa chỉ này.")],
        is_destructive=True,
    )


# ---------------------------------------------------------------- where a scan leads
@dataclass(frozen=True, slots=True)
class Offered:
    """One link that holds for what was scanned, and whether the scan leads there."""

    target: Target
    level: str
    type: str
    is_built_in: bool
    is_chosen: bool


@require_safe
def try_link(request: SignedInRequest) -> HttpResponse:
    """Where a scan with these wishes leads, by what stands now."""
    require_part(request.user, takes_part)
    form = TryForm(request.GET if "ma" in request.GET else None)
    scanned: Scanned | None = None
    left: list[Target] = []
    offered: list[Offered] = []
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        scanned = read_text(told["ma"]) or read_path(told["ma"])
        if scanned is None:
            words = _("“%(value)s” không phải mã GS1 đọc được.") % {"value": told["ma"]}
            form.add_error("ma", words)
        else:
            said = queries.targets_of(scanned)
            is_known = queries.name_of(scanned) is not None
            own = built_in(request, scanned, said) if is_known else []
            left = queries.wanted_of(
                [*said, *own],
                link_type=told["loai"],
                languages=told["ngon_ngu"],
                media_types=told["kieu"],
                context=told["ngu_canh"],
            )
            offered = [
                Offered(
                    one,
                    short(one.anchor),
                    str(LINK_TYPES.get(one.link_type, _("Mặc định"))),
                    one in own,
                    one in left,
                )
                for one in (*said, *own)
            ]
    return page(
        request,
        "link_try",
        "links",
        status=422 if form.errors else 200,
        form=form,
        scanned=scanned,
        left=left,
        offered=offered,
    )


# ---------------------------------------------------------------- files
@require_http_methods(["GET", "HEAD", "POST"])
def send_file(request: SignedInRequest) -> HttpResponse:
    """Read a file; with faults nothing is kept and all of them are shown."""
    require_part(request.user, takes_part)
    form = LinkFileForm(request.POST or None, request.FILES or None)
    with_parties(request, form)
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        sent, party = form.cleaned_data["table"], form.cleaned_data["party"]
        try:
            table = read_table(sent.name, sent.read())
            told, unread = links_in(table)
            file = operations.keep_link_file(
                actor=request.user,
                party=party,
                name=sent.name,
                links=told,
                unread=unread,
                at=timezone.now(),
            )
        except BookRefused as refused:
            form.add_error("table", str(refused))
        except Denied as denied:
            form.add_error(None, str(denied))
        except WrongLinks as error:
            faults = [_in_file(table, fault) for fault in error.faults]
        else:
            if table.unused:
                words = _("Cột không dùng đến: %(titles)s.")
                messages.info(request, words % {"titles": ", ".join(table.unused)})
            return redirect("traceability:link-file", file_id=file.pk)
    return page(
        request,
        "link_file_new",
        "links",
        status=422 if form.errors or faults else 200,
        form=form,
        faults=faults[:MOST_SHOWN],
        fault_count=len(faults),
        columns=[str(title) for title in TITLES.values()],
    )


@require_http_methods(["GET", "HEAD", "POST"])
def link_file(request: SignedInRequest, file_id: int) -> HttpResponse:
    """What a file would change, and storing it; afterwards what it changed."""
    file = _file(request, file_id)
    rules.keep_registry.require(request.user, file.party)
    is_otherwise = False
    if request.method == "POST":
        try:
            operations.load_link_file(
                actor=request.user, file=file, shown=_shown(request), at=timezone.now()
            )
        except Denied as denied:
            messages.error(request, str(denied))
            return redirect("traceability:link-file", file_id=file.pk)
        except (OtherwiseMeanwhile, WrongLinks):
            is_otherwise = True
        else:
            messages.success(request, _("Đã ghi liên kết trong tệp."))
            return redirect("traceability:link-file", file_id=file.pk)
    plan = plan_of(file.party, operations.links_of_file(file)) if file.loaded_at is None else None
    return page(
        request,
        "link_file",
        "links",
        status=409 if is_otherwise else 200,
        file=file,
        plan=plan,
        is_otherwise=is_otherwise,
        changes=_changes(plan)[:MOST_SHOWN] if plan else [],
        more=max(0, sum(plan.counts) - MOST_SHOWN) if plan else 0,
        can_load=rules.load_link_file.allows(request.user, file.party, file),
        can_undo=rules.undo_link_file.allows(request.user, file.party, file),
    )


@require_POST
def undo_file(request: SignedInRequest, file_id: int) -> HttpResponse:
    file = _file(request, file_id)
    try:
        back, left = operations.undo_link_file(actor=request.user, file=file, at=timezone.now())
    except Denied as denied:
        messages.error(request, str(denied))
    else:
        words = ngettext(
            "Đã đưa %(n)d liên kết về như trước.", "Đã đưa %(n)d liên kết về như trước.", back
        )
        messages.success(request, words % {"n": back})
        if left:
            words = ngettext(
                "%(n)d liên kết đã bị sửa hoặc gỡ sau khi ghi tệp nên được để nguyên.",
                "%(n)d liên kết đã bị sửa hoặc gỡ sau khi ghi tệp nên được để nguyên.",
                left,
            )
            messages.warning(request, words % {"n": left})
    return redirect("traceability:link-file", file_id=file.pk)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file that does something; `differences` are heading, before, after."""

    row: Link
    anchor: str
    type: str
    differences: Sequence[tuple[str, str, str]] = ()


def _changes(plan: Plan) -> list[Line]:
    changed = [
        (
            one.at,
            Line(
                one.row,
                short(one.row.anchor),
                str(LINK_TYPES[one.row.link_type]),
                [
                    (str(TITLES[name]), _word(before), _word(getattr(one.row, name)))
                    for name, before in one.before.items()
                    if before != getattr(one.row, name)
                ],
            ),
        )
        for one in plan.changed
    ]
    added = [
        (at, Line(row, short(row.anchor), str(LINK_TYPES[row.link_type]))) for at, row in plan.added
    ]
    return [line for _at, line in sorted([*changed, *added], key=lambda one: one[0])]


def _word(value: str | bool) -> str:
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    return short(value) or "–"


def _in_file(table: LinkTable, fault: LinkFault) -> Fault:
    """A fault where the person finds it in their file."""
    if fault.at >= len(table.lines):
        return Fault(Place(table.sheet, table.lines[-1].number), "", "", "", fault.why)
    line = table.lines[fault.at]
    place = Place(table.sheet, line.number, table.letters.get(fault.field, ""))
    title = str(TITLES.get(fault.field, ""))
    return Fault(place, title, line.cells.get(fault.field, ""), "", fault.why)


def _put(form: LinkForm, wrong: WrongLinks) -> None:
    for fault in wrong.faults:
        form.add_error(fault.field if fault.field in form.fields else None, fault.why)


def _shown(request: SignedInRequest) -> tuple[int, int]:
    counts = [request.POST.get(name, "") for name in ("added", "changed")]
    added, changed = (int(one) if one.isdecimal() and len(one) < 6 else -1 for one in counts)
    return added, changed


def _link(request: SignedInRequest, link_id: int) -> Link:
    return get_object_or_404(queries.links_visible_to(request.user), pk=link_id)


def _file(request: SignedInRequest, file_id: int) -> LinkFile:
    return get_object_or_404(queries.link_files_visible_to(request.user), pk=file_id)


def _form(request: SignedInRequest, form: LinkForm, *, title: str, **more: Any) -> HttpResponse:
    return page(
        request,
        "form",
        "links",
        status=422 if form.errors else 200,
        form=form,
        title=title,
        back=reverse("traceability:links"),
        **more,
    )
