"""What changed from one consolidation to another."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from chuan.core.people.http import SignedInRequest
from chuan.flows.annual_report.models import (
    Consolidation,
)
from chuan.flows.annual_report.queries import rollup
from chuan.flows.annual_report.queries.parts import reports_changed
from chuan.flows.annual_report.queries.slices import with_reports
from chuan.flows.annual_report.web import presenting
from chuan.flows.annual_report.web.common import (
    consolidation_or_404,
)
from chuan.flows.annual_report.web.consolidation.common import decimal_of
from chuan.modules.plans import facade as plans


@require_GET
def compare(request: SignedInRequest, consolidation_id: int, number: int) -> HttpResponse:
    made = consolidation_or_404(request, consolidation_id)
    other = get_object_or_404(made.period.consolidations.defer("snapshot"), number=number)
    both = Consolidation.objects.filter(pk__in=(made.pk, other.pk))
    told = dict(with_reports(reports_changed(other, made), both).values_list("pk", "in_short"))
    changes = rollup.compare(told[other.pk], told[made.pk])
    coverage_words = {
        "expected": _("Phải gửi"),
        "included": _("Đã đưa vào"),
        "waiting": _("Đã duyệt, chưa đưa vào"),
        "in_review": _("Chờ duyệt"),
        "returned": _("Trả lại, đang chỉnh lý"),
        "excluded": _("Loại trừ"),
        "missing": _("Chưa gửi"),
    }
    context = {
        "made": made,
        "other": other,
        "period": made.period,
        "changes": changes,
        "coverage": [
            {"label": coverage_words[key], "before": was, "after": now, "difference": now - was}
            for key, (was, now) in changes["coverage"].items()
        ],
        "figures": [
            {
                **row,
                "before": presenting.amount(decimal_of(row["before"]), row["unit"]),
                "after": presenting.amount(decimal_of(row["after"]), row["unit"]),
                "difference": presenting.change(decimal_of(row["difference"]), row["unit"]),
            }
            for row in changes["figures"]
        ],
        "achievement": [
            {**row, "label": plans.Achievement(row["key"]).label} for row in changes["achievement"]
        ],
        "timeliness": [
            {**row, "label": plans.Timeliness(row["key"]).label} for row in changes["timeliness"]
        ],
        "texts": _changed_texts(other, made),
        "others": list(
            made.period.consolidations.exclude(pk=made.pk).order_by("-number").only("pk", "number")
        ),
    }
    return render(request, "annual_report/compare.html", context)


def _changed_texts(before: Consolidation, after: Consolidation) -> list[dict[str, str]]:
    """Tasks whose consolidated text is not the same in the two."""
    old = {row.task_id: row.narrative for row in before.tasks.defer("sources", "merged")}
    new = {row.task_id: row.narrative for row in after.tasks.defer("sources", "merged")}
    return [
        {
            "code": task["code"],
            "title": task["title"],
            "before": old.get(task["task_id"], ""),
            "after": new.get(task["task_id"], ""),
        }
        for task in after.snapshot["tasks"]
        if old.get(task["task_id"], "") != new.get(task["task_id"], "")
    ]
