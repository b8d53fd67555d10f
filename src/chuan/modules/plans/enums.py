from django.db import models
from django.utils.translation import gettext_lazy as _


class PlanState(models.TextChoices):
    IN_FORCE = "in_force", _("Đang thực hiện")
    REPLACED = "replaced", _("Đã được thay thế")
    ENDED = "ended", _("Đã kết thúc")


class ImportState(models.TextChoices):
    OPEN = "open", _("Đang nhập")
    APPROVED = "approved", _("Đã phê duyệt")
    ABANDONED = "abandoned", _("Đã bỏ")


# Every move an import can make. docs/reference/ draws these tables.
IMPORT_MOVES: dict[ImportState, frozenset[ImportState]] = {
    ImportState.OPEN: frozenset({ImportState.APPROVED, ImportState.ABANDONED}),
    ImportState.APPROVED: frozenset(),
    ImportState.ABANDONED: frozenset({ImportState.OPEN}),
}


class DueKind(models.TextChoices):
    """How a decision says when a task ends."""

    ONCE = "once", _("Một lần, có ngày")
    YEARLY = "yearly", _("Hằng năm")
    UNTIL = "until", _("Nhiều năm, đến một ngày")
    BY_LAW = "by_law", _("Theo quy định pháp luật")


class PartyRole(models.TextChoices):
    LEAD = "lead", _("Chủ trì")
    COORDINATING = "coordinating", _("Phối hợp")


class LeadMode(models.TextChoices):
    """Whether each of the bodies that lead a task owes it, or one of them doing it is enough."""

    EACH = "each", _("Mỗi cơ quan đều phải làm")
    ANY = "any", _("Chỉ cần một cơ quan làm")


class PartyKind(models.TextChoices):
    GROUP = "group", _("Nhóm cơ quan")
    NAMED = "named", _("Cơ quan đích danh")
    OPEN = "open", _("Không liệt kê được")


class BodyGroup(models.TextChoices):
    """Bodies of one kind, in the order in which they are listed."""

    DEPARTMENTS = "so-nganh", _("Sở, ban, ngành")
    DISTRICTS = "huyen", _("UBND huyện, thị xã, thành phố")
    WARDS = "phuong", _("UBND phường")
    COMMUNES = "xa", _("UBND xã")
    OTHERS = "khac", _("Cơ quan khác")


class Change(models.TextChoices):
    """What may become of an assignment between two days; it can be more than one of them."""

    DONE = "done", _("Mới hoàn thành")
    OVERDUE = "overdue", _("Mới quá hạn")
    EXTENDED = "extended", _("Được lùi hạn")
    ACHIEVEMENT = "achievement", _("Đổi mức độ")
    NEW = "new", _("Mới giao")
    CLOSED = "closed", _("Không còn phải làm")


class Timeliness(models.TextChoices):
    """By the calendar alone; the four always sum to the total."""

    ON_TIME = "on_time", _("Đúng hạn")
    LATE = "late", _("Hoàn thành trễ hạn")
    IN_TIME = "in_time", _("Còn hạn")
    OVERDUE = "overdue", _("Quá hạn")


class Achievement(models.TextChoices):
    """By judgement of what was done; “complete” needs the evidence the task asks for."""

    NO_EVIDENCE = "no_evidence", _("Chưa có minh chứng")
    NOT_STARTED = "not_started", _("Chưa bắt đầu")
    LIMITED = "limited", _("Hạn chế")
    SUBSTANTIAL = "substantial", _("Cơ bản")
    COMPLETE = "complete", _("Hoàn thành")


class EvidenceKind(models.TextChoices):
    DOCUMENT = "document", _("Văn bản phát hành")
    PHOTO = "photo", _("Ảnh")
    LIST = "list", _("Danh sách")
    LINK = "link", _("Liên kết")
    OTHER = "other", _("Tài liệu khác")


