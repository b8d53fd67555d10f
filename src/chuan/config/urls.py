from django.urls import include, path

from chuan.flows.portal.web.public import robots

urlpatterns = [
    # Machines ask these by the thousand a second: every pattern before them would be tried first.
    path("id/", include("chuan.modules.traceability.web.resolver_urls")),
    path("epcis/v2/", include("chuan.modules.traceability.api.urls")),
    path("oauth2/", include("chuan.modules.traceability.api.token_urls")),
    path(".well-known/", include("chuan.modules.traceability.api.well_known_urls")),
    path("", include("chuan.core.ui.urls")),
    path("tai-khoan/", include("chuan.core.access.web.sign_in_urls")),
    path("tai-khoan/", include("chuan.core.access.web.urls")),
    path("co-quan/", include("chuan.core.orgs.web.urls")),
    path("can-cu/", include("chuan.core.legal.web.urls")),
    path("lich/", include("chuan.core.calendar.web.urls")),
    path("nhat-ky/", include("chuan.core.audit.web.urls")),
    path("tep/", include("chuan.core.files.web.urls")),
    path("van-ban/", include("chuan.core.documents.web.urls")),
    path("thong-bao/", include("chuan.core.notices.web.urls")),
    path("luu-tru/", include("chuan.flows.archive.web.urls")),
    path("tim/", include("chuan.flows.search.web.urls")),
    path("cong-bo/", include("chuan.flows.portal.web.urls")),
    path("cong-khai/", include("chuan.flows.portal.web.public_urls", namespace="portal")),
    path("en/cong-khai/", include("chuan.flows.portal.web.public_urls", namespace="portal-en")),
    path("robots.txt", robots, name="robots"),
    path("", include("chuan.modules.plans.web.urls")),
    path("", include("chuan.flows.annual_report.web.urls")),
    path("", include("chuan.flows.my_work.web.urls")),
    path("", include("chuan.flows.overview.web.urls")),
    path("", include("chuan.flows.reminders.web.urls")),
    path(".well-known/", include("chuan.modules.traceability.web.well_known_urls")),
    path("truy-xuat/", include("chuan.modules.traceability.web.scan_urls", namespace="scan")),
    path("en/truy-xuat/", include("chuan.modules.traceability.web.scan_urls", namespace="scan-en")),
    path("truy-xuat-nguon-goc/", include("chuan.modules.traceability.web.urls")),
    path("", include("chuan.modules.traceability.web.chain_urls")),
    path("", include("chuan.flows.health.web.urls")),
]

handler400 = "chuan.core.ui.views.bad_request"
handler403 = "chuan.core.ui.views.forbidden"
handler404 = "chuan.core.ui.views.not_found"
handler500 = "chuan.core.ui.views.server_error"
