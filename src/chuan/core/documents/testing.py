"""Documents with every component, of any length, for tests and for looking at."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import factory
from django.utils import timezone

from chuan.core.documents.enums import DocumentType, FilePurpose
from chuan.core.documents.layout.content import (
    Annex,
    Block,
    Column,
    ColumnKind,
    Document,
    Heading,
    HeadingLevel,
    IssueDate,
    ListMark,
    Orientation,
    Paragraph,
    Points,
    Row,
    Run,
    Signature,
    Table,
)
from chuan.core.documents.models import Addressee, DocumentFile, OfficialDocument
from chuan.core.files.testing import UploadFactory
from chuan.core.orgs.testing import OrganisationFactory
from chuan.core.people.testing import PersonFactory

A_LONG_NAME = "Ủy ban nhân dân xã Vĩnh Thạnh Hòa Bình Phước Thượng Nguyên Hạ"
"""A commune name of 60 characters: longer than any real one."""

_SENTENCES = (
    "Sở Khoa học và Công nghệ đã chủ trì, phối hợp với các sở, ban, ngành và UBND các xã, phường "
    "tổ chức phổ biến, quán triệt Chỉ thị số 38-CT/TW ngày 30/7/2024 của Ban Bí thư đến cán bộ, "
    "công chức, viên chức và cộng đồng doanh nghiệp trên địa bàn tỉnh.",
    "Công tác kiểm tra nhà nước về đo lường, chất lượng được thực hiện theo kế hoạch đã phê duyệt; "
    "kết quả kiểm tra được công khai và chuyển cơ quan có thẩm quyền xử lý theo quy định.",
    "Đến ngày 14/11/2026, toàn tỉnh có 128 tổ chức, doanh nghiệp áp dụng hệ thống quản lý chất "
    "lượng theo tiêu chuẩn quốc gia, tăng 16,4% so với cùng kỳ năm 2025.",
    "Việc áp dụng hệ thống truy xuất nguồn gốc đối với sản phẩm, hàng hóa chủ lực của địa phương "
    "tiếp tục được duy trì và mở rộng, nhất là nhóm nông sản, thủy sản và sản phẩm OCOP.",
)


def a_paragraph(length: int = 1, start: int = 0) -> Paragraph:
    return Paragraph(" ".join(_SENTENCES[(start + n) % len(_SENTENCES)] for n in range(length)))


def a_signature(**changes) -> Signature:
    given = {
        "authority": "KT.",
        "positions": ("Giám đốc", "Phó Giám đốc"),
        "name": "Nguyễn Hữu Hà",
    }
    return Signature(**given | changes)


def a_letter(**changes) -> Document:
    """An official letter urging one body to report."""
    given = {
        "kind": "CV",
        "issuer_parent": "UBND tỉnh Gia Lai",
        "issuer": "Sở Khoa học và Công nghệ",
        "number": 7,
        "notation": "SKHCN-TĐC",
        "place": "Gia Lai",
        "dated": IssueDate.on(date(2026, 11, 3)),
        "subject": "đôn đốc báo cáo kết quả thực hiện Kế hoạch triển khai Chỉ thị số 38-CT/TW năm 2026",
        "addressees": ("Ủy ban nhân dân phường Quy Nhơn",),
        "body": (
            Paragraph(
                "Thực hiện Quyết định số 1029/QĐ-UBND ngày 25/3/2025 của Ủy ban nhân dân tỉnh về việc "
                "ban hành Kế hoạch triển khai Chỉ thị số 38-CT/TW, các cơ quan, đơn vị, địa phương gửi "
                "báo cáo kết quả thực hiện hằng năm về Sở Khoa học và Công nghệ trước ngày 20/11."
            ),
            Paragraph(
                "Đến nay, Sở Khoa học và Công nghệ chưa nhận được báo cáo năm 2026 của quý cơ quan. "
                "Để kịp tổng hợp, báo cáo Ủy ban nhân dân tỉnh và Bộ Khoa học và Công nghệ, Sở Khoa học "
                "và Công nghệ đề nghị quý cơ quan:"
            ),
            Points(
                (
                    "Hoàn thành và gửi báo cáo trên phần mềm trước ngày 20/11/2026;",
                    "Cập nhật minh chứng đối với 05 nhiệm vụ được giao chủ trì tại Phụ lục kèm theo.",
                ),
                ListMark.DIGIT,
            ),
            Paragraph("Rất mong nhận được sự quan tâm, phối hợp của quý cơ quan."),
        ),
        "signature": a_signature(),
        "recipients": ("UBND tỉnh (báo cáo)", "Giám đốc Sở (báo cáo)"),
        "archive": "VT, TĐC",
    }
    return Document(**given | changes)


def a_report(*, paragraphs: int = 3, **changes) -> Document:
    """An annual report to the People's Committee, numbered and dated, without annexes."""
    body: list[Block] = [
        Paragraph(
            "Thực hiện Quyết định số 1029/QĐ-UBND ngày 25/3/2025 của Ủy ban nhân dân tỉnh, Sở Khoa học "
            "và Công nghệ báo cáo kết quả thực hiện năm 2026 như sau:"
        ),
        Heading(HeadingLevel.SECTION, "Công tác chỉ đạo, điều hành"),
        a_paragraph(2),
        Heading(HeadingLevel.SECTION, "Kết quả thực hiện nhiệm vụ"),
        Heading(
            HeadingLevel.CLAUSE,
            "Nâng cao nhận thức, trách nhiệm về tiêu chuẩn, đo lường, chất lượng",
        ),
        *(a_paragraph(3, start=n) for n in range(paragraphs)),
        Points(
            (
                "Tổ chức 12 lớp tập huấn với 640 lượt người tham dự",
                (
                    Run("Phát sóng "),
                    Run("24", bold=True),
                    Run(" chuyên mục trên "),
                    Run("Báo và Phát thanh, Truyền hình Gia Lai", italic=True),
                ),
            ),
        ),
        Heading(HeadingLevel.CLAUSE, "Hoàn thiện thể chế"),
        *(
            block
            for n, title in enumerate(
                (
                    "Rà soát văn bản",
                    "Quy chuẩn kỹ thuật địa phương",
                    "Cơ sở dữ liệu",
                    "Kiểm định",
                    "Tập huấn",
                    "Kiểm tra",
                    "Khen thưởng",
                )
            )
            for block in (Heading(HeadingLevel.POINT, title), a_paragraph(1, start=n))
        ),
        Heading(HeadingLevel.SECTION, "Tổng hợp số liệu"),
        a_small_table(),
        Heading(HeadingLevel.SECTION, "Đề xuất, kiến nghị"),
        Paragraph(
            "Kính đề nghị Ủy ban nhân dân tỉnh xem xét, bố trí kinh phí thực hiện các nhiệm vụ năm 2027."
        ),
        Paragraph("Sở Khoa học và Công nghệ kính báo cáo Ủy ban nhân dân tỉnh theo dõi, chỉ đạo."),
    ]
    given = {
        "kind": "BC",
        "issuer_parent": "UBND tỉnh Gia Lai",
        "issuer": "Sở Khoa học và Công nghệ",
        "number": 5,
        "notation": "BC-SKHCN",
        "place": "Gia Lai",
        "dated": IssueDate.on(date(2026, 2, 5)),
        "subject": "Kết quả thực hiện Kế hoạch triển khai Chỉ thị số 38-CT/TW ngày 30/7/2024 của Ban Bí thư về đẩy mạnh công tác tiêu chuẩn, đo lường, chất lượng quốc gia năm 2026",
        "addressees": ("Ủy ban nhân dân tỉnh Gia Lai",),
        "body": tuple(body),
        "signature": a_signature(authority="", positions=("Giám đốc",)),
        "recipients": (
            "Bộ Khoa học và Công nghệ (báo cáo)",
            "Giám đốc, các Phó Giám đốc Sở",
            "Các phòng, đơn vị thuộc Sở",
        ),
        "archive": "VT, TĐC",
    }
    return Document(**given | changes)


