from django.urls import path

from chuan.flows.annual_report.web import left_behind, letters, lists, periods, review, territory
from chuan.flows.annual_report.web.consolidation import closing, comparing, desk, one_figure, texts
from chuan.flows.annual_report.web.entry import (
    figures,
    items,
    more_time,
    report,
    sections,
    sending,
    workbook,
)

app_name = "annual_report"
urlpatterns = [
    # the unit's side
    path("bao-cao/", lists.list_reports, name="list"),
    path("bao-cao/dia-ban/", territory.show_territory, name="territory"),
    path("bao-cao/<int:report_id>/", report.show_report, name="show"),
    path("bao-cao/<int:report_id>/bat-dau/", report.start_report, name="start"),
    path("bao-cao/<int:report_id>/dong-bo/", report.sync_report, name="sync"),
    path("bao-cao/<int:report_id>/muc/<int:item_id>/", items.edit_item, name="item"),
    path(
        "bao-cao/<int:report_id>/muc/<int:item_id>/tu-luu/",
        items.autosave_item,
        name="autosave_item",
    ),
    path("bao-cao/<int:report_id>/phan/<str:section>/", sections.edit_section, name="section"),
    path(
        "bao-cao/<int:report_id>/phan/<str:section>/tu-luu/",
        sections.autosave_section,
        name="autosave_section",
    ),
    path("bao-cao/<int:report_id>/so-lieu/", figures.show_figures, name="figures"),
    path("bao-cao/<int:report_id>/so-lieu/<int:figure_id>/", figures.show_figure, name="figure"),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/sua/",
        figures.override_figure,
        name="override",
    ),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/bo-sua/",
        figures.drop_override,
        name="drop_override",
    ),
    path(
        "bao-cao/<int:report_id>/so-lieu/<int:figure_id>/uoc/",
        figures.estimate_year,
        name="estimate",
    ),
    path(
        "bao-cao/<int:report_id>/y-kien/<int:comment_id>/da-sua/",
        report.resolve_comment,
        name="resolve",
    ),
    path("bao-cao/<int:report_id>/kiem-tra/", sending.check_report, name="check"),
    path("bao-cao/<int:report_id>/trinh-ky/", sending.make_ready, name="make_ready"),
    path("bao-cao/<int:report_id>/chuyen-lai/", sending.give_back, name="give_back"),
    path("bao-cao/<int:report_id>/gui/", sending.submit_report, name="submit"),
    path("bao-cao/<int:report_id>/rut-lai/", sending.withdraw_submission, name="withdraw"),
    path("bao-cao/<int:report_id>/bang-tinh/", workbook.send_back, name="workbook"),
    path("bao-cao/<int:report_id>/bang-tinh/mau/", workbook.download, name="workbook_file"),
    path("bao-cao/<int:report_id>/bang-tinh/xem-truoc/", workbook.preview, name="workbook_preview"),
    path(
        "bao-cao/<int:report_id>/bang-tinh/loi/", workbook.download_marked, name="workbook_marked"
    ),
    path("bao-cao/<int:report_id>/bang-tinh/bo/", workbook.drop, name="workbook_drop"),
    path("bao-cao/<int:report_id>/gia-han/", more_time.ask_for_more_time, name="ask_for_more_time"),
    path("bao-cao/<int:report_id>/mo-khoa/", more_time.ask_to_open, name="ask_to_open"),
    path(
        "bao-cao/gia-han/<int:extension_id>/", more_time.extension_pages.show_page, name="extension"
    ),
    path(
        "bao-cao/gia-han/<int:extension_id>/khong-dong-y/",
        more_time.extension_pages.refuse_page,
        name="refuse_extension",
    ),
    path(
        "bao-cao/gia-han/<int:extension_id>/rut/",
        more_time.extension_pages.withdraw_page,
        name="withdraw_extension",
    ),
    path("bao-cao/<int:report_id>/lich-su/", report.show_history, name="history"),
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
    path("bao-cao/ky/<int:period_id>/con-do/", left_behind.show_left_behind, name="left_behind"),
    path(
        "bao-cao/ky/<int:period_id>/con-do/xu-ly/",
        left_behind.decide_left_behind,
        name="left_decide",
    ),
    path(
        "bao-cao/ky/<int:period_id>/con-do/dua-lai/",
        left_behind.readmit_left_behind,
        name="left_readmit",
    ),
    path("bao-cao/ky/<int:period_id>/ngay/", periods.change_days, name="change_days"),
    path("bao-cao/ky/<int:period_id>/chi-tieu/", periods.place_figures, name="placements"),
    # consolidation
    path("tong-hop/", desk.show_latest, name="consolidations"),
    path("tong-hop/ky/<int:period_id>/", desk.show_period, name="collection"),
    path("tong-hop/ky/<int:period_id>/lap/", desk.consolidate, name="consolidate"),
    path("tong-hop/ky/<int:period_id>/don-doc/", letters.urge, name="urge"),
    path(
        "tong-hop/<int:consolidation_id>/",
        desk.show_consolidation,
        name="consolidation",
    ),
    path("tong-hop/<int:consolidation_id>/dua-vao/", desk.include_reports, name="include"),
    path("tong-hop/<int:consolidation_id>/loi-van/", texts.edit_texts, name="texts"),
    path(
        "tong-hop/<int:consolidation_id>/loi-van/tu-luu/",
        texts.autosave_texts,
        name="autosave_texts",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/",
        texts.edit_task,
        name="task_text",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/tu-luu/",
        texts.autosave_task,
        name="autosave_task",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/dua-doan/",
        texts.bring_in_source,
        name="bring_in",
    ),
    path(
        "tong-hop/<int:consolidation_id>/nhiem-vu/<int:task_id>/ghep-lai/",
        texts.merge_again,
        name="merge_again",
    ),
    path(
        "tong-hop/<int:consolidation_id>/so-lieu/<str:code>/",
        one_figure.show_figure,
        name="rolled_figure",
    ),
    path(
        "tong-hop/<int:consolidation_id>/so-voi/<int:number>/",
        comparing.compare,
        name="compare",
    ),
    path("tong-hop/<int:consolidation_id>/chot/", closing.close, name="close"),
    path("tong-hop/<int:consolidation_id>/van-ban/", letters.show_outputs, name="outputs"),
    path(
        "tong-hop/<int:consolidation_id>/van-ban/<str:audience>/",
        letters.make_output,
        name="make_output",
    ),
]
