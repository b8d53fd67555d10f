"""What an urging letter says: drawn from rows that were written down when it was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _

from chuan.core.calendar.engine import WorkingCalendar
from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Column,
    ColumnKind,
    Document,
    IssueDate,
    Paragraph,
    Points,
    Row,
    Signature,
    Table,
)
from chuan.core.orgs.queries import names_on
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.plans.models import Assignment, Plan
from chuan.modules.plans.queries.overdue import department_on

# Up to so many bodies are addressed by name; more are named in the annex.
ADDRESSED_BY_NAME = 8


def rows_of(
    assignments: Sequence[Assignment], calendar: WorkingCalendar, on: date
) -> list[dict[str, Any]]:
    """What a letter of a day says of each, in the order given."""
    names = names_on({one.organisation_id for one in assignments}, on)
    return [
        {
            "body": names[one.organisation_id].name,
            "code": one.task.code,
            "task": one.task.short_text,
            "due_on": one.due_on.isoformat() if one.due_on else "",
            "late": calendar.working_days_between(one.due_on, on) if one.due_on else 0,
        }
        for one in assignments
    ]


@in_vietnamese
def urging_letter(plan: Plan, rows: Sequence[dict[str, Any]], *, dated: date) -> Document:
    """An official letter about late work to the bodies in the rows, with a list as its annex."""
    issuer = department_on(plan.managed_by_id, dated)
    parents = names_on([issuer.parent_id], dated) if issuer.parent_id else {}
    parent = parents.get(issuer.parent_id) if issuer.parent_id else None
    bodies = list(dict.fromkeys(row["body"] for row in rows))
    is_many = len(bodies) > ADDRESSED_BY_NAME
    return Document(
        kind="CV",
        issuer=issuer.name,
        issuer_parent=parent.short_name if parent else "",
        notation=issuer.notation,
        place=issuer.seat or "…",
        dated=IssueDate(dated.year, dated.month),
        subject=_("đôn đốc thực hiện nhiệm vụ quá hạn của %(plan)s") % {"plan": plan.short_title},
        addressees=(_("Các cơ quan, đơn vị, địa phương (theo danh sách kèm theo)"),)
        if is_many
        else tuple(bodies),
        body=_body(plan, issuer.name, dated, len(rows), is_one=len(bodies) == 1),
        annexes=(_annex(rows, dated),),
        signature=Signature(positions=(issuer.head_position or _("Thủ trưởng"),)),
        recipients=(_("%(province)s (để báo cáo)") % {"province": parent.name},) if parent else (),
        archive="VT",
    )


def _body(plan: Plan, issuer: str, dated: date, count: int, *, is_one: bool) -> tuple[Block, ...]:
    document = plan.document
    decision = (
        _("Quyết định số %(symbol)s ngày %(day)s của %(issuer)s")
        % {
            "symbol": document.symbol,
            "day": format_date(document.issued_on),
            "issuer": document.issuer_name,
        }
        if document.issued_on
        else document.symbol
    )
    whom = _("quý cơ quan") if is_one else _("các cơ quan, đơn vị, địa phương")
    return (
        Paragraph(
            _(
                "Thực hiện %(decision)s, %(issuer)s theo dõi tiến độ các nhiệm vụ được giao. Đến ngày "
                "%(day)s, còn %(count)s nhiệm vụ do %(whom)s chủ trì đã quá hạn mà chưa hoàn thành (danh "
                "sách kèm theo)."
            )
            % {
                "decision": decision,
                "issuer": issuer,
                "day": format_date(dated),
                "count": format_number(count),
                "whom": whom,
            }
        ),
        Paragraph(_("%(issuer)s đề nghị %(whom)s:") % {"issuer": issuer, "whom": whom}),
        Points(
            (
                _("Khẩn trương hoàn thành nhiệm vụ; cập nhật kết quả và minh chứng trên hệ thống."),
                _(
                    "Nhiệm vụ chưa thể hoàn thành: nêu rõ nguyên nhân, thời gian hoàn thành và đề nghị "
                    "gia hạn trên hệ thống."
                ),
                _(
                    "Nêu khó khăn, vướng mắc cần hướng dẫn hoặc cần trình cấp có thẩm quyền xem xét."
                ),
            )
        ),
        Paragraph(
            _("%(issuer)s đề nghị %(whom)s quan tâm thực hiện.") % {"issuer": issuer, "whom": whom}
        ),
    )


def _annex(rows: Sequence[dict[str, Any]], dated: date) -> Annex:
    drawn: list[Row] = []
    number = 0
    for body, found in groupby(rows, key=lambda row: row["body"]):
        drawn.append(Row.group(body))
        for row in found:
            number += 1
            drawn.append(
                Row.of(
                    number,
                    f"{row['code']} {row['task']}",
                    format_date(date.fromisoformat(row["due_on"])),
                    row["late"],
                )
            )
    return Annex(
        _("Danh sách nhiệm vụ quá hạn tính đến ngày %(day)s") % {"day": format_date(dated)},
        (
            Table(
                columns=(
                    Column(_("TT"), 0.6, ColumnKind.ORDINAL),
                    Column(_("Cơ quan, nhiệm vụ"), 5),
                    Column(_("Hạn hoàn thành"), 1.5),
                    Column(_("Quá hạn (ngày làm việc)"), 1.4, ColumnKind.NUMBER),
                ),
                rows=tuple(drawn),
            ),
        ),
    )
