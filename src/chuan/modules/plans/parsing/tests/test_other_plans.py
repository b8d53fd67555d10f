"""Plans of other provinces, in other columns, orders and words, in every kind of file."""

from __future__ import annotations

import pytest

from chuan.modules.plans.parsing import ReadPlan, read_bytes
from chuan.modules.plans.parsing.tests.makers import SHAPES, render

WITH_PRODUCT = [
    ["STT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Sản phẩm", "Thời gian hoàn thành"],
    ["I", "CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH"],
    ["1", "Xây dựng Kế hoạch hoạt động tiêu chuẩn, đo lường, chất lượng năm 2026 trên địa bàn tỉnh",
     "Sở Khoa học và Công nghệ", "Các sở, ban, ngành; UBND các xã, phường", "Kế hoạch của UBND tỉnh",
     "Quý I/2026"],
    ["2", "Rà soát các văn bản quy phạm pháp luật do địa phương ban hành về quy chuẩn kỹ thuật",
     "Sở Tư pháp", "Sở Khoa học và Công nghệ", "Báo cáo kết quả rà soát", "Tháng 6/2026"],
    ["II", "NÂNG CAO NĂNG SUẤT, CHẤT LƯỢNG"],
    ["3", "Hỗ trợ doanh nghiệp áp dụng các hệ thống quản lý, công cụ cải tiến năng suất chất lượng",
     "Sở Công Thương", "Hiệp hội Doanh nghiệp tỉnh", "Ít nhất 20 doanh nghiệp được hỗ trợ",
     "Trước 30/9/2026"],
    ["4", "Xây dựng mô hình điểm về truy xuất nguồn gốc đối với sản phẩm OCOP của tỉnh",
     "Sở Nông nghiệp và Môi trường", "UBND các xã, phường", "Mô hình điểm được nghiệm thu",
     "Quý III, IV năm 2026"],
    ["5", "Duy trì hoạt động Cổng thông tin truy xuất nguồn gốc của tỉnh, bảo đảm kết nối",
     "Trung tâm Ứng dụng tiến bộ khoa học", "Sở Khoa học và Công nghệ",
     "Hệ thống vận hành ổn định", "Thường xuyên"],
]  # fmt: skip

TIME_FIRST = [
    ["TT", "Thời gian", "Nội dung công việc", "Cơ quan, đơn vị chủ trì thực hiện", "Cơ quan phối hợp"],
    ["1", "Quý II/2026", "Tổ chức hội nghị phổ biến Luật Tiêu chuẩn và Quy chuẩn kỹ thuật sửa đổi",
     "Sở Khoa học và Công nghệ", "Sở Tư pháp"],
    ["2", "2026 - 2030", "Đầu tư trang thiết bị kiểm định phương tiện đo cho đơn vị sự nghiệp",
     "Sở Tài chính", "Sở Khoa học và Công nghệ"],
    ["3", "Hằng năm", "Kiểm tra nhà nước về đo lường đối với cửa hàng xăng dầu trên địa bàn",
     "Công an tỉnh", "Các cơ quan liên quan"],
]  # fmt: skip

NO_COORDINATOR = [
    ["TT", "Nội dung nhiệm vụ", "Cơ quan thực hiện", "Tiến độ"],
    ["01", "Ban hành quy chế phối hợp về kiểm tra chất lượng hàng hóa lưu thông trên thị trường",
     "Sở Công Thương", "Trước ngày 30 tháng 9 năm 2026"],
    ["02", "Kiểm tra hàng đóng gói sẵn theo định lượng tại các cơ sở sản xuất, kinh doanh",
     "Sở Khoa học và Công nghệ", "6 tháng đầu năm 2026"],
    ["03", "Tập huấn nghiệp vụ đo lường cho cán bộ cấp xã phụ trách lĩnh vực kinh tế",
     "Sở Nội vụ", "Theo kế hoạch"],
]  # fmt: skip

