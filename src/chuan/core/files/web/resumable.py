"""Files that come in pieces, after tus 1.0 (core, creation, termination): https://tus.io/protocols/.

A page's script announces a file, sends it piece by piece, asks after a lost line where to go on, and
puts its key into the form. The form is taken as if the file had come with it.
"""

from __future__ import annotations

import base64
import binascii
import re
import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuan.core.files import operations, queries
from chuan.core.files.models import PartialUpload
from chuan.core.files.parsing.inspection import FileRefused
from chuan.core.people.http import SignedInRequest
from chuan.lib.whole_numbers import whole_number

VERSION = "1.0.0"
# What a field's name is followed by when its file came in pieces.
SENT_BEFORE = "__gui-truoc"
# Most bytes of one piece: short enough to be lost without harm.
MOST_AT_ONCE = 4 * 1024 * 1024
_BLOCK = 64 * 1024
_PIECE = "application/offset+octet-stream"
_SHA256 = re.compile(r"^([0-9a-f]{64})?$")


def files_of(request: SignedInRequest) -> MultiValueDict[str, UploadedFile[Any]]:
    """The files of a form, also those sent before it: `EvidenceForm(request.POST, files_of(request))`.

    They stand among `request.FILES` from then on, and are closed with them.
    """
    files: MultiValueDict[str, UploadedFile[Any]] = request.FILES
    for name in request.POST:
        field = name.removesuffix(SENT_BEFORE)
        key = request.POST.get(name, "")
        if field != name and key and field not in files:
            files[field] = queries.resumed_file(request.user, key)
    return files


@require_http_methods(["POST", "OPTIONS"])
def begin(request: SignedInRequest) -> HttpResponse:
    """Announce a file: `Upload-Length`, and `Upload-Metadata` with filename and sha256."""
    if request.method == "OPTIONS":
        return _answer(
            204,
            {
                "Tus-Version": VERSION,
                "Tus-Extension": "creation,termination",
                "Tus-Max-Size": str(queries.upload_limit()),
            },
        )
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    size = whole_number(request.headers.get("Upload-Length", ""))
    if size is None or not _SHA256.match(told.get("sha256", "")) or "filename" not in told:
        return _refusal(
            400, _("Trình duyệt gửi lên nội dung không đọc được. Tải lại trang rồi thử lại.")
        )
    try:
        partial = operations.begin_upload(
            actor=request.user,
            name=told["filename"],
            size=size,
            sha256=told.get("sha256", ""),
            at=timezone.now(),
        )
    except FileRefused as refused:
        return _refusal(413 if size > queries.upload_limit() else 422, str(refused))
    return _answer(201, {"Location": reverse("files:part", args=[partial.pk])})


@require_http_methods(["HEAD", "PATCH", "DELETE"])
def part(request: SignedInRequest, key: str) -> HttpResponse:
    """Where to go on (HEAD), the next piece (PATCH), or giving it up (DELETE)."""
    try:
        pk = uuid.UUID(key)
    except ValueError:
        raise Http404 from None
    partial = get_object_or_404(queries.uploads_on_their_way(request.user), pk=pk)
    if request.method == "HEAD":
        return _answer(
            200,
            {
                "Upload-Offset": str(partial.received),
                "Upload-Length": str(partial.size),
                "Cache-Control": "no-store",
            },
        )
    if request.method == "DELETE":
        operations.cancel_upload(actor=request.user, partial=partial)
        return _answer(204)
    return _continue(request, partial)


def _continue(request: SignedInRequest, partial: PartialUpload) -> HttpResponse:
    offset = whole_number(request.headers.get("Upload-Offset", ""))
    if request.content_type != _PIECE:
        return _refusal(
            415, _("Trình duyệt gửi lên nội dung không đọc được. Tải lại trang rồi thử lại.")
        )
    length = whole_number(request.headers.get("Content-Length") or "0")
    if offset is None or length is None or length > MOST_AT_ONCE:
        return _refusal(
            400, _("Trình duyệt gửi lên nội dung không đọc được. Tải lại trang rồi thử lại.")
        )
    try:
        partial = operations.continue_upload(
            actor=request.user,
            partial=partial,
            offset=offset,
            content=_what_arrives(request),
            at=timezone.now(),
        )
    except operations.WrongOffset as wrong:
        return _answer(409, {"Upload-Offset": str(wrong.received)})
    except FileRefused as refused:
        return _refusal(422, str(refused))
    return _answer(204, {"Upload-Offset": str(partial.received)})


def _what_arrives(request: HttpRequest) -> bytes:
    """The piece, or as much of it as came before the line broke."""
    arrived = bytearray()
    try:
        while block := request.read(_BLOCK):
            arrived += block
            if len(arrived) > MOST_AT_ONCE:
                raise Http404
    except UnreadablePostError:
        pass
    return bytes(arrived)


def _metadata(header: str) -> dict[str, str]:
    """`filename xyz=,sha256 xyz=` with values in base64."""
    told = {}
    for pair in header.split(","):
        name, _space, value = pair.strip().partition(" ")
        try:
            told[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return told


def _answer(status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status=status, headers={"Tus-Resumable": VERSION, **(headers or {})})


def _refusal(status: int, text: str) -> HttpResponse:
    return JsonResponse({"error": text}, status=status, headers={"Tus-Resumable": VERSION})
