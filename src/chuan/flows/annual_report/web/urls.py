from django.urls import path

from chuan.flows.annual_report.web import consolidation, entry, letters, lists, periods, review

app_name = "annual_report"
urlpatterns = [
    # the unit's side
    path("bao-cao/", lists.list_reports, name="list"),
    path("bao-cao/<int:report_id>/", entry.show_report, name="show"),
    path("bao-cao/<int:report_id>/bat-dau/", entry.start_report, name="start"),
    path("bao-cao/<int:report_id>/dong-bo/", entry.sync_report, name="sync"),
    path("bao-cao/<int:report_id>/muc/<int:item_id>/", entry.edit_item, name="item"),
    path(
        "bao-cao/<int:report_id>/muc/<int:item_id>/tu-luu/",
        entry.autosave_item,
        name="autosave_item",
    ),
    path("bao-cao/<int:report_id>/phan/<str:section>/", entry.edit_section, name="section"),
    path(
        "bao-cao/<int:report_id>/phan/<str:section>/tu-luu/",
        entry.autosave_section,
        name="autosave_section",
    ),
    path("bao-cao/<int:report_id>/so-lieu/", entry.show_figures, name="figures"),
    path("bao-cao/<int:report_id>/so-lieu/<int:figure_id>/", entry.show_figure, name="figure"),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/sua/",
        entry.override_figure,
        name="override",
    ),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/bo-sua/",
        entry.drop_override,
        name="drop_override",
    ),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/uoc/",
        entry.estimate_year,
        name="estimate",
    ),
    path(
        "bao-cao/<int:report_id>/y-kien/<int:comment_id>/da-sua/",
        entry.resolve_comment,
        name="resolve",
    ),
    path("bao-cao/<int:report_id>/kiem-tra/", entry.check_report, name="check"),
    path("bao-cao/<int:report_id>/trinh-ky/", entry.make_ready, name="make_ready"),
    path("bao-cao/<int:report_id>/chuyen-lai/", entry.give_back, name="give_back"),
    path("bao-cao/<int:report_id>/gui/", entry.submit_report, name="submit"),
    path("bao-cao/<int:report_id>/rut-lai/", entry.withdraw_submission, name="withdraw"),
    path("bao-cao/<int:report_id>/lich-su/", entry.show_history, name="history"),
    # the department's side
    path("bao-cao/<int:report_id>/duyet/", review.review_report, name="review"),
    path("bao-cao/<int:report_id>/y-kien/", review.comment_on_report, name="comment"),
    path(
        "bao-cao/<int:report_id>/y-kien/<int:comment_id>/xoa/",
        review.remove_comment,
        name="remove_comment",
    ),
    path("bao-cao/<int:report_id>/tra-lai/", review.return_report, name="return"),
    path("bao-cao/<int:report_id>/chap-nhan/", review.accept_report, name="accept"),
    path("bao-cao/<int:report_id>/loai-tru/", review.exclude_report, name="exclude"),
    path("bao-cao/<int:report_id>/dua-lai/", review.readmit_report, name="readmit"),
    # periods
    path("bao-cao/ky/mo-khac/", periods.open_other_period, name="open_other_period"),
    path("bao-cao/ky/mo/<int:plan_id>/<int:year>/", periods.open_period, name="open_period"),
    path("bao-cao/ky/<int:period_id>/", periods.show_period, name="period"),
    path("bao-cao/ky/<int:period_id>/ngay/", periods.change_days, name="change_days"),
    path("bao-cao/ky/<int:period_id>/chi-tieu/", periods.place_figures, name="placements"),
    # consolidation
    path("tong-hop/", consolidation.show_latest, name="consolidations"),
    path("tong-hop/ky/<int:period_id>/", consolidation.show_period, name="collection"),
    path("tong-hop/ky/<int:period_id>/lap/", consolidation.consolidate, name="consolidate"),
    path("tong-hop/ky/<int:period_id>/don-doc/", letters.urge, name="urge"),
    path(
        "tong-hop/<int:consolidation_id>/",
        consolidation.show_consolidation,
        name="consolidation",
    ),
    path("tong-hop/<int:consolidation_id>/dua-vao/", consolidation.include_reports, name="include"),
    path("tong-hop/<int:consolidation_id>/loi-van/", consolidation.edit_texts, name="texts"),
    path(
        "tong-hop/<int:consolidation_id>/loi-van/tu-luu/",
        consolidation.autosave_texts,
        name="autosave_texts",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/",
        consolidation.edit_task,
        name="task_text",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/tu-luu/",
        consolidation.autosave_task,
        name="autosave_task",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/dua-doan/",
        consolidation.bring_in_source,
        name="bring_in",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/ghep-lai/",
        consolidation.merge_again,
        name="merge_again",
    ),
    path(
        "tong-hop/<int:consolidation_id>/so-lieu/<str:code>/",
        consolidation.show_figure,
        name="rolled_figure",
    ),
    path(
        "tong-hop/<int:consolidation_id>/so-voi/<int:number>/",
        consolidation.compare,
        name="compare",
    ),
    path("tong-hop/<int:consolidation_id>/chot/", consolidation.close, name="close"),
    path("tong-hop/<int:consolidation_id>/van-ban/", letters.show_outputs, name="outputs"),
    path(
        "tong-hop/<int:consolidation_id>/van-ban/<str:audience>/",
        letters.make_output,
        name="make_output",
    ),
]
