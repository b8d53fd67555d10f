from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(models.TextChoices):
    YEARLY = "yearly", _("Báo cáo năm")
    AD_HOC = "ad_hoc", _("Báo cáo đột xuất")


class ReportState(models.TextChoices):
    """The words officials know from the national reporting systems."""

    DRAFT = "draft", _("Đang nhập liệu")
    SUBMITTED = "submitted", _("Đã gửi chờ duyệt")
    RETURNED = "returned", _("Yêu cầu chỉnh lý")
    ACCEPTED = "accepted", _("Đã duyệt chờ tổng hợp")
    CONSOLIDATED = "consolidated", _("Đã tổng hợp")
    CLOSED = "closed", _("Hoàn thành")
    EXCLUDED = "excluded", _("Loại trừ")


# Every move a unit's report can make. docs/reference/ draws these tables.
REPORT_MOVES: dict[ReportState, frozenset[ReportState]] = {
    ReportState.DRAFT: frozenset({ReportState.SUBMITTED, ReportState.EXCLUDED}),
    ReportState.SUBMITTED: frozenset(
        {ReportState.RETURNED, ReportState.ACCEPTED, ReportState.DRAFT, ReportState.EXCLUDED}
    ),
    ReportState.RETURNED: frozenset({ReportState.SUBMITTED, ReportState.EXCLUDED}),
    ReportState.ACCEPTED: frozenset(
        {ReportState.CONSOLIDATED, ReportState.RETURNED, ReportState.EXCLUDED}
    ),
    ReportState.CONSOLIDATED: frozenset({ReportState.ACCEPTED, ReportState.CLOSED}),
    ReportState.CLOSED: frozenset(),
    ReportState.EXCLUDED: frozenset({ReportState.DRAFT}),
}


class ConsolidationState(models.TextChoices):
    DRAFT = "draft", _("Đang tổng hợp")
    CLOSED = "closed", _("Đã chốt")


class Audience(models.TextChoices):
    """Whom the consolidated report is written to."""

    PROVINCE = "province", _("Ủy ban nhân dân tỉnh")
    MINISTRY = "ministry", _("Bộ Khoa học và Công nghệ")
