"""How far a recall has come, as the report a department lays before its superiors."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Column,
    ColumnKind,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    Orientation,
    Paragraph,
    Points,
    Row,
    Signature,
    Table,
    narrative,
)
from chuan.core.orgs.queries.versions import names_on, version_on
from chuan.lib.language import in_vietnamese
from chuan.lib.vietnamese import format_date, format_number
from chuan.modules.traceability.enums import Fate, Outcome
from chuan.modules.traceability.models import Recall
from chuan.modules.traceability.queries import master
from chuan.modules.traceability.queries.archive import left_out_before
from chuan.modules.traceability.queries.recalls import (
    Progress,
    concerned_by,
    last_run,
    places_of,
    progress_of,
)

# Identifiers listed one by one; more are in the XLSX of the list of goods.
MOST_LISTED: Final = 1_500
MOST_BEGINNINGS: Final = 20


@in_vietnamese
def recall_report(recall: Recall, *, at: datetime) -> Document:
    """The state at an instant: what was decided, what was found, where the rest is.

    A draft: number, day and signature are for the clerk and the leader.
    """
    day = timezone.localdate(at)
    issuer = version_on(recall.organisation_id, day)
    parents = names_on([issuer.parent_id], day) if issuer and issuer.parent_id else {}
    parent = next(iter(parents.values()), None)
    progress = progress_of(recall)
    return Document(
        kind="BC",
        issuer=issuer.name if issuer else "",
        issuer_parent=parent.short_name if parent else "",
        notation=f"BC-{issuer.notation}" if issuer and issuer.notation else "BC",
        place=(issuer.seat if issuer else "") or "…",
        dated=IssueDate(day.year, day.month),
        subject=_("Tình hình thu hồi hàng hóa: %(title)s") % {"title": recall.title},
        body=_body(recall, progress, at),
        annexes=(_by_place(recall), *_by_item(recall, progress.total)),
        signature=Signature(
            positions=((issuer.head_position if issuer else "") or _("Thủ trưởng"),)
        ),
        recipients=(_("%(body)s (để báo cáo)") % {"body": parent.name},) if parent else (),
        is_draft=True,
    )


def _body(recall: Recall, progress: Progress, at: datetime) -> tuple[Block, ...]:
    counts = {
        "total": format_number(progress.total),
        "out": format_number(progress.still_out),
        "day": f"{timezone.localtime(at):%H:%M}, {format_date(timezone.localdate(at))}",
    }
    reason = narrative(recall.reason)
    ordered = (
        (
            Paragraph(
                _("Căn cứ thu hồi: %(basis)s, ban hành ngày %(day)s.")
                % {
                    "basis": recall.basis,
                    "day": format_date(timezone.localdate(recall.issued_at)),
                }
            ),
        )
        if recall.issued_at
        else (Paragraph(_("Chưa ban hành quyết định thu hồi.")),)
    )
    begins = [master.shown(one) for one in recall.identifiers[:MOST_BEGINNINGS]]
    if left := len(recall.identifiers) - len(begins):
        begins.append(_("… và %(n)s mã khác") % {"n": format_number(left)})
    concluded = (
        (Heading(HeadingLevel.SECTION, _("Kết luận")), *narrative(recall.conclusion))
        if recall.conclusion
        else ()
    )
    return (
        Heading(HeadingLevel.SECTION, _("Lý do và phạm vi")),
        *reason,
        *ordered,
        *((Paragraph(_("Mã hàng bắt đầu truy tìm:")), Points(tuple(begins))) if begins else ()),
        Heading(HeadingLevel.SECTION, _("Kết quả đến nay")),
        Paragraph(
            _(
                "Tính đến %(day)s, truy xuất theo sự kiện trong chuỗi tìm thấy %(total)s mã hàng liên "
                "quan, còn %(out)s mã hàng phải thu hồi."
            )
            % counts
        ),
        *_not_looked_at(recall),
        Paragraph(_("Theo sự kiện ghi trong chuỗi:")),
        Points(
            tuple(
                f"{fate.label}: {format_number(progress.by_fate[fate])}"
                for fate in Fate
                if progress.by_fate[fate]
            )
            or (_("Không có mã hàng nào."),)
        ),
        Paragraph(_("Theo kết quả xử lý của cơ quan:")),
        Points(tuple(f"{one.label}: {format_number(progress.by_outcome[one])}" for one in Outcome)),
        *concluded,
    )


def _not_looked_at(recall: Recall) -> tuple[Paragraph, ...]:
    """Why there may be more goods than the last search found."""
    run = last_run(recall)
    if run is None:
        return ()
    told = []
    if run.truncated:
        told.append(
            Paragraph(
                _(
                    "Kết quả chưa đủ: hàng liên quan nhiều hơn giới hạn của một lần truy tìm, phần còn "
                    "lại cần được truy tìm trong đợt khác."
                )
            )
        )
    if left_out := left_out_before(run.run_at):
        told.append(
            Paragraph(
                _(
                    "Sự kiện ghi trước ngày %(day)s đã lưu kho nên chưa được xét: hàng liên quan có "
                    "thể nhiều hơn."
                )
                % {"day": format_date(timezone.localdate(left_out))}
            )
        )
    return tuple(told)


def _by_place(recall: Recall) -> Annex:
    rows = list(places_of(recall))
    numbers = ("total", "out", "found", "returned", "destroyed")
    drawn = [
        Row.of(
            number,
            row["place_name"] or _("Không rõ nơi"),
            row["holder_name"] or _("Không rõ cơ sở"),
            *(row[name] for name in numbers),
        )
        for number, row in enumerate(rows, start=1)
    ]
    if rows:
        totals = [sum(row[name] for row in rows) for name in numbers]
        drawn.append(Row.total(_("Cộng"), None, None, *totals))
    return Annex(
        _("Hàng hóa theo nơi và cơ sở đang giữ"),
        (
            Table(
                columns=(
                    Column(_("TT"), 0.7, ColumnKind.ORDINAL),
                    Column(_("Nơi có hàng"), 3.2),
                    Column(_("Cơ sở"), 3.2),
                    Column(_("Số mã hàng"), 1.1, ColumnKind.NUMBER),
                    Column(_("Còn phải thu hồi"), 1.1, ColumnKind.NUMBER),
                    Column(_("Đã thấy"), 1.1, ColumnKind.NUMBER),
                    Column(_("Đã thu về"), 1.1, ColumnKind.NUMBER),
                    Column(_("Đã tiêu hủy"), 1.1, ColumnKind.NUMBER),
                ),
                rows=tuple(drawn),
                empty_note=_("Không có mã hàng nào."),
            ),
        ),
        orientation=Orientation.LANDSCAPE,
    )


def _by_item(recall: Recall, total: int) -> tuple[Annex, ...]:
    """Where they are when there are more than anybody reads on paper."""
    if not total:
        return ()
    if total > MOST_LISTED:
        where_told = _("Danh sách %(n)s mã hàng xem tệp XLSX kèm theo.")
        told = Paragraph(where_told % {"n": format_number(total)})
        return (Annex(_("Danh sách mã hàng"), (told,)),)
    items = concerned_by(recall).order_by("holder_name", "place_name", "uri", "pk")
    drawn: list[Row] = []
    where = None
    for number, item in enumerate(items, start=1):
        if where != (item.holder_name, item.place_name):
            where = item.holder_name, item.place_name
            named = (item.holder_name, item.place_name or _("Không rõ nơi"))
            drawn.append(Row.group(", ".join(one for one in named if one)))
        drawn.append(
            Row.of(
                number,
                master.shown(item.uri),
                item.product_name,
                item.get_fate_display(),
                item.get_outcome_display(),
            )
        )
    return (
        Annex(
            _("Danh sách mã hàng"),
            (
                Table(
                    columns=(
                        Column(_("TT"), 0.7, ColumnKind.ORDINAL),
                        Column(_("Mã hàng"), 4),
                        Column(_("Sản phẩm"), 3),
                        Column(_("Theo sự kiện"), 1.5),
                        Column(_("Kết quả xử lý"), 1.5),
                    ),
                    rows=tuple(drawn),
                ),
            ),
        ),
    )
