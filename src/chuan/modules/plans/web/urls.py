from django.urls import path

from chuan.modules.plans.web import (
    assignments,
    central,
    difficulties,
    ending,
    evidence,
    extensions,
    fates,
    locks,
    overdue,
    plan_assignments,
    plans,
    requests,
    substitutions,
    subtasks,
    task,
    updates,
    versions,
)
from chuan.modules.plans.web.imports import approval, bodies, head, listing, tasks

app_name = "plans"

_IMPORT = "ke-hoach/nhap/<int:import_id>/"
_ASSIGNMENT = "ke-hoach/phan-cong/<int:assignment_id>/"
_SUBTASK = "ke-hoach/phan-viec/<int:subtask_id>/"
_REQUEST = "ke-hoach/de-nghi/<int:request_id>/"
_EXCEPTION = "ke-hoach/mo-khoa/<int:exception_id>/"
_EXTENSION = "ke-hoach/gia-han/<int:extension_id>/"
_PLAN = "ke-hoach/<int:plan_id>/"
_TASK = f"{_PLAN}nhiem-vu/<int:task_id>/"
_FATE = "ke-hoach/nghia-vu/<int:decision_id>/"
_DIFFICULTY = "vuong-mac/<int:difficulty_id>/"

urlpatterns = [
    path("ke-hoach/", plans.list_plans, name="list"),
    path(_PLAN, plans.show_plan, name="show"),
    path(f"{_PLAN}ma-tran/", plans.show_matrix, name="matrix"),
    path(f"{_PLAN}phan-cong/", plan_assignments.list_assignments, name="assignments"),
    path(f"{_PLAN}quyet-dinh/", plans.show_decision, name="decision"),
    path(f"{_PLAN}can-quyet-dinh/", substitutions.list_questions, name="questions"),
    path(
        f"{_PLAN}can-quyet-dinh/<slug:kind>/<int:party_id>/",
        substitutions.substitute,
        name="substitute",
    ),
    path(f"{_PLAN}nghia-vu/", fates.list_fates, name="fates"),
    path(f"{_PLAN}nghia-vu/de-xuat/", fates.propose, name="propose_fates"),
    path(
        f"{_PLAN}nghia-vu/co-quan/<int:organisation_id>/",
        fates.show_body,
        name="fates_of_body",
    ),
    path(_FATE, fates.show_decision, name="fate_decision"),
    path(f"{_FATE}duyet/", fates.approve, name="approve_fates"),
    path(f"{_FATE}tra-lai/", fates.hand_back, name="hand_back_fates"),
    path(f"{_FATE}hoan-tac/", fates.undo, name="undo_fates"),
    path(f"{_PLAN}qua-han/", overdue.list_overdue, name="overdue"),
    path(f"{_PLAN}qua-han/don-doc/", overdue.urge, name="urge"),
    path(f"{_PLAN}don-doc/<int:urging_id>/", overdue.show_urging, name="urging"),
    path(f"{_PLAN}don-doc/<int:urging_id>/tai/", overdue.download_urging, name="urging_files"),
    path(f"{_PLAN}ket-thuc/", ending.end_plan, name="end"),
    path(f"{_PLAN}phien-ban/", versions.show_versions, name="versions"),
    path(f"{_PLAN}sua-doi/", versions.amend_plan, name="amend"),
    path(_TASK, task.show_task, name="task"),
    path(f"{_TASK}van-ban-cap-tren/", central.edit_links, name="central_links"),
    path("ke-hoach/van-ban-cap-tren/", central.list_parents, name="parents"),
    path("ke-hoach/van-ban-cap-tren/<int:source_id>/", central.show_parent, name="parent"),
    path(f"{_TASK}ket-qua/", assignments.edit_deliverables, name="deliverables"),
    path(_ASSIGNMENT, assignments.show_assignment, name="assignment"),
    path(f"{_ASSIGNMENT}tien-do/", updates.post_update, name="post_update"),
    path(f"{_ASSIGNMENT}tien-do/tu-luu/", updates.autosave_update, name="autosave_update"),
    path(f"{_ASSIGNMENT}minh-chung/", evidence.add_evidence, name="add_evidence"),
    path(f"{_ASSIGNMENT}dung-lai/", evidence.reuse_evidence, name="reuse_evidence"),
    path(f"{_ASSIGNMENT}de-nghi/", requests.ask_for_parts, name="ask"),
    path(f"{_REQUEST}tra-loi/", requests.answer_request, name="answer_request"),
    path(f"{_REQUEST}tu-choi/", requests.decline_request, name="decline_request"),
    path(f"{_REQUEST}rut/", requests.withdraw_request, name="withdraw_request"),
    path(f"{_ASSIGNMENT}chia-viec/", subtasks.add_subtask, name="add_subtask"),
    path(f"{_SUBTASK}sua/", subtasks.change_subtask, name="change_subtask"),
    path(f"{_SUBTASK}<slug:move>/", subtasks.move_subtask, name="move_subtask"),
    path(f"{_ASSIGNMENT}gia-han/", extensions.ask_for_extension, name="ask_extension"),
    path(f"{_PLAN}khoa/", locks.list_locks, name="locks"),
    path(f"{_PLAN}khoa/xin/", locks.ask_for_exception, name="ask_exception"),
    path(_EXCEPTION, locks.show_exception, name="exception"),
    path(f"{_EXCEPTION}dong/", locks.close_exception, name="close_exception"),
    path("ke-hoach/gia-han/", extensions.list_extensions, name="extensions"),
    path(_EXTENSION, extensions.extension_pages.show_page, name="extension"),
    path(
        f"{_EXTENSION}khong-dong-y/",
        extensions.extension_pages.refuse_page,
        name="refuse_extension",
    ),
    path(f"{_EXTENSION}rut/", extensions.extension_pages.withdraw_page, name="withdraw_extension"),
    path(
        "ke-hoach/minh-chung/<int:evidence_id>/thay/",
        evidence.replace_evidence,
        name="replace_evidence",
    ),
    path(
        "ke-hoach/minh-chung/<int:evidence_id>/rut/",
        evidence.withdraw_evidence,
        name="withdraw_evidence",
    ),
    path("ke-hoach/nhap/", listing.list_imports, name="imports"),
    path("ke-hoach/nhap/moi/", listing.new_import, name="new_import"),
    path(_IMPORT, listing.show_import, name="import"),
    path(f"{_IMPORT}van-ban/", head.edit_document, name="import_document"),
    path(f"{_IMPORT}nhiem-vu/", tasks.show_tasks, name="import_tasks"),
    path(f"{_IMPORT}nhiem-vu/them/", tasks.add_task, name="import_add_task"),
    path(f"{_IMPORT}nhiem-vu/<slug:key>/", tasks.edit_task, name="import_task"),
    path(f"{_IMPORT}nhiem-vu/<slug:key>/bo/", tasks.remove_task, name="import_remove_task"),
    path(
        f"{_IMPORT}nhiem-vu/<slug:key>/khoi-phuc/",
        tasks.restore_task,
        name="import_restore_task",
    ),
    path(f"{_IMPORT}nhom/", tasks.edit_points, name="import_points"),
    path(f"{_IMPORT}co-quan/", bodies.edit_bodies, name="import_bodies"),
    path(f"{_IMPORT}phe-duyet/", approval.approve_import, name="import_approval"),
    path(f"{_IMPORT}bo/", approval.abandon_import, name="abandon_import"),
    path(f"{_IMPORT}mo-lai/", approval.reopen_import, name="reopen_import"),
    path(f"{_IMPORT}so-sanh/", approval.compare_import, name="compare_import"),
    path("vuong-mac/", difficulties.list_difficulties, name="difficulties"),
    path("vuong-mac/moi/", difficulties.raise_difficulty, name="raise_difficulty"),
    path(_DIFFICULTY, difficulties.show_difficulty, name="difficulty"),
    path(f"{_DIFFICULTY}tra-loi/", difficulties.answer_difficulty, name="answer"),
    path(f"{_DIFFICULTY}trinh-tinh/", difficulties.escalate_difficulty, name="escalate"),
    path(f"{_DIFFICULTY}chi-dao/", difficulties.settle_difficulty, name="settle"),
    path(f"{_DIFFICULTY}rut/", difficulties.withdraw_difficulty, name="withdraw_difficulty"),
]
