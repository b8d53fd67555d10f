"""Every list and dashboard of the product, and the pages people work on, with who looks at them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from bench.data import Volume
from bench.registers import fill
from chuan.core.documents.models import OfficialDocument
from chuan.core.people.models import Person
from chuan.flows.annual_report.models import Consolidation, ReportingPeriod
from chuan.modules.plans.models import Assignment, Difficulty, Task


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    reader: Person


def pages(
    volume: Volume, period: ReportingPeriod, unanswered: ReportingPeriod, made: Consolidation
) -> list[Page]:
    """`made` is the period's second consolidation; nobody has consolidated `unanswered`."""
    return [
        *_desks(volume),
        *_plan_pages(volume),
        *_overview_pages(volume),
        *_report_pages(volume, period),
        *_collecting_pages(volume, unanswered),
        *_consolidation_pages(volume, made),
        *_registers(volume),
        *_beside_the_plan(volume),
        Page("search", reverse("search:results") + "?q=do+luong", volume.coordinator),
        Page("search, clerk", reverse("search:results") + "?q=do+luong", volume.clerks[0]),
        Page("public portal", reverse("portal:home"), volume.clerks[0]),
    ]


def _desks(volume: Volume) -> list[Page]:
    desk = reverse("my_work:list")
    return [
        Page("my work, clerk", desk, volume.clerks[0]),
        Page("my work, head", desk, volume.heads[0]),
        Page("my work, coordinator", desk, volume.coordinator),
        Page("my work, department leader", desk, volume.leader),
        Page("my work, provincial leader", desk, volume.governor),
        Page("my work, auditor", desk, volume.auditor),
    ]


def _plan_pages(volume: Volume) -> list[Page]:
    plan, clerk, coordinator = volume.plan.pk, volume.clerks[0], volume.coordinator
    task = Task.objects.filter(plan=plan).order_by("pk")[0].pk
    assignment = Assignment.objects.filter(
        task=task, organisation=volume.bodies[0], year=2026
    ).get()
    difficulty = Difficulty.objects.order_by("pk")[0].pk
    assignments = reverse("plans:assignments", args=[plan])
    # The last page that is full.
    last = len(volume.bodies) * 21 // 50
    matrix = reverse("plans:matrix", args=[plan])
    of_task = reverse("plans:task", args=[plan, task])
    return [
        Page("plans", reverse("plans:list"), coordinator),
        Page("plan", reverse("plans:show", args=[plan]), coordinator),
        Page("plan, clerk", reverse("plans:show", args=[plan]), clerk),
        Page("matrix, overdue", f"{matrix}?nam=2025&qua-han=1", coordinator),
        Page("assignments", assignments, coordinator),
        Page("assignments, near the end", f"{assignments}?trang={last}", coordinator),
        Page("assignments, clerk", assignments, clerk),
        Page("assignments of a body", f"{assignments}?co-quan={volume.bodies[0].pk}", coordinator),
        Page("decision", reverse("plans:decision", args=[plan]), coordinator),
        Page("bodies to be answered for", reverse("plans:questions", args=[plan]), coordinator),
        Page("ending a plan", reverse("plans:end", args=[plan]), coordinator),
        Page("versions", reverse("plans:versions", args=[plan]), coordinator),
        Page("documents from above", reverse("plans:parents"), coordinator),
        Page("duties left over", reverse("plans:fates", args=[plan]), coordinator),
        Page("locks", reverse("plans:locks", args=[plan]), coordinator),
        Page("more time asked for", reverse("plans:extensions"), coordinator),
        Page("task", of_task, coordinator),
        Page("task, clerk", of_task, clerk),
        Page("assignment", reverse("plans:assignment", args=[assignment.pk]), clerk),
        Page("asking for parts", reverse("plans:ask", args=[assignment.pk]), clerk),
        Page("imports", reverse("plans:imports"), coordinator),
        Page("difficulties", reverse("plans:difficulties"), coordinator),
        Page("difficulties, clerk", reverse("plans:difficulties"), clerk),
        Page("difficulty", reverse("plans:difficulty", args=[difficulty]), coordinator),
        Page("raise a difficulty", reverse("plans:raise_difficulty"), clerk),
    ]


