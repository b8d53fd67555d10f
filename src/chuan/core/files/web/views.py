from __future__ import annotations

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuan.core.files import queries, rules
from chuan.core.files.models import Upload
from chuan.core.files.parsing.kinds import SHOWN_INLINE
from chuan.core.people.http import SignedInRequest


@require_safe
def download(request: SignedInRequest, upload_id: int) -> HttpResponseBase:
    """A file as it was handed in; PDF and pictures open in the browser, `?tai=1` saves them."""
    upload = get_object_or_404(Upload.objects.select_related("file"), pk=upload_id)
    if not rules.read_file.allows(request.user, upload):
        raise Http404  # whether it exists is nobody's business
    etag = f'"{upload.file.sha256}"'
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        unchanged["ETag"] = etag
        return unchanged
    try:
        content = queries.open_file(upload)
    except FileNotFoundError:
        return _lost(request, upload)
    media_type = queries.media_type_of(upload)
    shown = media_type in SHOWN_INLINE and "tai" not in request.GET
    if media_type.startswith("text/"):
        media_type += "; charset=utf-8"
    response = FileResponse(
        content, as_attachment=not shown, filename=upload.name, content_type=media_type
    )
    response["Content-Length"] = str(upload.file.size)
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _lost(request: SignedInRequest, upload: Upload) -> HttpResponse:
    lines = [
        _("Kho lưu trữ không còn nội dung của tệp “%s”.") % upload.name,
        _("Hãy báo người quản trị hệ thống: tệp có thể lấy lại từ bản sao lưu."),
    ]
    context = {"title": _("Không mở được tệp"), "lines": lines, "base_template": "ui/base.html"}
    return render(request, "ui/error.html", context, status=410)
