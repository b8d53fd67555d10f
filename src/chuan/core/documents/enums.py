from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class DocumentType(models.TextChoices):
    """Kinds of administrative document; the value is its abbreviation in document numbers.

    Decree 30/2020/NĐ-CP, Article 7 and Annex III. An official letter has no abbreviation.
    """

    REPORT = "BC", pgettext_lazy("document type", "Báo cáo")
    PLAN = "KH", pgettext_lazy("document type", "Kế hoạch")
    DECISION = "QĐ", _("Quyết định")
    SUBMISSION = "TTr", _("Tờ trình")
    NOTICE = "TB", _("Thông báo")
    INVITATION = "GM", _("Giấy mời")
    MINUTES = "BB", _("Biên bản")
    GUIDANCE = "HD", _("Hướng dẫn")
    DIRECTIVE = "CT", _("Chỉ thị")
    RESOLUTION = "NQ", _("Nghị quyết")
    LETTER = "CV", _("Công văn")


class RelationKind(models.TextChoices):
    BASED_ON = "based_on", _("căn cứ")
    IMPLEMENTS = "implements", _("triển khai")
    REPLACES = "replaces", _("thay thế")
    AMENDS = "amends", _("sửa đổi, bổ sung")


class DocumentState(models.TextChoices):
    """Where a document stands; worked out from its row, never stored."""

    DRAFT = "draft", _("Dự thảo")
    ISSUED = "issued", _("Đã ban hành")
    RECEIVED = "received", _("Văn bản đến")
    CANCELLED = "cancelled", _("Đã hủy")


class FilePurpose(models.TextChoices):
    ORIGINAL = "original", _("Bản gốc")
    DRAFT_DOCX = "draft_docx", _("Văn bản (DOCX)")
    DRAFT_PDF = "draft_pdf", _("Văn bản (PDF)")
    ANNEX_XLSX = "annex_xlsx", _("Phụ lục (XLSX)")
    SIGNED = "signed", _("Bản đã ký")


class Agreement(models.TextChoices):
    """How a signed PDF agrees with the draft that was laid before the signer."""

    SAME_FILE = "same_file", _("Ký trên đúng tệp đã trình")
    SAME_WORDS = "same_words", _("Còn nguyên chữ của bản trình")
    DIFFERENT = "different", _("Khác bản trình")
    UNREADABLE = "unreadable", _("Không đọc được chữ để đối chiếu")
