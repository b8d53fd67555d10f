"""Taking over a list of new units: upload, what is understood, what is doubtful, and the events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.orgs import operations, queries, rules
from chuan.core.orgs.models import ChangeEvent, Reform
from chuan.core.orgs.parsing.reform import (
    DIFFERENT,
    NO_UNIT,
    PART,
    SAME,
    WHOLE,
    Doubt,
    DoubtKind,
    OldUnit,
    ProvinceReading,
)
from chuan.core.orgs.web.event_forms import ReformForm
from chuan.core.orgs.web.signed_in import SignedIn
from chuan.core.ui.tables import Column, Table
from chuan.core.ui.views import confirm

_QUESTIONS = {
    DoubtKind.NO_TYPE: gettext_lazy("“%(words)s” không ghi loại đơn vị. Đây là gì?"),
    DoubtKind.SAME_NAME: gettext_lazy(
        "“%(words)s” xuất hiện ở nhiều dòng mà không ghi rõ. Là một đơn vị bị chia hay các đơn vị "
        "trùng tên?"
    ),
    DoubtKind.REST_OF_NOTHING: gettext_lazy(
        "“%(words)s”: không tìm thấy dòng nhận phần kia. Nhận toàn bộ hay một phần?"
    ),
    DoubtKind.UNKNOWN_WORDS: gettext_lazy(
        "“%(words)s”: chưa hiểu phần trong ngoặc. Nhận toàn bộ hay một phần?"
    ),
}
_CHOICES = {
    SAME: gettext_lazy("Một đơn vị bị chia"),
    DIFFERENT: gettext_lazy("Các đơn vị trùng tên"),
    WHOLE: gettext_lazy("Toàn bộ"),
    PART: gettext_lazy("Một phần"),
    NO_UNIT: gettext_lazy("Không phải đơn vị hành chính"),
}


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt as the page asks it: radio buttons under a sentence, the suggestion marked."""

    name: str
    text: str
    places: str
    choices: list[tuple[str, str, bool]]
    doubt: Doubt


@dataclass(frozen=True, slots=True)
class Line:
    """One province of the list: what was understood and how far it has come."""

    province: ProvinceReading
    url: str
    doubts: int
    event: ChangeEvent | None

    @property
    def is_ready(self) -> bool:
        return not self.doubts and self.event is None


class OldUnitTable(Table):
    """Which old unit went where, as the list was understood."""

    name = "don-vi-cu"
    caption = gettext_lazy("Đơn vị cũ và đơn vị kế thừa")
    noun = gettext_lazy("đơn vị cũ")
    search = ("title",)
    default_order = ""
    columns = (
        Column(
            "title",
            gettext_lazy("Đơn vị cũ"),
            is_header=True,
            value=lambda old: _with_district(old),
        ),
        Column(
            "successors",
            gettext_lazy("Đơn vị kế thừa"),
            value=lambda old: "; ".join(unit.title for unit in old.successors),
        ),
        Column(
            "share",
            gettext_lazy("Nhận"),
            value=lambda old: str(_CHOICES[PART if old.is_split else WHOLE]),
        ),
        Column(
            "words",
            gettext_lazy("Chữ trong tệp"),
            value=lambda old: "; ".join(dict.fromkeys(one.words for one in old.mentions)),
        ),
    )


def _with_district(old: OldUnit) -> str:
    title = old.title[:1].upper() + old.title[1:]
    return f"{title} ({old.district})" if old.district else title