class RequestState(models.TextChoices):
    ASKED = "asked", _("Chờ góp phần")
    ANSWERED = "answered", _("Đã góp phần")
    DECLINED = "declined", _("Từ chối")
    WITHDRAWN = "withdrawn", _("Đã rút")


# The body that was asked answers or declines; the one that asked takes it back.
REQUEST_MOVES: dict[RequestState, frozenset[RequestState]] = {
    RequestState.ASKED: frozenset(
        {RequestState.ANSWERED, RequestState.DECLINED, RequestState.WITHDRAWN}
    ),
    RequestState.ANSWERED: frozenset(),
    RequestState.DECLINED: frozenset(),
    RequestState.WITHDRAWN: frozenset(),
}


class LockKind(models.TextChoices):
    """What can be locked: what is done in a year of a plan, the reports of one period."""

    YEAR = "year", _("Kết quả của một năm")
    REPORTS = "reports", _("Báo cáo của một kỳ")


class ExceptionState(models.TextChoices):
    """Of an exception to a lock, by its people and by the clock; nothing has to be switched over."""

    WAITING = "waiting", _("Chờ người thứ hai duyệt")
    OPEN = "open", _("Đang mở khóa")
    EXPIRED = "expired", _("Đã hết hạn, khóa lại")
    CLOSED = "closed", _("Đã đóng")


class DifficultyState(models.TextChoices):
    RAISED = "raised", _("Chờ trả lời")
    ANSWERED = "answered", _("Đã trả lời")
    ESCALATED = "escalated", _("Đã trình tỉnh")
    SETTLED = "settled", _("Tỉnh đã chỉ đạo")
    WITHDRAWN = "withdrawn", _("Đã rút")


# Two outcomes by the decision itself: the department guides, or puts it to the province.
DIFFICULTY_MOVES: dict[DifficultyState, frozenset[DifficultyState]] = {
    DifficultyState.RAISED: frozenset(
        {DifficultyState.ANSWERED, DifficultyState.ESCALATED, DifficultyState.WITHDRAWN}
    ),
    DifficultyState.ANSWERED: frozenset({DifficultyState.ESCALATED}),
    DifficultyState.ESCALATED: frozenset({DifficultyState.SETTLED}),
    DifficultyState.SETTLED: frozenset(),
    DifficultyState.WITHDRAWN: frozenset(),
}


class FateKind(models.TextChoices):
    """What becomes of an open assignment of a body that is no more."""

    CLOSE = "close", _("Đóng")
    TRANSFER = "transfer", _("Chuyển cho một cơ quan")
    CLONE = "clone", _("Giao cho từng cơ quan kế thừa")
    DEPARTMENT = "department", _("Giao cho sở, ngành")
    LAPSE = "lapse", _("Chấm dứt")


# These go on with another body.
PASSED_ON = frozenset({FateKind.TRANSFER, FateKind.CLONE, FateKind.DEPARTMENT})


class FateState(models.TextChoices):
    """One person proposes, another approves."""

    PROPOSED = "proposed", _("Chờ duyệt")
    APPROVED = "approved", _("Đã duyệt")
    HANDED_BACK = "handed_back", _("Đã trả lại")
    UNDONE = "undone", _("Đã hoàn tác")


FATE_MOVES: dict[FateState, frozenset[FateState]] = {
    FateState.PROPOSED: frozenset({FateState.APPROVED, FateState.HANDED_BACK}),
    FateState.APPROVED: frozenset({FateState.UNDONE}),
    FateState.HANDED_BACK: frozenset(),
    FateState.UNDONE: frozenset(),
}

# What an assignment may have one of.
LIVE_FATES = (FateState.PROPOSED, FateState.APPROVED)


class BodyKind(models.TextChoices):
    """The kinds of bodies a list of late work is told apart by."""

    PROVINCIAL = "so-nganh", _("Sở, ban, ngành")
    COMMUNE = "cap-xa", _("UBND cấp xã")
    OTHER = "khac", _("Cơ quan khác")
