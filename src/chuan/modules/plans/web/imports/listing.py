"""Imports there are, and the first step: the file."""

from __future__ import annotations

from collections import Counter

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.people.enums import Role
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.draft import (
    Draft,
)
from chuan.modules.plans.engine.problems import Step
from chuan.modules.plans.enums import DueKind
from chuan.modules.plans.operations import imports as operations
from chuan.modules.plans.parsing import UnreadableFile
from chuan.modules.plans.queries import imports as queries
from chuan.modules.plans.queries.plans import imports_visible_to
from chuan.modules.plans.web.finding import (
    import_or_404,
    name_of,
    own_choices,
)
from chuan.modules.plans.web.forms.imports import FileForm
from chuan.modules.plans.web.imports.common import step_context
from chuan.modules.plans.web.substitutions import in_words


class ImportTable(Table):
    name = "ban-nhap"
    caption = gettext_lazy("Bản nhập quyết định")
    noun = gettext_lazy("bản nhập")
    can_export = False
    default_order = "-updated_at"
    columns = (
        Column(
            "title",
            gettext_lazy("Quyết định"),
            is_header=True,
            css="wide",
            cell=lambda row: link(
                reverse("plans:import", args=[row.pk]),
                row.draft["document"]["title"] or row.upload.name,
                row.upload.name,
            ),
        ),
        Column(
            "created_by", gettext_lazy("Người nhập"), value=lambda row: row.created_by.full_name
        ),
        Column("updated_at", gettext_lazy("Sửa gần nhất"), order="updated_at"),
        Column(
            "state",
            gettext_lazy("Trạng thái"),
            cell=lambda row: status(f"import_{row.state}"),
            order="state",
        ),
    )
    empty_title = gettext_lazy("Chưa nhập quyết định nào")
    empty_text = gettext_lazy("Tải tệp quyết định lên để lập kế hoạch và phân công.")


@require_safe
def list_imports(request: SignedInRequest) -> HttpResponse:
    may_import = bool(_departments(request))
    action = (_("Nhập quyết định"), reverse("plans:new_import")) if may_import else None
    table = ImportTable(request, imports_visible_to(request.user), empty_action=action)
    return render(request, "plans/imports.html", {"table": table, "may_import": may_import})


def _departments(request: SignedInRequest) -> list[tuple[str, str]]:
    return own_choices(request.user.organisation_ids(Role.DEPARTMENT_COORDINATOR))


@require_http_methods(["GET", "HEAD", "POST"])
def new_import(request: SignedInRequest) -> HttpResponse:
    departments = _departments(request)
    if not departments:
        rules.start_import.require(request.user, 0)
    form = FileForm(request.POST or None, request.FILES or None, departments=departments)
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["content"]
        try:
            made = operations.take_in_decision(
                actor=request.user,
                managed_by_id=int(form.cleaned_data["managed_by"]),
                name=content.name,
                content=content.read(),
                at=timezone.now(),
            )
        except operations.AlreadyImported as already:
            return redirect("plans:compare_import", import_id=already.found.pk)
        except UnreadableFile as unreadable:
            form.add_error("content", unreadable.message)
        except FileRefused as refused:
            form.add_error("content", str(refused))
        else:
            return redirect("plans:import", import_id=made.pk)
    return render(
        request, "plans/import_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_safe
def show_import(request: SignedInRequest, import_id: int) -> HttpResponse:
    """Where an import stands: what was read, what is doubtful, where to go on."""
    plan_import = import_or_404(request, import_id)
    context = step_context(request, plan_import, Step.FILE)
    draft: Draft = context["draft"]
    context |= {
        "warnings": plan_import.reading["plan"]["warnings"],
        "kinds": _kinds(draft),
        "ahead": [in_words(one) for one in queries.questions_ahead(draft)]
        if plan_import.plan_id is None and plan_import.amends_id is None
        else [],
        "from_stamps": _from_stamps(draft),
        "reopen_refusal": rules.reopen_import.refusal(request.user, plan_import),
        "abandon_refusal": rules.abandon_import.refusal(request.user, plan_import),
        "managed_by": name_of(plan_import.managed_by_id, timezone.localdate()),
    }
    return render(request, "plans/import_show.html", context)


def _from_stamps(draft: Draft) -> str:
    """What of number and day was only read from the stamps of the signed paper, and not yet
    confirmed by a person."""
    head = draft.document
    read = []
    if head.stamped_number and not head.number:
        read.append(_("số %s") % head.stamped_number)
    if head.stamped_on and not head.issued_on:
        read.append(_("ngày %s") % format_date(head.stamped_on))
    return ", ".join(read)


def _kinds(draft: Draft) -> list[tuple[str, int]]:
    """How many tasks of each kind of deadline, those there are."""
    names: dict[DueKind | None, str] = {kind: str(kind.label) for kind in DueKind}
    names[None] = _("Chưa rõ")
    counted = Counter(task.due_kind for task in draft.tasks)
    return [(name, counted[kind]) for kind, name in names.items() if counted[kind]]