@require_safe
def list_reforms(request: SignedIn) -> HttpResponse:
    rules.see_drafts.require(request.user)
    return render(
        request,
        "orgs/reforms.html",
        {
            "reforms": queries.reforms_visible_to(request.user),
            "may_prepare": rules.prepare_events.allows(request.user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def new_reform(request: SignedIn) -> HttpResponse:
    rules.prepare_events.require(request.user)
    form = ReformForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data.pop("file")
        try:
            reform = operations.take_in_reform(
                actor=request.user,
                name=upload.name,
                content=upload.read(),
                at=timezone.now(),
                **form.cleaned_data,
            )
        except ValidationError as wrong:
            form.add_error("file", wrong.messages)
        else:
            return redirect("orgs:reform", reform.pk)
    return render(
        request, "orgs/reform_new.html", {"form": form}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
def show_reform(request: SignedIn, reform_id: int) -> HttpResponse:
    """All provinces of a list; those without open questions can be made into events."""
    reform = _reform_or_404(request, reform_id)
    problems: list[str] = []
    if request.method == "POST":
        try:
            events = operations.draft_reform_events(
                actor=request.user,
                reform=reform,
                provinces=request.POST.getlist("province"),
                at=timezone.now(),
            )
        except ValidationError as wrong:
            problems = wrong.messages
        else:
            messages.success(
                request,
                ngettext(
                    "Đã soạn %(count)s sự kiện. Xem và chuyển cho người thứ hai xác nhận.",
                    "Đã soạn %(count)s sự kiện. Xem và chuyển cho người thứ hai xác nhận.",
                    len(events),
                )
                % {"count": len(events)},
            )
            return (
                redirect("orgs:event", events[0].pk)
                if len(events) == 1
                else redirect("orgs:reform", reform.pk)
            )
    reading, events_by_code = queries.reading_of(reform), queries.events_of(reform)
    lines = [
        Line(
            one,
            reverse("orgs:reform_province", args=[reform.pk, one.code]),
            len(one.open_doubts),
            events_by_code.get(one.code),
        )
        for one in reading.provinces
    ]
    context = {
        "reform": reform,
        "lines": lines,
        "refused": reading.refused,
        "problems": problems,
        "totals": {
            "units": sum(len(one.units) for one in reading.provinces),
            "old": sum(len(one.old_units) for one in reading.provinces),
            "split": sum(len(one.split) for one in reading.provinces),
            "doubts": sum(line.doubts for line in lines),
        },
        "may_change": rules.change_reform.allows(request.user, reform),
    }
    return render(request, "orgs/reform.html", context, status=422 if problems else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def show_province(request: SignedIn, reform_id: int, code: str) -> HttpResponse:
    """One province: questions first, then everything that was understood."""
    reform = _reform_or_404(request, reform_id)
    province = queries.reading_of(reform).province(code)
    if province is None:
        raise Http404
    if request.method == "POST":
        rules.change_reform.require(request.user, reform)
        answers = {
            doubt.key: request.POST[f"doubt_{at}"]
            for at, doubt in enumerate(province.doubts)
            if request.POST.get(f"doubt_{at}")
        }
        try:
            operations.answer_doubts(actor=request.user, reform=reform, answers=answers)
        except ValidationError as wrong:
            for message in wrong.messages:
                messages.error(request, message)
        else:
            messages.success(request, _("Đã lưu câu trả lời."))
        return redirect("orgs:reform_province", reform.pk, code)
    table = OldUnitTable(request, _in_order(province))
    return table.download() or render(
        request,
        "orgs/reform_province.html",
        {
            "reform": reform,
            "province": province,
            "questions": [_question(at, doubt) for at, doubt in enumerate(province.doubts)],
            "table": table,
            "may_change": rules.change_reform.allows(request.user, reform),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def abandon_reform(request: SignedIn, reform_id: int) -> HttpResponse:
    reform = _reform_or_404(request, reform_id)
    rules.change_reform.require(request.user, reform)
    if request.method == "POST":
        operations.abandon_reform(actor=request.user, reform=reform)
        messages.success(request, _("Đã bỏ bảng sắp xếp."))
        return redirect("orgs:events")
    return confirm(
        request,
        title=_("Bỏ bảng “%(name)s”?") % {"name": reform.name},
        action=_("Bỏ bảng này"),
        back_url=reverse("orgs:reform", args=[reform.pk]),
        lines=[_("Các sự kiện đã soạn từ bảng vẫn giữ nguyên.")],
        is_destructive=True,
    )


def _reform_or_404(request: SignedIn, reform_id: int) -> Reform:
    return get_object_or_404(queries.reforms_visible_to(request.user), pk=reform_id)


def _in_order(province: ProvinceReading) -> list[OldUnit]:
    """Split ones first: they are what a person looks at."""
    return [*province.split, *(one for one in province.old_units if not one.is_split)]


def _question(at: int, doubt: Doubt) -> Question:
    return Question(
        name=f"doubt_{at}",
        text=str(_QUESTIONS[doubt.kind]) % {"words": doubt.words},
        places=", ".join(doubt.places),
        choices=[(one, _label(one), one == doubt.taken) for one in doubt.choices],
        doubt=doubt,
    )


def _label(choice: str) -> Any:
    return _CHOICES.get(choice, choice[:1].upper() + choice[1:])
