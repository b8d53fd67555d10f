from django.urls import path
from django.views.generic import RedirectView

from chuan.modules.traceability.web import (
    labels,
    links,
    problems,
    production,
    registry,
    scanner,
    subscriptions,
    workbook,
)

app_name = "traceability"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="traceability:products"), name="home"),
    path("san-pham/", registry.products, name="products"),
    path("san-pham/moi/", registry.add_product, name="add-product"),
    path("san-pham/<int:product_id>/", registry.product, name="product"),
    path("san-pham/<int:product_id>/sua/", registry.change_product, name="change-product"),
    path("san-pham/<int:product_id>/ma/", registry.decide_gtin, name="decide-gtin"),
    path("san-pham/<int:product_id>/giay/", registry.add_certificate, name="add-certificate"),
    path("giay/<int:paper_id>/go/", registry.withdraw_certificate, name="withdraw-certificate"),
    path("don-vi/", registry.parties, name="parties"),
    path("don-vi/moi/", registry.add_party, name="add-party"),
    path("don-vi/<int:business_id>/", registry.party, name="party"),
    path("don-vi/<int:business_id>/sua/", registry.change_party, name="change-party"),
    path("don-vi/<int:business_id>/tai-khoan/", registry.link_organisation, name="link-party"),
    path("dia-diem/", registry.places, name="places"),
    path("dia-diem/moi/", registry.add_place, name="add-place"),
    path("dia-diem/<int:place_id>/sua/", registry.change_place, name="change-place"),
    path("dia-diem/<int:place_id>/ma/", registry.decide_gln, name="decide-gln"),
    path("lien-ket/", links.links, name="links"),
    path("lien-ket/moi/", links.add_link, name="add-link"),
    path("lien-ket/thu/", links.try_link, name="try-link"),
    path("lien-ket/<int:link_id>/sua/", links.change_link, name="change-link"),
    path("lien-ket/<int:link_id>/go/", links.remove_link, name="remove-link"),
    path("lien-ket/tep/moi/", links.send_file, name="send-link-file"),
    path("lien-ket/tep/<int:file_id>/", links.link_file, name="link-file"),
    path("lien-ket/tep/<int:file_id>/hoan-tac/", links.undo_file, name="undo-link-file"),
    path("ghi/", production.start, name="production"),
    path("ghi/thu-hoach/", production.tell_harvest, name="tell-harvest"),
    path("ghi/dong-goi/", production.tell_packing, name="tell-packing"),
    path("ghi/xuat-hang/", production.tell_shipping, name="tell-shipping"),
    path("ghi/nhan-hang/", production.tell_receiving, name="tell-receiving"),
    path("ghi/bang-tinh/<int:business_id>/", workbook.send_back, name="workbook"),
    path("ghi/bang-tinh/<int:business_id>/mau/", workbook.download, name="workbook-file"),
    path(
        "ghi/bang-tinh/<int:business_id>/can-sua/", workbook.download_marked, name="workbook-marked"
    ),
    path("lo/<int:lot_id>/", production.lot, name="lot"),
    path("lo/<int:lot_id>/nhan/", labels.labels, name="labels"),
    path("lo/<int:lot_id>/ma.svg", labels.code, name="code"),
    path("phan-anh/", problems.problems, name="problems"),
    path("phan-anh/<int:problem_id>/", problems.problem, name="problem"),
    path("gui-su-kien/", subscriptions.subscriptions, name="subscriptions"),
    path("quet/", scanner.scan, name="scanner"),
]
