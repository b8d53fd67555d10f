"""Files of every kind, as small as they get, and makers of uploads."""

from __future__ import annotations

import io
import zipfile

import factory
from django.utils import timezone

from chuan.core.files import store
from chuan.core.files.models import StoredFile, Upload
from chuan.core.files.parsing.kinds import KINDS
from chuan.core.files.parsing.names import extension_of
from chuan.core.people.testing import PersonFactory

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(16)
JPEG = b"\xff\xd8\xff\xe0" + bytes(16)
WEBP = b"RIFF\x10\0\0\0WEBPVP8 " + bytes(8)
HEIC = b"\0\0\0\x18ftypheic" + bytes(16)
EXE = b"MZ\x90\0\x03\0\0\0" + bytes(64)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def office(folder: str, **extra: bytes) -> bytes:
    """A Word, Excel or PowerPoint file by its folder: `word`, `xl`, `ppt`."""
    entries = {"[Content_Types].xml": b"<Types/>", f"{folder}/document.xml": b"<document/>"}
    return zipped({**entries, **{f"{folder}/{name}": body for name, body in extra.items()}})


def ole(*streams: str) -> bytes:
    """A file of Office 97–2003, or one locked by a password, with these streams."""
    names = b"".join((stream + "\0").encode("utf-16-le").ljust(64, b"\0") for stream in streams)
    return OLE + bytes(504) + names


SAMPLES = {
    "pdf": PDF,
    "docx": office("word"),
    "xlsx": office("xl"),
    "pptx": office("ppt"),
    "odt": zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}),
    "ods": zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
    "doc": ole("WordDocument"),
    "xls": ole("Workbook"),
    "jpg": JPEG,
    "jpeg": JPEG,
    "png": PNG,
    "webp": WEBP,
    "heic": HEIC,
    "txt": "Kế hoạch năm 2026\n".encode(),
    "csv": "Đơn vị;Số nhiệm vụ\n".encode(),
}


class UploadFactory(factory.django.DjangoModelFactory):
    """A file in the store: `UploadFactory(name="bao-cao.pdf", content=b"%PDF-…")`.

    Without a content it is the smallest file of the kind its name says.
    """

    class Meta:
        model = Upload

    name = factory.Sequence(lambda n: f"minh-chung-{n}.pdf")
    uploaded_by = factory.SubFactory(PersonFactory)
    uploaded_at = factory.LazyFunction(timezone.now)

    @classmethod
    def _create(cls, model_class, *args, content=None, **fields):
        extension = extension_of(fields["name"])
        kept = store.put(io.BytesIO(SAMPLES[extension] if content is None else content))
        fields["file"], _is_new = StoredFile.objects.get_or_create(
            sha256=kept.sha256,
            defaults={
                "size": kept.size,
                "media_type": KINDS[extension].media_type,
                "stored_at": fields["uploaded_at"],
            },
        )
        return super()._create(model_class, *args, **fields)
