from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PlansConfig(AppConfig):
    name = "chuan.modules.plans"
    label = "plans"

    def ready(self) -> None:
        from chuan.core.audit import titles  # noqa: PLC0415 - apps are ready here
        from chuan.core.documents.registry import drawn_when_issued  # noqa: PLC0415
        from chuan.core.files import rules as files  # noqa: PLC0415
        from chuan.core.orgs.queries.dependents import (  # noqa: PLC0415
            Dependents,
            dependents,
            followups,
        )
        from chuan.core.ui import (  # noqa: PLC0415
            finding,
            navigation,
            status,
        )
        from chuan.core.ui.navigation import Item, Section  # noqa: PLC0415
        from chuan.modules.plans import indicators, rules  # noqa: F401, PLC0415
        from chuan.modules.plans.operations.releasing import release_assignments  # noqa: PLC0415
        from chuan.modules.plans.operations.urging import drawn_as_issued  # noqa: PLC0415
        from chuan.modules.plans.queries import (  # noqa: PLC0415
            found,
            hanging,
        )
        from chuan.modules.plans.queries.files import may_read_file  # noqa: PLC0415

        files.let_read("plans", may_read_file)
        drawn_when_issued.add("plans", drawn_as_issued)
        dependents.add(
            "plans.assignments",
            Dependents(
                _("Phân công chưa hoàn thành"),
                _(
                    "Không tự chuyển. Phân công của cơ quan kết thúc chờ quyết định ở trang “Nghĩa vụ "
                    "còn lại” của kế hoạch: một người đề xuất, người khác duyệt."
                ),
                "clipboard-list",
                hanging.assignments_hanging_on,
                hanging.work_forbids_reversal,
                release_assignments,
                order=10,
            ),
        )
        dependents.add(
            "plans.fates",
            Dependents(
                _("Nghĩa vụ còn lại đã có đề xuất hoặc quyết định"),
                _("Giữ nguyên. Hoàn tác từng quyết định trước khi hoàn tác sự kiện."),
                "git-merge",
                hanging.duties_hanging_on,
                hanging.decisions_forbid_reversal,
                order=12,
            ),
        )
        followups.add("plans.fates", hanging.duties_left_by)
        dependents.add(
            "plans.words",
            Dependents(
                _("Nhiệm vụ nêu đích danh cơ quan kết thúc"),
                _(
                    "Từ kỳ sau giao cho cơ quan kế thừa toàn bộ nếu chỉ có một; nếu không, kế hoạch "
                    "hỏi cơ quan thay thế."
                ),
                "file-text",
                hanging.words_hanging_on,
                order=15,
            ),
        )
        navigation.add(
            Item(
                Section.WORK,
                _("Kế hoạch"),
                "clipboard-list",
                "plans:list",
                visible=rules.see_plans.allows,
                order=20,
            )
        )
        navigation.add(
            Item(
                Section.WORK,
                _("Vướng mắc"),
                "message-question",
                "plans:difficulties",
                visible=rules.see_plans.allows,
                order=50,
            )
        )
        for one in (
            status.Status("in_time", _("Còn hạn"), "", "circle", _("Theo hạn (tính)")),
            status.Status("plan_in_force", _("Đang thực hiện"), "accent", "circle-check"),
            status.Status("plan_replaced", _("Đã được thay thế"), "line", "git-merge"),
            status.Status("plan_ended", _("Đã kết thúc"), "line", "ban"),
            status.Status("version_past", _("Đã có phiên bản sau"), "line", "history"),
            status.Status("version_now", _("Đang áp dụng"), "accent", "circle-check"),
            status.Status("version_ahead", _("Chưa đến ngày áp dụng"), "info", "clock"),
            status.Status("task_added", _("Bổ sung"), "ok", "plus"),
            status.Status("task_removed", _("Bãi bỏ"), "bad", "ban"),
            status.Status("task_changed", _("Sửa đổi"), "info", "pencil"),
            status.Status("import_open", _("Đang nhập"), "accent", "pencil"),
            status.Status("import_approved", _("Đã phê duyệt"), "done", "check"),
            status.Status("import_abandoned", _("Đã bỏ"), "line", "ban"),
            status.Status(
                "assignment_relieved",
                _("Cơ quan khác đã làm"),
                "line",
                "circle-check",
                _("Theo hạn (tính)"),
            ),
            status.Status("subtask_open", _("Chưa xong"), "", "circle"),
            status.Status("subtask_overdue", _("Quá hạn"), "bad", "alert-triangle"),
            status.Status("subtask_done", _("Đã xong"), "ok", "circle-check"),
            status.Status("assignment_closed", _("Đã đóng"), "line", "ban", _("Theo hạn (tính)")),
            status.Status("fate_undecided", _("Chưa quyết định"), "warn", "alert-triangle"),
            status.Status("fate_proposed", _("Chờ duyệt"), "info", "clock"),
            status.Status("fate_approved", _("Đã duyệt"), "ok", "circle-check"),
            status.Status("fate_handed_back", _("Đã trả lại"), "line", "corner-up-left"),
            status.Status("fate_undone", _("Đã hoàn tác"), "line", "restore"),
            status.Status("request_asked", _("Chờ góp phần"), "info", "clock"),
            status.Status("request_overdue", _("Quá hạn góp phần"), "bad", "alert-triangle"),
            status.Status("request_answered", _("Đã góp phần"), "ok", "circle-check"),
            status.Status("request_declined", _("Từ chối"), "warn", "corner-up-left"),
            status.Status("request_withdrawn", _("Đã rút"), "line", "ban"),
            status.Status("paused", _("Đang xin gia hạn"), "info", "hourglass"),
            status.Status("extension_waiting", _("Chờ quyết định"), "info", "hourglass"),
            status.Status("extension_granted", _("Đã gia hạn"), "ok", "circle-check"),
            status.Status("extension_refused", _("Không đồng ý"), "warn", "corner-up-left"),
            status.Status("extension_withdrawn", _("Đã rút"), "line", "ban"),
            status.Status("exception_waiting", _("Chờ người thứ hai duyệt"), "info", "hourglass"),
            status.Status("exception_open", _("Đang mở khóa"), "warn", "lock"),
            status.Status("exception_expired", _("Đã hết hạn, khóa lại"), "line", "lock"),
            status.Status("exception_closed", _("Đã đóng"), "line", "ban"),
            status.Status("difficulty_raised", _("Chờ trả lời"), "info", "clock"),
            status.Status("difficulty_answered", _("Đã trả lời"), "ok", "circle-check"),
            status.Status("difficulty_escalated", _("Đã trình tỉnh"), "warn", "send"),
            status.Status("difficulty_settled", _("Tỉnh đã chỉ đạo"), "ok", "circle-check"),
            status.Status("difficulty_withdrawn", _("Đã rút"), "line", "corner-up-left"),
        ):
            status.add(one)
        titles.register_all(
            {
                "plans.import_started": _("Bắt đầu nhập quyết định"),
                "plans.import_abandoned": _("Bỏ bản nhập quyết định"),
                "plans.import_reopened": _("Mở lại bản nhập quyết định"),
                "plans.plan_approved": _("Phê duyệt kế hoạch"),
                "plans.substitution_decided": _("Quyết định cơ quan thay thế"),
                "plans.plan_ended": _("Kết thúc kế hoạch trước hạn"),
                "plans.amendment_started": _("Bắt đầu sửa đổi kế hoạch"),
                "plans.central_tasks_linked": _("Liên kết nhiệm vụ với văn bản cấp trên"),
                "plans.central_task_loaded": _("Nạp nhiệm vụ của văn bản cấp trên"),
                "plans.plan_amended": _("Sửa đổi, bổ sung kế hoạch"),
                "plans.fates_proposed": _("Đề xuất xử lý nghĩa vụ của cơ quan đã kết thúc"),
                "plans.subtask_added": _("Chia việc trong đơn vị"),
                "plans.fates_approved": _("Duyệt xử lý nghĩa vụ của cơ quan đã kết thúc"),
                "plans.fates_handed_back": _("Trả lại đề xuất xử lý nghĩa vụ"),
                "plans.fates_undone": _("Hoàn tác xử lý nghĩa vụ"),
                "plans.assignments_created": _("Bổ sung phân công"),
                "plans.assignments_released": _("Gỡ phân công do hoàn tác sắp xếp cơ quan"),
                "plans.deliverables_set": _("Đặt kết quả đầu ra"),
                "plans.progress_posted": _("Ghi tiến độ"),
                "plans.evidence_added": _("Thêm minh chứng"),
                "plans.evidence_replaced": _("Thay minh chứng bằng bản mới"),
                "plans.evidence_reused": _("Dùng lại minh chứng"),
                "plans.parts_asked": _("Đề nghị cơ quan phối hợp góp phần"),
                "plans.part_given": _("Góp phần theo đề nghị"),
                "plans.part_declined": _("Từ chối góp phần"),
                "plans.part_withdrawn": _("Rút đề nghị góp phần"),
                "plans.year_locked": _("Khóa kết quả của năm đã chốt"),
                "plans.exception_asked": _("Xin mở khóa"),
                "plans.exception_approved": _("Duyệt mở khóa"),
                "plans.exception_closed": _("Đóng đề nghị mở khóa"),
                "plans.work_urged": _("Đôn đốc nhiệm vụ quá hạn"),
                "plans.extension_asked": _("Xin gia hạn"),
                "plans.extension_granted": _("Gia hạn"),
                "plans.extension_refused": _("Không đồng ý gia hạn"),
                "plans.extension_withdrawn": _("Rút đề nghị gia hạn"),
                "plans.evidence_withdrawn": _("Rút minh chứng"),
                "plans.difficulty_raised": _("Nêu vướng mắc"),
                "plans.difficulty_withdrawn": _("Rút vướng mắc"),
                "plans.difficulty_answered": _("Trả lời vướng mắc"),
                "plans.difficulty_escalated": _("Trình tỉnh vướng mắc"),
                "plans.difficulty_settled": _("Ghi ý kiến chỉ đạo của tỉnh"),
            }
        )
        sees = rules.see_plans.allows
        for key, title, icon, find, order in (
            ("tasks", _("Nhiệm vụ"), "clipboard-list", found.find_tasks, 10),
            ("assignments", _("Phân công"), "list-check", found.find_assignments, 30),
            ("evidence", _("Minh chứng"), "paperclip", found.find_evidence, 60),
            ("difficulties", _("Vướng mắc"), "message-question", found.find_difficulties, 70),
        ):
            finding.add(finding.Finder(key, title, icon, find, sees, order))
