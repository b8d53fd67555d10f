"""Files that whoever scans a label may open."""

from __future__ import annotations

import io
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from chuan.core.files.models import Upload
from chuan.core.files.operations import store_upload
from chuan.core.people.models import Person

# A picture is shown at most 640 pixels wide; on a slow line every kilobyte is waited for.
LARGEST = (640, 640)
# A paper is read: small print on a page of A4 stays legible.
LARGEST_PAPER = (2400, 2400)
MOST_PIXELS = 50_000_000


class NoPicture(ValueError):
    """The file is no picture that can be opened; the message says so to the person."""


def store_picture(*, actor: Person, file: Any) -> Upload:
    """Keep a picture, made small and without what cameras write into it (places, names).

    :raises NoPicture: it cannot be opened.
    :raises FileRefused: the file is not taken.
    """
    return store_upload(actor=actor, name="anh-san-pham.jpg", content=made_small(file))


def store_paper(*, actor: Person, file: Any) -> Upload | None:
    """Keep a copy of a certificate; a photograph of one without what the camera wrote into it.

    :raises NoPicture: a photograph that cannot be opened.
    :raises FileRefused: the file is not taken.
    """
    if file is None:
        return None
    name = PurePath(file.name)
    if name.suffix.lower() == ".pdf":
        return store_upload(actor=actor, name=file.name, content=file)
    content = made_small(file, LARGEST_PAPER)
    return store_upload(actor=actor, name=f"{name.stem}.jpg", content=content)


def made_small(file: Any, largest: tuple[int, int] = LARGEST) -> bytes:
    """A picture as JPEG, upright, without metadata.

    :param largest: pixels across and down; a smaller picture stays as it is.
    :raises NoPicture: it cannot be opened.
    """
    try:
        file.seek(0)
        picture = Image.open(file)
        if picture.width * picture.height > MOST_PIXELS:
            raise NoPicture(_("Ảnh quá lớn. Chọn ảnh dưới 50 triệu điểm ảnh."))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail(largest)
        flat = Image.new("RGB", upright.size, "white")
        with_alpha = upright.convert("RGBA")
        flat.paste(with_alpha, mask=with_alpha.getchannel("A"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, NoPicture):
            raise
        raise NoPicture(_("Không mở được ảnh này. Chọn ảnh khác hoặc lưu lại dạng JPG.")) from None
    out = io.BytesIO()
    flat.save(out, "JPEG", quality=78, optimize=True, progressive=True)
    return out.getvalue()