def dashboards(volume: Volume) -> list[tuple[Page, ...]]:
    """Every dashboard as it is and, where it can look back, as it was six weeks ago."""
    then = timezone.localdate() - timedelta(days=42)
    plan = f"ke-hoach={volume.plan.pk}&nam="
    home, changes = reverse("overview:home"), reverse("overview:changes")
    body = reverse("overview:body", args=[volume.bodies[0].pk])
    matrix = reverse("plans:matrix", args=[volume.plan.pk])
    found = [
        ("dashboard", f"{home}?{plan}2026", volume.coordinator),
        ("dashboard, table of bodies", f"{home}?{plan}2026&bang=co-quan", volume.coordinator),
        ("dashboard, all years", f"{home}?{plan}2030", volume.coordinator),
        ("dashboard, provincial leader", f"{home}?{plan}2026", volume.governor),
        ("dashboard of a unit", f"{body}?{plan}2026", volume.heads[0]),
        ("dashboard of a person", f"{reverse('overview:person')}?{plan}2026", volume.clerks[0]),
        ("matrix", f"{matrix}?nam=2026", volume.coordinator),
    ]
    return [
        *(
            (
                Page(name, address, reader),
                Page(f"{name}, as it was", f"{address}&ngay={then:%Y-%m-%d}", reader),
            )
            for name, address, reader in found
        ),
        (Page("changes between two days", f"{changes}?{plan}2026", volume.coordinator),),
        (
            Page(
                "changes of a whole year's work",
                f"{changes}?{plan}2026&tu=20/05/2026&den=12/10/2026",
                volume.coordinator,
            ),
        ),
    ]


def _overview_pages(volume: Volume) -> list[Page]:
    listed = reverse("plans:assignments", args=[volume.plan.pk])
    then = timezone.localdate() - timedelta(days=42)
    return [
        *(page for pair in dashboards(volume) for page in pair),
        Page(
            "assignments, as they were",
            f"{listed}?nam=2026&ngay={then:%Y-%m-%d}",
            volume.coordinator,
        ),
    ]


def _report_pages(volume: Volume, period: ReportingPeriod) -> list[Page]:
    report = period.reports.get(organisation=volume.bodies[0])
    item, figure = report.items.order_by("pk")[0], report.figures.order_by("pk")[0]
    clerk, coordinator = volume.clerks[0], volume.coordinator
    lists = reverse("annual_report:list")
    return [
        Page("reports", f"{lists}?ky={period.pk}", coordinator),
        Page("reports, provincial leader", f"{lists}?ky={period.pk}", volume.governor),
        Page("reports, clerk", lists, clerk),
        Page("opening another period", reverse("annual_report:open_other_period"), coordinator),
        Page("reporting period", reverse("annual_report:period", args=[period.pk]), coordinator),
        Page(
            "places of figures", reverse("annual_report:placements", args=[period.pk]), coordinator
        ),
        Page("report", reverse("annual_report:show", args=[report.pk]), clerk),
        Page("report, head", reverse("annual_report:show", args=[report.pk]), volume.heads[0]),
        Page("report, one task", reverse("annual_report:item", args=[report.pk, item.pk]), clerk),
        Page("report, figures", reverse("annual_report:figures", args=[report.pk]), clerk),
        Page(
            "report, one figure",
            reverse("annual_report:figure", args=[report.pk, figure.pk]),
            clerk,
        ),
        Page("report, check", reverse("annual_report:check", args=[report.pk]), volume.heads[0]),
        Page("report, history", reverse("annual_report:history", args=[report.pk]), clerk),
        Page("review", reverse("annual_report:review", args=[report.pk]), coordinator),
    ]


def _collecting_pages(volume: Volume, unanswered: ReportingPeriod) -> list[Page]:
    coordinator = volume.coordinator
    reports = reverse("annual_report:list") + f"?ky={unanswered.pk}"
    return [
        Page("reports, unanswered", reports, coordinator),
        Page("collection", reverse("annual_report:collection", args=[unanswered.pk]), coordinator),
        Page("urging", reverse("annual_report:urge", args=[unanswered.pk]), coordinator),
        Page("left open", reverse("annual_report:left_behind", args=[unanswered.pk]), coordinator),
    ]


