"""The living style guide: every component in every state, drawn by the tags the pages use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django import forms
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from chuan.core.ui import views
from chuan.core.ui.components import (
    Answer,
    Choice,
    Event,
    FileRow,
    Lineage,
    Mark,
    Matrix,
    MatrixCell,
    MatrixColumn,
    MatrixGroup,
    MatrixRow,
    Part,
    Source,
    Task,
)
from chuan.core.ui.forms import (
    FilterForm,
    Form,
    VnDateField,
    VnDecimalField,
    VnFileField,
    VnIntegerField,
    VnLongTextField,
    VnTextField,
)
from chuan.core.ui.status import Status, in_order, statuses
from chuan.core.ui.tables import Column, Table, link
from chuan.core.ui.templatetags.pieces import status
from chuan.core.ui.views import Difference

SWATCHES = [
    ("page", _("giấy dó, nền trang")),
    ("surface", _("thẻ, bảng")),
    ("sunken", _("đầu bảng")),
    ("line", _("kẻ mảnh")),
    ("control", _("viền ô nhập")),
    ("ink-3", _("chữ phụ")),
    ("ink-2", _("chữ thứ hai")),
    ("ink", _("mực, chữ chính")),
    ("accent", _("men ngọc")),
    ("accent-soft", _("đang chọn")),
    ("ok-fill", _("đạt")),
    ("warn-fill", _("trễ, cần xem")),
    ("bad-fill", _("quá hạn, lỗi")),
    ("info-fill", _("sắp đến, chờ")),
    ("mute-fill", _("còn hạn")),
    ("seal", _("dấu, chỉ nhận diện")),
]


class SampleForm(Form):
    title = VnTextField(
        label=_("Tên nhiệm vụ"), help_text=_("Ghi như trong quyết định."), max_length=300
    )
    due_on = VnDateField(label=_("Hạn nộp"), help_text=_("Ví dụ 20/11/2026."))
    amount = VnDecimalField(label=_("Kinh phí"), places=1, smallest=0)
    inspections = VnIntegerField(label=_("Số cuộc kiểm tra"), smallest=0, required=False)
    narrative = VnLongTextField(
        label=_("Đã làm được gì"),
        help_text=_("Nêu kết quả, không liệt kê cuộc họp."),
        max_length=2000,
        required=False,
    )
    body = forms.ChoiceField(
        label=_("Cơ quan chủ trì"),
        choices=[("", _("Chọn cơ quan")), ("1", "Sở Khoa học và Công nghệ"), ("2", "Sở Tài chính")],
    )
    assigning = forms.ChoiceField(
        label=_("Cách giao"),
        widget=forms.RadioSelect,
        choices=[("each", _("Từng cơ quan")), ("group", _("Cả nhóm, tính lại thành viên mỗi năm"))],
    )
    years = forms.MultipleChoiceField(
        label=_("Năm"),
        widget=forms.CheckboxSelectMultiple,
        choices=[("2026", "2026"), ("2027", "2027")],
        required=False,
    )
    evidence = VnFileField(
        label=_("Minh chứng"),
        kinds=["pdf", "docx", "xlsx", "jpg", "png"],
        max_megabytes=20,
        required=False,
    )
    remind = forms.BooleanField(
        label=_("Nhắc qua thư điện tử"),
        help_text=_("Mười ngày và ba ngày trước hạn."),
        required=False,
    )


@dataclass(frozen=True, slots=True)
class SampleBody:
    pk: int
    name: str
    group: str
    state: str
    done: int
    of: int
    money: Decimal | None
    due_on: dt.date

    def __str__(self) -> str:
        return self.name


BODIES = [
    SampleBody(1, "Ban Quản lý Khu kinh tế tỉnh", "Sở, ban, ngành", "overdue", 11, 14, Decimal("1250"), dt.date(2026, 10, 15)),
    SampleBody(2, "Sở Văn hóa, Thể thao và Du lịch", "Sở, ban, ngành", "done", 14, 14, Decimal("318.5"), dt.date(2026, 11, 19)),
    SampleBody(3, "Sở Nông nghiệp và Môi trường", "Sở, ban, ngành", "in_entry", 5, 12, Decimal("17171.5"), dt.date(2026, 11, 19)),
    SampleBody(4, "Ủy ban nhân dân xã Ia Băng", "Ủy ban nhân dân cấp xã", "not_started", 0, 3, None, dt.date(2026, 11, 19)),
    SampleBody(5, "Ủy ban nhân dân phường Quy Nhơn Bắc", "Ủy ban nhân dân cấp xã", "approved", 3, 3, Decimal("42"), dt.date(2026, 11, 19)),
    SampleBody(6, "Ủy ban nhân dân xã Đak Sơmei", "Ủy ban nhân dân cấp xã", "returned", 2, 3, Decimal("8.25"), dt.date(2026, 11, 16)),
]  # fmt: skip


class SampleFilter(FilterForm):
    tinh_trang = forms.ChoiceField(
        label=_("Trạng thái"),
        required=False,
        choices=[("", _("Tất cả")), ("overdue", _("Quá hạn")), ("done", _("Hoàn thành"))],
    )


class SampleTable(Table):
    name = "co-quan"
    caption = _("Cơ quan được giao nhiệm vụ")
    noun = _("cơ quan")
    columns = (
        Column("name", _("Cơ quan"), order=True, is_header=True, css="wide", cell=lambda row: link(f"?mo={row.pk}#bang", row.name)),
        Column("state", _("Trạng thái"), cell=lambda row: status(row.state), export=lambda row: str(statuses[row.state].label)),
        Column("done", _("Đã xong"), order=True, is_numeric=True, cell=lambda row: f"{row.done}/{row.of}"),
        Column("money", _("Kinh phí, triệu đồng"), order=True, is_numeric=True, places=1),
        Column("due_on", _("Hạn cuối"), order=True, is_numeric=True),
    )  # fmt: skip
    search = ("name",)
    search_hint = _("không cần dấu")
    filter_form = SampleFilter
    default_order = "name"
    per_page = 5

    def filter(self, rows: Sequence[SampleBody], chosen: dict[str, Any]) -> Sequence[SampleBody]:
        wanted = chosen["tinh_trang"]
        return [row for row in rows if row.state == wanted] if wanted else rows

    def totals(self) -> dict[str, Any]:
        return {"money": sum((row.money or Decimal(0) for row in self.rows), Decimal(0))}


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    table = SampleTable(request, BODIES)
    return table.download() or render(request, "ui/styleguide.html", _samples(table))


@require_safe
def show_page(request: HttpRequest, page: str) -> HttpResponse:
    """Pages that are states themselves: asking before an act, somebody else was first, refused, not found."""
    back = "../"
    if page == "xac-nhan":
        return views.confirm(
            request,
            title=_("Loại trừ báo cáo của Ủy ban nhân dân xã Krong?"),
            action=_("Loại trừ báo cáo"),
            back_url=back,
            lines=[_("Số liệu của báo cáo này sẽ không được cộng vào bản tổng hợp năm 2026.")],
            consequences=[
                _("Cơ quan nhận thông báo kèm lý do."),
                _("Có thể đưa lại vào bất cứ lúc nào trước khi khóa bản tổng hợp."),
            ],
            form=ReasonForm(),
            is_destructive=True,
        )
    if page == "nguoi-khac-vua-sua":
        return views.conflict(
            request,
            back_url=back,
            changed_by="Trần Văn An",
            changed_at=dt.datetime(2026, 11, 12, 10, 2),  # noqa: DTZ001 - a sample, shown as it is
            differences=[
                Difference(_("Số cuộc kiểm tra"), "14", "12"),
                Difference(_("Lý do"), "", "Đếm lại"),
            ],
        )
    if page == "bi-tu-choi":
        return views.forbidden(
            request, PermissionError(_("Chỉ người đứng đầu cơ quan được gửi báo cáo."))
        )
    return views.not_found(request)


class ReasonForm(Form):
    reason = VnLongTextField(
        label=_("Lý do"), help_text=_("Cơ quan đó sẽ đọc được."), max_length=500, rows=3
    )


def _samples(table: SampleTable) -> dict[str, Any]:
    wrong = SampleForm(
        {
            "title": "",
            "due_on": "28/2026",
            "amount": "1.5",
            "narrative": "Đã kiểm tra 121 cơ sở.",
            "assigning": "each",
        }
    )
    wrong.full_clean()
    parts = [
        Part("accent", 132, _("Đã đưa vào")),
        Part("soft", 5, _("Đã duyệt, chưa đưa vào")),
        Part("warn", 3, _("Loại trừ có lý do")),
        Part("mute", 12, _("Chưa nộp")),
    ]
    groups: dict[str, list[Status]] = {}
    for one in in_order():
        groups.setdefault(str(one.group or _("Khác")), []).append(one)
    return {
        "table": table,
        "icons": _icon_names(),
        "empty_table": type("EmptyTable", (SampleTable,), {"name": "rong-mau", "search": (), "filter_form": None, "can_export": False, "empty_title": _("Chưa giao nhiệm vụ nào"), "empty_text": _("Nhập quyết định để giao nhiệm vụ cho các cơ quan."), "empty_icon": "clipboard-list"})(table.request, [], empty_action=(_("Nhập quyết định"), "#bang")),
        "blank_form": SampleForm(auto_id="trong_%s", initial={"due_on": dt.date(2026, 11, 20), "amount": Decimal("412000"), "assigning": "each"}),
        "wrong_form": wrong,
        "matrix": _matrix(),
        "swatches": SWATCHES,
        "status_groups": groups,
        "parts": parts,
        "chips": [
            Choice(_("Cần làm"), "#nut", 9, is_current=True),
            Choice(_("Quá hạn"), "#nut", 1),
            Choice(_("Chờ người khác"), "#nut", 4),
            Choice(_("Đã xong"), "#nut", 12),
        ],
        "tabs": [
            Choice(_("Tổng quan"), "#nut", is_current=True),
            Choice(_("Minh chứng"), "#nut", 3),
            Choice(_("Lịch sử"), "#nut"),
        ],
        "tasks": [
            Task(_("Quản lý chất lượng theo chuỗi sản phẩm, hàng hóa"), "returned", "#danh-sach", "II.2", _("2 ý kiến của Sở Khoa học và Công nghệ.")),
            Task(_("Xây dựng và áp dụng tiêu chuẩn, quy chuẩn kỹ thuật địa phương"), "done", "#danh-sach", "II.3"),
            Task(_("Đầu tư trang thiết bị cho đơn vị sự nghiệp công lập"), "no_evidence", "#danh-sach", "IV.2"),
            Task(_("Thanh tra, kiểm tra, giám sát"), "has_error", "#danh-sach", "V.1", _("1 lỗi: tổng số vi phạm nhỏ hơn số đã xử lý.")),
        ],
        "plain_tasks": [
            Task(_("Thông tin cơ quan và người ký"), "done", "#danh-sach", hint=_("Đã mang từ báo cáo năm 2025 sang.")),
            Task(_("Khó khăn, vướng mắc và kiến nghị"), "in_entry", "#danh-sach"),
            Task(_("Kiểm tra câu trả lời rồi gửi báo cáo năm 2026"), "cannot_start", hint=_("Mở khi các mục trên đã xong.")),
        ],
        "events": [
            Event(_("Yêu cầu chỉnh lý"), dt.date(2026, 11, 10), "corner-up-left", "bad", meta=["Sở Khoa học và Công nghệ"]),
            Event(_("Đã gửi chờ duyệt"), dt.date(2026, 11, 6), "send", meta=["Nguyễn Thị Hoa"]),
            Event(_("Tiến độ 70% lên 85%"), dt.date(2026, 9, 30), "pencil", text=_("Hoàn thành rà soát chuỗi cà phê, chuỗi lúa gạo; chuỗi bò thịt còn khâu giết mổ.")),
            Event(_("Giao nhiệm vụ năm 2026"), dt.date(2026, 1, 1), meta=[_("Tự động theo Kế hoạch")]),
        ],
        "files": [
            FileRow("Kế hoạch quản lý chất lượng chuỗi lúa gạo năm 2026.pdf", "#danh-sach", 1_250_000, [_("Văn bản phát hành")], remove_url="#danh-sach"),
            FileRow("Danh sách cơ sở được chứng nhận.xlsx", "#danh-sach", 86_000, [_("Số liệu, 49 dòng")], status="doubtful"),
            FileRow("Kiểm tra vùng trồng cà phê xã Ia Băng.jpg", "#danh-sach", 655_000, [_("Ảnh")]),
        ],
        "answers": [
            Answer(_("Số cuộc kiểm tra"), "14", "#nhap", status="overridden"),
            Answer(_("Đã làm được gì"), _("Kiểm tra chất lượng vật tư nông nghiệp tại 121 cơ sở, tập trung phân bón vô cơ và thuốc bảo vệ thực vật."), "#nhap"),
            Answer(_("Khó khăn, vướng mắc"), "", "#nhap"),
        ],
        "figure": Lineage(_("Số cuộc kiểm tra"), 12, _("cuộc"), 14, _("Có 2 đợt liên ngành chưa nhập hồ sơ."), _("12 hồ sơ kiểm tra"), "#so-lieu", definition=_("Một cuộc là một quyết định kiểm tra đã ban hành và có biên bản kết thúc trong kỳ. Đợt nhiều cơ sở tính một cuộc.")),
        "plain_figure": Lineage(_("Nhiệm vụ hoàn thành đúng hạn"), Decimal("86.84"), "%", source=_("132 trong 152 báo cáo"), places=1),
        "source_text": Source(
            "Tổ chức đào tạo, bồi dưỡng chuyên môn nghiệp vụ cho cán bộ, công chức.\nCơ quan chủ trì: Sở Khoa học và Công nghệ. Thời gian: Hàng năm.",
            [Mark(0, 70, "a"), Mark(88, 112, "b", is_sure=True), Mark(125, 133, "c", is_sure=True)],
        ),
    }  # fmt: skip


def _icon_names() -> list[str]:
    sprite = finders.find("ui/img/icons.svg")
    return re.findall(r'<symbol id="([^"]+)"', Path(str(sprite)).read_text(encoding="utf-8"))


def _matrix() -> Matrix:
    columns = [
        MatrixColumn(ref, title, "#ma-tran")
        for ref, title in [
            ("I.1", _("Quán triệt Chỉ thị 38-CT/TW")),
            ("I.2", _("Tuyên truyền nâng cao nhận thức")),
            ("II.1", _("Rà soát cơ chế, chính sách")),
            ("II.2", _("Quản lý chất lượng theo chuỗi")),
            ("V.1", _("Thanh tra, kiểm tra, giám sát")),
            ("V.2", _("Khen thưởng, bảo vệ người tố giác")),
            ("VI.1", _("Tuân thủ điều ước quốc tế")),
        ]
    ]
    states = ["on_time", "late", "open", "due_soon", "overdue", ""]
    rows = [
        MatrixRow(
            body.name,
            [
                MatrixCell(state, str(_("quá 5 ngày làm việc")) if state == "overdue" else "")
                for state in (states[(body.pk * 3 + at * at) % 6] for at in range(len(columns)))
            ],
            "#ma-tran",
        )
        for body in BODIES
    ]
    groups = [
        MatrixGroup(_("Sở, ban, ngành"), rows[:3]),
        MatrixGroup(_("Ủy ban nhân dân cấp xã"), rows[3:]),
    ]
    return Matrix(columns, groups, _("Nhiệm vụ theo cơ quan, cuộn được"))