UNKNOWN_NAMES = [
    ["STT", "Nội dung", "Chủ trì", "Phối hợp", "Hoàn thành"],
    ["1)", "Số hóa hồ sơ kiểm định phương tiện đo của doanh nghiệp trên toàn tỉnh",
     "Tổ công nghệ số cộng đồng", "Viettel Gia Lai", "Sớm nhất có thể"],
    ["2)", "Tổ chức giải thưởng chất lượng cấp tỉnh cho doanh nghiệp có thành tích xuất sắc",
     "Sở KH&CN", "Sở NN&MT, Sở CT", "Quý IV"],
    ["3)", "Vận hành phòng thử nghiệm đạt chuẩn ISO/IEC 17025 phục vụ quản lý nhà nước",
     "Sở Y tế", "Sở KH&CN", "Từ năm 2026"],
]  # fmt: skip

THREE_LEVELS = [
    ["STT", "Nhiệm vụ", "Đơn vị chủ trì", "Đơn vị phối hợp", "Thời gian"],
    ["A", "NHIỆM VỤ CHUNG"],
    ["I", "Hoàn thiện thể chế"],
    ["1", "Sửa đổi quy định về quản lý hoạt động khoa học và công nghệ trên địa bàn tỉnh",
     "Sở Khoa học và Công nghệ", "Sở Tư pháp", "Năm 2026"],
    ["2", "Ban hành danh mục sản phẩm chủ lực của tỉnh giai đoạn 2026 - 2030 theo quy định",
     "Sở Công Thương", "Sở Tài chính", "Quý II/2026"],
    ["II", "Đào tạo nhân lực"],
    ["1", "Đào tạo chuyên gia năng suất chất lượng cho các doanh nghiệp nhỏ và vừa",
     "Sở Nội vụ", "Các doanh nghiệp", "Hàng năm"],
    ["B", "NHIỆM VỤ CỤ THỂ"],
    ["I", "Đo lường"],
    ["1", "Kiểm định công tơ điện, đồng hồ nước theo quy định của pháp luật đo lường",
     "Sở Khoa học và Công nghệ", "Công ty Điện lực Gia Lai", "Thường xuyên"],
]  # fmt: skip

DOTTED = [
    ["TT", "Nội dung nhiệm vụ", "Cơ quan chủ trì", "Cơ quan phối hợp", "Thời gian"],
    ["1", "Hoàn thiện cơ chế, chính sách"],
    ["1.1", "Rà soát văn bản quy phạm pháp luật do Hội đồng nhân dân tỉnh ban hành",
     "Sở Tư pháp", "Các sở, ban, ngành", "Quý III/2026"],
    ["1.2", "Ban hành quy chế quản lý nhiệm vụ tiêu chuẩn hóa sử dụng ngân sách của tỉnh",
     "Sở Khoa học và Công nghệ", "Sở Tài chính", "Tháng 12/2026"],
    ["2", "Tăng cường kiểm tra"],
    ["2.1", "Kiểm tra chất lượng hàng hóa nhập khẩu tại các cửa khẩu trên địa bàn tỉnh",
     "Sở Công Thương", "Công an tỉnh", "Thường xuyên"],
]  # fmt: skip

PLANS = {
    "with product": WITH_PRODUCT,
    "time first": TIME_FIRST,
    "no coordinator": NO_COORDINATOR,
    "unknown names": UNKNOWN_NAMES,
    "three levels": THREE_LEVELS,
    "dotted": DOTTED,
}
CODES = {
    "with product": ["I.1", "I.2", "II.3", "II.4", "II.5"],
    "time first": ["1", "2", "3"],
    "no coordinator": ["1", "2", "3"],
    "unknown names": ["1", "2", "3"],
    "three levels": ["A.I.1", "A.I.2", "A.II.1", "B.I.1"],
    "dotted": ["1.1", "1.2", "2.1"],
}


def read(shape: str, rows) -> ReadPlan:
    name, data = render(shape, rows)
    return read_bytes(name, data)


def column(rows, *words: str) -> list[str]:
    at = next(n for n, head in enumerate(rows[0]) if any(w in head.lower() for w in words))
    return [row[at] for row in rows[1:] if len(row) > 2]