def a_small_table() -> Table:
    return Table(
        caption="Bảng 1. Tiến độ thực hiện nhiệm vụ theo nhóm cơ quan",
        unit_note="Đơn vị tính: nhiệm vụ",
        columns=(
            Column("TT", 1, ColumnKind.ORDINAL),
            Column("Nhóm cơ quan", 5),
            Column("Được giao", 2, ColumnKind.NUMBER),
            Column("Đúng hạn", 2, ColumnKind.NUMBER, group="Hoàn thành"),
            Column("Muộn", 2, ColumnKind.NUMBER, group="Hoàn thành"),
            Column("Tỷ lệ", 2, ColumnKind.PERCENT, decimals=1),
        ),
        rows=(
            Row.of(1, "Các sở, ban, ngành", 1234, 1100, 34, Decimal("91.9")),
            Row.of(2, "UBND cấp xã", 2835, 2410, 125, Decimal("89.418")),
            Row.total("Tổng cộng", None, 4069, 3510, 159, Decimal("90.2")),
        ),
    )


def a_wide_table(rows: int = 300) -> Table:
    """The annex of a consolidated report: one row per body and task, three groups."""
    made: list[Row] = []
    for n in range(rows):
        if n % 120 == 0:
            made.append(
                Row.group(
                    ("Sở, ban, ngành", "UBND các xã", "UBND các phường")[n // 120 % 3],
                    code=("I", "II", "III")[n // 120 % 3],
                )
            )
        made.append(
            Row.of(
                n + 1,
                A_LONG_NAME if n % 50 == 3 else f"UBND xã Tây Sơn {n % 135 + 1}",
                "Tổ chức tuyên truyền, phổ biến kiến thức về tiêu chuẩn, đo lường, chất lượng"
                if n % 3
                else "Truy xuất nguồn gốc",
                date(2026, 1 + n % 12, 1 + n % 28),
                n % 7,
                Decimal(n % 1000) / 7 if n % 5 else None,
                "Đã tổ chức 02 lớp tập huấn, phát 500 tờ rơi; có minh chứng kèm theo"
                if n % 4
                else "",
            )
        )
    if made:
        made.append(
            Row.total("Tổng cộng", None, None, None, sum(n % 7 for n in range(rows)), None, None)
        )
    return Table(
        columns=(
            Column("TT", 4, ColumnKind.ORDINAL),
            Column("Cơ quan, đơn vị", 18),
            Column("Nhiệm vụ", 24),
            Column("Thời hạn", 9, ColumnKind.DATE),
            Column("Số hoạt động", 8, ColumnKind.NUMBER, group="Kết quả"),
            Column("Tỷ lệ hoàn thành", 9, ColumnKind.PERCENT, decimals=1, group="Kết quả"),
            Column("Ghi chú", 22),
        ),
        rows=tuple(made),
        count_columns=True,
    )


def an_annex(**changes) -> Annex:
    given = {
        "title": "Tổng hợp kết quả thực hiện nhiệm vụ của các cơ quan, đơn vị, địa phương",
        "blocks": (a_wide_table(),),
        "orientation": Orientation.LANDSCAPE,
    }
    return Annex(**given | changes)


def a_plan(**changes) -> Document:
    """A plan of a People's Committee with legal bases, parts of every rank and one annex."""
    given = {
        "kind": "KH",
        "issuer_parent": "",
        "issuer": "Ủy ban nhân dân\ntỉnh Gia Lai",
        "number": None,
        "notation": "KH-UBND",
        "place": "Gia Lai",
        "dated": IssueDate(2026, 11),
        "subject": "Triển khai thực hiện Quyết định số 1703/QĐ-TTg ngày 31/12/2024 của Thủ tướng Chính phủ",
        "legal_bases": (
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16/6/2025",
            "Căn cứ Chỉ thị số 38-CT/TW ngày 30/7/2024 của Ban Bí thư về đẩy mạnh công tác tiêu chuẩn, đo lường, chất lượng quốc gia đến năm 2030 và những năm tiếp theo",
            "Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ",
        ),
        "body": (
            Heading(HeadingLevel.SECTION, "Mục đích, yêu cầu"),
            Heading(HeadingLevel.CLAUSE, "Mục đích"),
            Points(
                (
                    "Quán triệt và tổ chức thực hiện đồng bộ, thống nhất, hiệu quả Chỉ thị số 38-CT/TW.",
                    "Tạo chuyển biến mạnh mẽ trong nhận thức và hành động của các cấp, các ngành.",
                    "Cụ thể hóa các nhiệm vụ, giải pháp trọng tâm.",
                    "Phân công trách nhiệm rõ ràng.",
                    "Bảo đảm nguồn lực thực hiện.",
                    "Kiểm tra, giám sát thường xuyên.",
                ),
                ListMark.LETTER,
            ),
            Heading(HeadingLevel.CLAUSE, "Yêu cầu"),
            a_paragraph(2),
            Heading(HeadingLevel.SECTION, "Nhiệm vụ và giải pháp"),
            a_paragraph(4),
            Heading(HeadingLevel.SECTION, "Tổ chức thực hiện"),
            a_paragraph(3),
            Paragraph(
                "Trong quá trình thực hiện, nếu có khó khăn, vướng mắc, các cơ quan, đơn vị phản ánh về Sở Khoa học và Công nghệ để tổng hợp, trình Ủy ban nhân dân tỉnh xem xét, quyết định"
            ),
        ),
        "signature": Signature(
            ("Ủy ban nhân dân", "KT. Chủ tịch", "Phó Chủ tịch"), authority="TM."
        ),
        "recipients": (
            "Bộ Khoa học và Công nghệ",
            "Thường trực Tỉnh ủy",
            "Thường trực HĐND tỉnh",
            "Chủ tịch, các Phó Chủ tịch UBND tỉnh",
            "Các sở, ban, ngành",
            "UBND các xã, phường",
        ),
        "archive": "VT, K8",
        "annexes": (
            an_annex(
                title="Phân công nhiệm vụ",
                blocks=(a_small_table(),),
                orientation=Orientation.PORTRAIT,
            ),
        ),
    }
    return Document(**given | changes)


class OfficialDocumentFactory(factory.django.DjangoModelFactory):
    """A row of a register: a decision that came in.

    OfficialDocumentFactory(draft=True)                    # a report of ours without a number
    OfficialDocumentFactory(issued=True, held_by=body)     # issued by the body on 2 November 2026
    OfficialDocumentFactory(issued=True, addressees=[org]) # its people see it
    """

    class Meta:
        model = OfficialDocument
        skip_postgeneration_save = True

    class Params:
        ours = factory.Trait(
            is_ours=True,
            kind=DocumentType.REPORT,
            issuer=factory.SelfAttribute("held_by"),
            notation="BC-SKHCN",
            number=None,
            issued_on=None,
        )
        draft = factory.Trait(ours=True)
        issued = factory.Trait(
            ours=True,
            number=factory.Sequence(lambda n: n + 1),
            issued_on=date(2026, 11, 2),
            issued_at=factory.LazyFunction(timezone.now),
            issued_by=factory.SubFactory(
                PersonFactory, organisation=factory.SelfAttribute("..held_by")
            ),
        )

    kind = DocumentType.DECISION
    held_by = factory.SubFactory(OrganisationFactory)
    number = factory.Sequence(lambda n: 1029 + n)
    notation = "QĐ-UBND"
    issued_on = date(2025, 3, 25)
    issuer_name = "Ủy ban nhân dân tỉnh Bình Định"
    subject = factory.Sequence(lambda n: f"Ban hành Kế hoạch số {n}")
    registered_at = factory.LazyFunction(timezone.now)

    @factory.post_generation
    def addressees(self, create, organisations, **kwargs):
        for organisation in organisations or ():
            Addressee.objects.create(document=self, organisation=organisation)


class DocumentFileFactory(factory.django.DjangoModelFactory):
    """The scanned original of a document."""

    class Meta:
        model = DocumentFile

    document = factory.SubFactory(OfficialDocumentFactory)
    upload = factory.SubFactory(UploadFactory)
    purpose = FilePurpose.ORIGINAL
