"""Everything that stands between a draft and a plan, found at once and each with its place."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from chuan.lib.vietnamese import format_date
from chuan.modules.plans.engine.draft import Draft, DraftTask, name_key
from chuan.modules.plans.engine.expansion import Question, Trouble


class Step(enum.IntEnum):
    """The steps of the wizard, as numbered on the page."""

    FILE = 1
    DOCUMENT = 2
    TASKS = 3
    BODIES = 4
    APPROVAL = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend: in which step, at which task and field, in words that say what to do.

    A blocking problem keeps the plan from being made; any other is a warning.
    """

    step: Step
    message: str
    task_key: str = ""
    field: str = ""
    is_blocking: bool = True


def problems_of(
    draft: Draft, questions: Sequence[Question] = (), *, carried_over: Collection[str] = ()
) -> list[Problem]:
    """All of them, in the order of the steps.

    :param carried_over: keys of tasks an amendment leaves as they are: their deadlines may lie
        before the day it was issued.
    """
    return [
        *_in_document(draft),
        *_in_tasks(draft, carried_over),
        *_in_bodies(draft),
        *(asked(question) for question in questions),
    ]


def blocking(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.is_blocking]


def _in_document(draft: Draft) -> Iterator[Problem]:
    document = draft.document
    wanted = {
        "number": (document.number, _("Nhập số văn bản.")),
        "notation": (document.notation, _("Nhập ký hiệu văn bản, ví dụ QĐ-UBND.")),
        "issued_on": (document.issued_on, _("Nhập ngày ban hành.")),
        "issuer": (document.issuer, _("Nhập cơ quan ban hành.")),
        "title": (document.title, _("Nhập trích yếu.")),
        "short_title": (document.short_title, _("Nhập tên gọi ngắn của kế hoạch.")),
        "last_day": (draft.last_day, _("Nhập ngày kết thúc kế hoạch.")),
    }
    for name, (value, message) in wanted.items():
        if not value:
            yield Problem(Step.DOCUMENT, message, field=name)
    if document.number and not document.number.isdecimal():
        yield Problem(Step.DOCUMENT, _("Số văn bản chỉ gồm chữ số."), field="number")
    if document.issued_on and draft.last_day and draft.last_day <= document.issued_on:
        message = _("Ngày kết thúc kế hoạch phải sau ngày ban hành.")
        yield Problem(Step.DOCUMENT, message, field="last_day")
    reporting = draft.reporting
    if (reporting.day is None) != (reporting.month is None):
        message = _("Hạn báo cáo hằng năm cần cả ngày và tháng.")
        yield Problem(Step.DOCUMENT, message, field="reporting")


def _in_tasks(draft: Draft, carried_over: Collection[str]) -> Iterator[Problem]:
    if not draft.tasks:
        yield Problem(Step.TASKS, _("Chưa có nhiệm vụ nào. Thêm ít nhất một nhiệm vụ."))
    sections = {section.code for section in draft.sections}
    points = {point.code for point in draft.body_points}
    seen: set[str] = set()
    for task in draft.tasks:
        yield from _in_task(draft, task, sections, points, is_old=task.key in carried_over)
        if task.code and task.code in seen:
            message = _("Mã %(code)s dùng cho hai nhiệm vụ.") % {"code": task.code}
            yield Problem(Step.TASKS, message, task.key, "code")
        seen.add(task.code)


def _in_task(
    draft: Draft, task: DraftTask, sections: set[str], points: set[str], *, is_old: bool
) -> Iterator[Problem]:
    named = {"code": task.code or _("(chưa có mã)")}

    def problem(message: str, field: str, *, is_blocking: bool = True) -> Problem:
        return Problem(Step.TASKS, message % named, task.key, field, is_blocking)

    if not task.code:
        yield problem(_("Nhiệm vụ %(code)s: nhập mã, ví dụ II.4."), "code")
    if not task.text:
        yield problem(_("Nhiệm vụ %(code)s: nhập nội dung."), "text")
    if task.text and not task.short_text:
        yield problem(_("Nhiệm vụ %(code)s: nhập tên gọi ngắn."), "short_text")
    if task.section not in sections:
        yield problem(_("Nhiệm vụ %(code)s: chọn nhóm nhiệm vụ."), "section")
    if not task.lead:
        yield problem(_("Nhiệm vụ %(code)s: chưa có cơ quan chủ trì."), "lead")
    for message in _about_deadline(draft, task, is_old=is_old):
        yield problem(message, "due")
    if not set(task.body_points) <= points:
        yield problem(
            _("Nhiệm vụ %(code)s: điểm trong phần chính không còn trong danh sách."), "body_points"
        )
    if task.needs_review:
        yield problem(_("Nhiệm vụ %(code)s: chưa có người xem lại."), "text", is_blocking=False)


def _about_deadline(draft: Draft, task: DraftTask, *, is_old: bool) -> Iterator[str]:
    issued_on = None if is_old else draft.document.issued_on
    if task.due_kind is None:
        yield _("Nhiệm vụ %(code)s: chọn loại thời hạn.")
    elif task.needs_date and task.due_on is None:
        yield _("Nhiệm vụ %(code)s: nhập ngày hết hạn.")
    elif not task.needs_date and task.due_on is not None:
        yield _("Nhiệm vụ %(code)s: loại thời hạn này không có ngày hết hạn.")
    elif task.due_on and issued_on and task.due_on < issued_on:
        yield _("Nhiệm vụ %(code)s: ngày hết hạn trước ngày ban hành.")
    elif task.due_on and draft.last_day and task.due_on > draft.last_day:
        yield _("Nhiệm vụ %(code)s: ngày hết hạn sau ngày kết thúc kế hoạch.")


def _in_bodies(draft: Draft) -> Iterator[Problem]:
    for key, name in draft.names.items():
        if key in draft.matches:
            continue
        codes = [task.code for task in draft.tasks if key in map(name_key, task.names)]
        message = _("“%(name)s” (nhiệm vụ %(codes)s): chọn nhóm hoặc cơ quan.")
        yield Problem(
            Step.BODIES, message % {"name": name, "codes": ", ".join(codes)}, field=f"match-{key}"
        )
    for one in draft.stand_ins:
        if not one.basis:
            day = format_date(one.from_day)
            message = _("Cơ quan thay thế từ ngày %(day)s: nhập văn bản làm căn cứ.")
            yield Problem(Step.BODIES, message % {"day": day}, field="stand-ins")


def asked(question: Question) -> Problem:
    """A question about who stands in, as a problem of the step that answers it."""
    values = {
        "name": question.name,
        "day": format_date(question.on),
        "codes": ", ".join(question.codes),
    }
    if question.trouble == Trouble.EMPTY_GROUP:
        message = _(
            "“%(name)s” không còn cơ quan nào vào ngày %(day)s. "
            "Chọn nhóm hoặc cơ quan thay thế và nêu căn cứ (nhiệm vụ %(codes)s)."
        )
    else:
        message = _(
            "“%(name)s” không còn vào ngày %(day)s và không có một cơ quan kế thừa toàn bộ. "
            "Chọn cơ quan thay thế và nêu căn cứ (nhiệm vụ %(codes)s)."
        )
    return Problem(Step.BODIES, message % values, field=stand_in_field(question, question.on))


def stand_in_field(question: Question, on: date) -> str:
    """The field on the page that answers a question."""
    kind = "group" if question.group_id is not None else "body"
    return f"stand-in-{kind}-{question.group_id or question.organisation_id}-{on.isoformat()}"