@pytest.fixture(scope="module", params=[(p, s) for p in PLANS for s in SHAPES], ids=" as ".join)
def case(request) -> tuple[str, list[list[str]], ReadPlan]:
    plan, shape = request.param
    return plan, PLANS[plan], read(shape, PLANS[plan])


def test_every_row_becomes_a_task_with_its_code(case):
    plan, _rows, found = case
    assert [task.code for task in found.tasks] == CODES[plan]


def test_texts_and_deadlines_are_as_written(case):
    _plan, rows, found = case
    assert [t.text for t in found.tasks] == column(rows, "nhiệm vụ", "nội dung")
    due = column(rows, "thời gian", "tiến độ", "hoàn thành")
    assert [t.time_text for t in found.tasks] == due


def test_bodies_are_told_apart(case):
    plan, rows, found = case
    leads = [[b.text for b in t.lead] for t in found.tasks]
    assert leads == [[lead] for lead in column(rows, "chủ trì", "thực hiện")]
    if plan == "no coordinator":
        assert not any(t.coordinating for t in found.tasks)
    else:
        written = [text.replace(", ", "; ") for text in column(rows, "phối hợp")]
        together = ["; ".join(b.text for b in t.coordinating) for t in found.tasks]
        assert [text.replace(", ", "; ") for text in together] == written


def test_products_are_read_where_there_is_a_column_for_them(case):
    plan, rows, found = case
    products = column(rows, "sản phẩm") if plan == "with product" else [None] * len(found.tasks)
    assert [t.product for t in found.tasks] == products


def test_unknown_names_and_odd_deadlines_are_flagged_not_dropped():
    found = read("docx", UNKNOWN_NAMES)
    assert {d.code for d in found.tasks[0].doubts} == {"unknown_unit", "unknown_deadline"}
    assert [b.name for b in found.tasks[0].lead] == ["Tổ công nghệ số cộng đồng"]
    assert found.tasks[0].confidence < 0.5 < found.tasks[1].confidence
    assert found.tasks[1].due.date.isoformat() == "2026-12-31"
    assert [d.code for d in found.tasks[1].doubts] == ["assumed_year"]


def test_an_abbreviation_is_written_out_where_the_plan_does_so_elsewhere():
    found = read("docx", UNKNOWN_NAMES)
    assert [b.name for b in found.tasks[1].lead] == ["Sở Khoa học và Công nghệ"]
    assert [b.name for b in found.tasks[1].coordinating] == ["Sở NN&MT", "Sở CT"]
    assert found.tasks[1].coordinating[0].full_name == "Sở Nông nghiệp và Môi trường"


def test_titles_of_sections_stay_as_written():
    found = read("docx", WITH_PRODUCT)
    assert [(s.code, s.title) for s in found.sections] == [
        ("I", "CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH"),
        ("II", "NÂNG CAO NĂNG SUẤT, CHẤT LƯỢNG"),
    ]


def test_nested_sections_keep_their_path_where_numerals_come_again():
    found = read("docx", THREE_LEVELS)
    assert [s.code for s in found.sections] == ["A", "A.I", "A.II", "B", "B.I"]
    assert [t.section for t in found.tasks] == ["A.I", "A.I", "A.II", "B.I"]


def test_tasks_without_sections_have_none():
    found = read("pdf", NO_COORDINATOR)
    assert found.sections == ()
    assert {t.section for t in found.tasks} == {None}


def test_the_head_of_a_plan_without_decision_is_read():
    found = read("docx", NO_COORDINATOR)
    document = found.document
    assert (document.number, document.notation) == ("15", "KH-UBND")
    assert document.issued_on.isoformat() == "2026-01-05"
    assert document.issuer == "Ủy ban nhân dân tỉnh Gia Lai"
    assert document.title == "Thực hiện nhiệm vụ năm 2026"
    assert document.signer == "Phạm Anh Tuấn"
    assert document.based_on == ("1703/QĐ-TTg",)
    assert (found.reporting.due, found.reporting.yearly) == ("15/12", True)
