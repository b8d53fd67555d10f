"""Plans that tell their tasks in sentences."""

from __future__ import annotations

from chuan.modules.plans.parsing import read_bytes
from chuan.modules.plans.parsing.tests.makers import plan_head

HEAD = plan_head().split("II. TỔ CHỨC")[0]
PROSE = f"""{HEAD}II. NHIỆM VỤ, GIẢI PHÁP
1. Hoàn thiện cơ chế, chính sách
a) Rà soát, sửa đổi các quy định về quản lý chất lượng sản phẩm, hàng hóa trên địa bàn tỉnh.
- Đơn vị chủ trì: Sở Khoa học và Công nghệ.
- Đơn vị phối hợp: Sở Tư pháp, các sở, ban, ngành liên quan.
- Thời gian thực hiện: Quý II/2026.
b) Xây dựng quy chế phối hợp liên ngành trong kiểm tra hàng hóa.
- Cơ quan chủ trì: Sở Công Thương
- Thời gian hoàn thành: trước ngày 30/9/2026
- Sản phẩm: Quy chế của UBND tỉnh
2. Tuyên truyền
Tổ chức tuyên truyền Ngày Đo lường Việt Nam (Chủ trì: Sở Khoa học và Công nghệ; phối hợp: Báo và
Phát thanh, Truyền hình Gia Lai; thời gian: tháng 01/2026).
III. TỔ CHỨC THỰC HIỆN
Các sở, ngành báo cáo về Sở Khoa học và Công nghệ trước ngày 15/12 hằng năm.
Nơi nhận:
"""


def test_tasks_with_labelled_lines_are_read_and_doubted():
    plan = read_bytes("a.txt", PROSE.encode())
    assert [t.code for t in plan.tasks] == ["II.1.a", "II.1.b", "II.2"]
    assert [[b.name for b in t.lead] for t in plan.tasks] == [
        ["Sở Khoa học và Công nghệ"],
        ["Sở Công Thương"],
        ["Sở Khoa học và Công nghệ"],
    ]
    assert [t.due.date.isoformat() for t in plan.tasks] == [
        "2026-06-30",
        "2026-09-29",
        "2026-01-31",
    ]
    assert plan.tasks[1].product == "Quy chế của UBND tỉnh"
    assert plan.tasks[2].coordinating[0].name == "Báo và Phát thanh, Truyền hình Gia Lai"
    assert all("from_prose" in {d.code for d in t.doubts} for t in plan.tasks)
    assert "no_table" in [w.code for w in plan.warnings]


def test_a_plan_without_table_and_labels_gives_its_points():
    text = f"""{HEAD}II. NHIỆM VỤ
1. Tuyên truyền
a) Tổ chức tuyên truyền trên báo chí.
b) Tổ chức hội nghị.
đ) Điểm đ đứng lạc chỗ.
2. Kiểm tra việc chấp hành
III. GIẢI PHÁP
1. Bố trí kinh phí.
IV. TỔ CHỨC THỰC HIỆN
1. Giao Sở Khoa học và Công nghệ.
"""
    plan = read_bytes("a.txt", text.encode())
    assert plan.tasks == ()
    assert [p.code for p in plan.body_points] == ["II.1.a", "II.1.b", "II.2", "III.1"]
    assert plan.body_points[1].text.startswith("Tổ chức hội nghị.")
    assert "no_table" in [w.code for w in plan.warnings]


def test_a_text_that_is_no_plan_gives_an_empty_one_with_warnings():
    plan = read_bytes("a.txt", "Thư mời họp.\nKính gửi các đồng chí.".encode())
    assert (plan.tasks, plan.sections) == ((), ())
    assert {"empty_number", "empty_date", "no_table"} <= {w.code for w in plan.warnings}
