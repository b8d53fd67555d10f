"""Questions only a person can decide: who stands in for a body that is no more."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from chuan.core.orgs.models import Group
from chuan.core.orgs.queries import descent_on
from chuan.core.people.http import SignedInRequest
from chuan.core.ui.reasons import add_faults
from chuan.core.ui.views import Difference
from chuan.lib.vietnamese import format_date
from chuan.modules.plans import rules
from chuan.modules.plans.engine.expansion import Question
from chuan.modules.plans.models import Plan
from chuan.modules.plans.operations import substitutions as operations
from chuan.modules.plans.queries.substitutions import (
    SubstitutionPreview,
    extra_of,
    first_day_for,
    open_questions_of,
    preview_of,
    question_about,
)
from chuan.modules.plans.web.finding import (
    plan_or_404,
    show_conflict,
)
from chuan.modules.plans.web.import_forms import KnownNames, SubstituteForm
from chuan.modules.plans.web.plans import name_of_stand_in, plan_tabs, stand_ins_of

GROUP, BODY = "nhom", "co-quan"
LISTED = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """A question in plain words, and the page that answers it."""

    text: str
    codes: str
    url: str


@require_safe
def list_questions(request: SignedInRequest, plan_id: int) -> HttpResponse:
    """What the last reconciliation could not decide: parties without a body, and rows nobody owes
    any more."""
    plan = plan_or_404(request, plan_id)
    rules.see_whole_plan.require(request.user, plan)
    extra = extra_of(plan)
    context = {
        "plan": plan,
        "asked": [_asked(plan, one) for one in open_questions_of(plan)],
        "refusal": rules.decide_substitution.refusal(request.user, plan, timezone.localdate()),
        "extra_count": extra.count(),
        "extra": extra[:LISTED],
        "stand_ins": stand_ins_of(plan),
        "tabs": plan_tabs(plan, timezone.localdate().year, "questions", sees_all=True),
    }
    return render(request, "plans/questions.html", context)


def _asked(plan: Plan, question: Question) -> Asked:
    return Asked(
        text=in_words(question),
        codes=", ".join(question.codes),
        url=reverse(
            "plans:substitute",
            args=[
                plan.pk,
                GROUP if question.group_id is not None else BODY,
                question.group_id or question.organisation_id,
            ],
        ),
    )


def in_words(question: Question) -> str:
    count = len(question.codes)
    return ngettext(
        "Đến ngày %(day)s đã không còn %(name)s; ai nhận %(count)s nhiệm vụ?",
        "Đến ngày %(day)s đã không còn %(name)s; ai nhận %(count)s nhiệm vụ?",
        count,
    ) % {"day": format_date(question.on), "name": question.name, "count": count}


@require_http_methods(["GET", "HEAD", "POST"])
def substitute(request: SignedInRequest, plan_id: int, kind: str, party_id: int) -> HttpResponse:
    """Choose who stands in; first see what that would create, then decide."""
    plan = plan_or_404(request, plan_id)
    rules.decide_substitution.require(request.user, plan, timezone.localdate())
    if kind not in {GROUP, BODY}:
        raise Http404(_("Không có loại cơ quan này."))
    group_id, organisation_id = (party_id, None) if kind == GROUP else (None, party_id)
    question = question_about(open_questions_of(plan), group_id, organisation_id)
    if question is None:
        return _gone(request, plan)
    form = SubstituteForm(
        request.POST or None,
        question=question,
        first_day=first_day_for(plan, question),
        known=_known_on(question),
        heirs=_heirs(question),
        initial={"version": plan.version, "from_day": question.on},
    )
    preview: SubstitutionPreview | None = None
    if request.method == "POST" and form.is_valid():
        preview = preview_of(plan, question, form.stand_in)
        if not preview.is_answer:
            message = _("Cơ quan hoặc nhóm được chọn cũng không có ai vào ngày %(day)s.")
            form.add_error("by", message % {"day": format_date(question.on)})
        elif request.POST.get("decide") == str(preview.total):
            try:
                return _decide(request, plan, form)
            except rules.Conflict:
                return _conflict(request, plan, form)
            except ValidationError as faults:
                add_faults(form, faults)
    context = {
        "plan": plan,
        "form": form,
        "question": question,
        "title": in_words(question),
        "codes": ", ".join(question.codes),
        "known": form.known,
        "preview": None if form.errors else preview,
        "has_changed": "decide" in request.POST and not form.errors,
    }
    return render(request, "plans/substitute.html", context, status=422 if form.errors else 200)


def _gone(request: SignedInRequest, plan: Plan) -> HttpResponse:
    """Answered meanwhile: a form sent in is a conflict, an old link leads to the list."""
    if request.method == "POST":
        return _conflict(request, plan, None)
    messages.info(request, _("Việc này không còn phải quyết định."))
    return redirect("plans:questions", plan_id=plan.pk)


def _decide(request: SignedInRequest, plan: Plan, form: SubstituteForm) -> HttpResponse:
    decided = operations.decide_substitution(
        actor=request.user,
        plan=plan,
        version=form.cleaned_data["version"],
        stand_in=form.stand_in,
        basis=form.cleaned_data["basis"],
        at=timezone.now(),
    )
    count = decided.reconciliation.created
    messages.success(
        request,
        ngettext(
            "Đã ghi quyết định và lập %(count)s phân công.",
            "Đã ghi quyết định và lập %(count)s phân công.",
            count,
        )
        % {"count": count},
    )
    return redirect("plans:questions", plan_id=plan.pk)


def _conflict(request: SignedInRequest, plan: Plan, form: SubstituteForm | None) -> HttpResponse:
    """What was decided meanwhile, beside what this person was about to decide."""
    latest = plan.substitutions.select_related("decided_by", "by_group").order_by("-pk").first()
    written = form.shown_choice if form else ""
    stored = f"{name_of_stand_in(latest)}\n{latest.basis}" if latest else ""
    return show_conflict(
        request,
        back_url=reverse("plans:questions", args=[plan.pk]),
        by=latest.decided_by.full_name if latest else "",
        at=latest.decided_at if latest else None,
        differences=[Difference(_("Cơ quan thay thế"), stored, written)],
    )


def _known_on(question: Question) -> KnownNames:
    """Groups, and bodies as they are called on the day of the trouble."""
    groups = Group.objects.filter(is_open=False)
    if question.group_id is not None:
        groups = groups.exclude(pk=question.group_id)
    return KnownNames.of(question.on, groups)


def _heirs(question: Question) -> list[int]:
    """Those who took over a part of a body that is gone."""
    if question.organisation_id is None:
        return []
    return list(descent_on(question.organisation_id, question.on).candidates)
