from django.db import models
from django.utils.translation import gettext_lazy as _


class PeriodKind(models.TextChoices):
    YEARLY = "yearly", _("Báo cáo năm")
    QUARTERLY = "quarterly", _("Báo cáo quý")
    AD_HOC = "ad_hoc", _("Báo cáo đột xuất")
    MID_TERM = "mid_term", _("Báo cáo sơ kết")
    FINAL = "final", _("Báo cáo tổng kết")


# Reviews look back over several years; somebody above asks for them and sets the day.
REVIEWS = frozenset({PeriodKind.MID_TERM, PeriodKind.FINAL})
# These are asked for in a document, which is named.
ASKED_FOR = REVIEWS | {PeriodKind.AD_HOC}


class ReportState(models.TextChoices):
    """The words officials know from the national reporting systems."""

    DRAFT = "draft", _("Đang nhập liệu")
    SUBMITTED = "submitted", _("Đã gửi chờ duyệt")
    RETURNED = "returned", _("Yêu cầu chỉnh lý")
    ACCEPTED = "accepted", _("Đã duyệt chờ tổng hợp")
    CONSOLIDATED = "consolidated", _("Đã tổng hợp")
    CLOSED = "closed", _("Hoàn thành")
    EXCLUDED = "excluded", _("Loại trừ")


class LeftFate(models.TextChoices):
    """What becomes of the report of a body that is no more."""

    HAND_ON = "hand_on", _("Cơ quan tiếp nhận báo cáo phần việc còn lại")
    CLOSE = "close", _("Đóng, không ai báo cáo tiếp")


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
    ReportState.CONSOLIDATED: frozenset(
        {ReportState.RETURNED, ReportState.EXCLUDED, ReportState.CLOSED}
    ),
    # A mistake found after closing is mended in a later consolidation; the closed one keeps
    # the content it was closed with.
    ReportState.CLOSED: frozenset({ReportState.RETURNED}),
    # Readmitted to where it stood.
    ReportState.EXCLUDED: frozenset(
        {
            ReportState.DRAFT,
            ReportState.SUBMITTED,
            ReportState.RETURNED,
            ReportState.ACCEPTED,
        }
    ),
}

# In these states the unit still works on the report.
OPEN_FOR_ENTRY = frozenset({ReportState.DRAFT, ReportState.RETURNED})
# In these states there is content the department has accepted.
HAS_ACCEPTED_CONTENT = frozenset(
    {ReportState.ACCEPTED, ReportState.CONSOLIDATED, ReportState.CLOSED}
)


# Nothing has come in yet; what was sent back to be mended is not among them.
NOT_SENT = frozenset({ReportState.DRAFT})
# The department still waits for these: not sent, or being mended.
OWED = NOT_SENT | {ReportState.RETURNED}
# Neither accepted nor left out with a reason: of a body that is no more, somebody has to decide.
UNDECIDED = OWED | {ReportState.SUBMITTED}

# Where a report stands for whoever counts them: every state in exactly one of six. A consolidation
# counts those it holds as "included", whatever their state.
STANDINGS: dict[ReportState, str] = {
    ReportState.ACCEPTED: "waiting",
    ReportState.CONSOLIDATED: "waiting",
    ReportState.CLOSED: "waiting",
    ReportState.SUBMITTED: "in_review",
    ReportState.RETURNED: "returned",
    ReportState.EXCLUDED: "excluded",
    ReportState.DRAFT: "missing",
}


class ReportSection(models.TextChoices):
    """The parts of a report that are about no single task."""

    FIGURES = "figures", _("Số liệu từ hệ thống")
    SUMMARY = "summary", _("Kết quả nổi bật")
    DIFFICULTIES = "difficulties", _("Khó khăn, vướng mắc và kiến nghị")
    NEXT_YEAR = "next_year", _("Phương hướng năm sau")


class StepKind(models.TextChoices):
    """What happened to a report, in the words of its history."""

    OPENED = "opened", _("Mở báo cáo")
    STARTED = "started", _("Bắt đầu nhập liệu")
    MADE_READY = "made_ready", _("Trình thủ trưởng ký gửi")
    GIVEN_BACK = "given_back", _("Thủ trưởng chuyển lại cán bộ")
    SUBMITTED = "submitted", _("Gửi báo cáo")
    WITHDRAWN = "withdrawn", _("Rút lại để sửa")
    RETURNED = "returned", _("Yêu cầu chỉnh lý")
    ACCEPTED = "accepted", _("Duyệt, chốt số liệu")
    EXCLUDED = "excluded", _("Loại trừ khỏi tổng hợp")
    READMITTED = "readmitted", _("Đưa lại vào tổng hợp")
    CONSOLIDATED = "consolidated", _("Đưa vào bản tổng hợp")
    LEFT_OUT = "left_out", _("Đưa ra khỏi bản tổng hợp")
    CLOSED = "closed", _("Bản tổng hợp đã chốt")
    URGED = "urged", _("Đôn đốc")


class ConsolidationState(models.TextChoices):
    DRAFT = "draft", _("Đang tổng hợp")
    SUPERSEDED = "superseded", _("Đã có bản sau")
    CLOSED = "closed", _("Đã chốt")


CONSOLIDATION_MOVES: dict[ConsolidationState, frozenset[ConsolidationState]] = {
    ConsolidationState.DRAFT: frozenset({ConsolidationState.SUPERSEDED, ConsolidationState.CLOSED}),
    ConsolidationState.SUPERSEDED: frozenset(),
    ConsolidationState.CLOSED: frozenset(),
}


class Audience(models.TextChoices):
    """Whom the consolidated report is written to."""

    PROVINCE = "province", _("Ủy ban nhân dân tỉnh")
    MINISTRY = "ministry", _("Bộ Khoa học và Công nghệ")