def _consolidation_pages(volume: Volume, made: Consolidation) -> list[Page]:
    coordinator = volume.coordinator
    one, task = [made.pk], made.tasks.order_by("pk")[0].task_id
    figure = made.snapshot["figures"][0]["code"]
    return [
        Page("consolidation", reverse("annual_report:consolidation", args=one), coordinator),
        Page(
            "consolidation, leader", reverse("annual_report:consolidation", args=one), volume.leader
        ),
        Page("consolidation, texts", reverse("annual_report:texts", args=one), coordinator),
        Page(
            "consolidation, one task",
            reverse("annual_report:task_text", args=[made.pk, task]),
            coordinator,
        ),
        Page(
            "consolidation, one figure",
            reverse("annual_report:rolled_figure", args=[made.pk, figure]),
            coordinator,
        ),
        Page(
            "consolidation, compared",
            reverse("annual_report:compare", args=[made.pk, made.number - 1]),
            coordinator,
        ),
        Page("consolidation, closing", reverse("annual_report:close", args=one), volume.leader),
        Page("consolidation, documents", reverse("annual_report:outputs", args=one), coordinator),
    ]


def _registers(volume: Volume) -> list[Page]:
    coordinator, administrator = volume.coordinator, volume.administrator
    document = OfficialDocument.objects.order_by("pk")[0].pk
    body = volume.bodies[0].pk
    return [
        Page("organisations", reverse("orgs:list"), coordinator),
        Page("organisations, search", reverse("orgs:list") + "?q=thu+nghiem", coordinator),
        Page("organisation", reverse("orgs:show", args=[body]), coordinator),
        Page("groups", reverse("orgs:groups"), coordinator),
        Page("group", reverse("orgs:group", args=["xa"]), coordinator),
        Page("reorganisations", reverse("orgs:events"), coordinator),
        Page("lists of reorganisations", reverse("orgs:reforms"), coordinator),
        Page("documents", reverse("documents:list"), coordinator),
        Page("document", reverse("documents:show", args=[document]), coordinator),
        Page("numbering", reverse("documents:series"), coordinator),
        Page("ledger", reverse("audit:list"), volume.auditor),
        Page("overdue", reverse("plans:overdue", args=[volume.plan.pk]), volume.coordinator),
        Page("overdue, province", reverse("plans:overdue", args=[volume.plan.pk]), volume.governor),
        Page("my reminders", reverse("reminders:mine"), volume.clerks[0]),
        Page("health", reverse("health:show"), administrator),
        Page("recalls", reverse("chains:recalls"), coordinator),
        Page("what does not fit in chains", reverse("chains:findings"), coordinator),
        Page("production", reverse("traceability:production"), coordinator),
        Page("notices", reverse("notices:inbox"), coordinator),
        Page("notices, clerk", reverse("notices:inbox"), volume.clerks[0]),
        Page("letters by e-mail", reverse("notices:mail"), administrator),
        Page("accounts", reverse("access:people"), administrator),
        Page("account", reverse("access:person", args=[volume.clerks[0].pk]), administrator),
        Page("my account", reverse("access:me"), coordinator),
        Page("sessions", reverse("access:sessions"), coordinator),
        Page("delegations", reverse("access:delegations"), coordinator),
        Page("legal sources", reverse("legal:list"), coordinator),
        Page("calendar", reverse("calendar:year"), coordinator),
        Page("file", reverse("files:download", args=[volume.upload.pk]), volume.clerks[0]),
    ]


def _beside_the_plan(volume: Volume) -> list[Page]:
    """Registers that the plan knows nothing of, filled here."""
    coordinator = volume.coordinator
    split, body = fill(volume)
    return [
        Page("who looked as another", reverse("access:viewings"), coordinator),
        Page("who looked, auditor", reverse("access:viewings"), volume.auditor),
        Page("keys of a split", reverse("orgs:keys", args=[split.pk, body.pk]), coordinator),
        Page("reorganisation", reverse("orgs:event", args=[split.pk]), coordinator),
        Page("territory", reverse("annual_report:territory"), coordinator),
        Page("products", reverse("traceability:products"), coordinator),
        Page("products, search", reverse("traceability:products") + "?q=san+pham", coordinator),
        Page("businesses", reverse("traceability:parties"), coordinator),
        Page("places", reverse("traceability:places"), coordinator),
        Page("links of keys", reverse("traceability:links"), coordinator),
        Page("what citizens told", reverse("traceability:problems"), coordinator),
        Page("recalls", reverse("chains:recalls"), coordinator),
        Page("yearly archive", reverse("archive:list"), coordinator),
        Page("what is public", reverse("publishing:desk"), volume.leader),
    ]
