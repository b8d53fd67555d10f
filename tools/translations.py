"""Keep the English catalogue in step with the texts on the screens, without gettext's programs.

    python tools/translations.py            what has no English yet, or is no longer used
    python tools/translations.py --write    add the new texts, empty; drop the unused; compile

The catalogue is src/chuan/locale/en/LC_MESSAGES/django.po; both .po and .mo are committed.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "chuan"
CATALOGUE = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def texts() -> Catalog:
    """Every text marked for translation in code and templates, with the files it stands in."""
    found = Catalog()
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in {".py", ".html", ".txt"} or "tests" in path.parts:
            continue
        content = path.read_text(encoding="utf-8")
        if path.suffix != ".py":
            content = templatize(content, origin=str(path))
        place = str(path.relative_to(ROOT))
        for line, name, message, _ in extract_python(
            io.BytesIO(content.encode()), list(KEYWORDS), [], {"encoding": "utf-8"}
        ):
            context, singular, plural = _parts(name, message)
            if singular:
                found.add(
                    (singular, plural) if plural else singular,
                    locations=[(place, line)],
                    context=context,
                )
    return found


def _parts(name: str, message: str | tuple[str, ...]) -> tuple[str | None, str, str | None]:
    words = list(message) if isinstance(message, tuple) else [message]
    context = words.pop(0) if name in {"pgettext", "pgettext_lazy", "npgettext"} else None
    singular = words[0] if words else ""
    plural = words[1] if name in {"ngettext", "ngettext_lazy", "npgettext"} and words[1:] else None
    return context, singular, plural


def kept() -> Catalog:
    if not CATALOGUE.exists():
        return Catalog(locale="en", project="chuan")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog, wanted: Catalog) -> list[str]:
    """Texts with no English, each as it stands in the source."""
    return [
        str(message.id)
        for message in wanted
        if message.id
        and not (
            (known := catalogue.get(message.id, message.context))
            and (all(known.string) if isinstance(known.string, tuple) else known.string)
        )
    ]


def unused(catalogue: Catalog, wanted: Catalog) -> list[str]:
    return [
        str(message.id)
        for message in catalogue
        if message.id and wanted.get(message.id, message.context) is None
    ]


def said_twice(catalogue: Catalog) -> list[str]:
    """Texts whose English is one sentence, or several, and the same once more."""
    return [
        str(message.id)
        for message in catalogue
        if message.id and any(said_once(text) != text for text in _forms(message.string))
    ]


def _forms(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return string if isinstance(string, tuple) else (string,)


# A text of some length, and the same again and again.
_AGAIN = re.compile(r"(.{16,}?)(?:\s*\1)+", re.DOTALL)


def said_once(text: str) -> str:
    """The text once, where it is a text and itself again, however often."""
    found = _AGAIN.fullmatch(text)
    return found.group(1) if found else text


def write(catalogue: Catalog, wanted: Catalog) -> None:
    merged = Catalog(
        locale="en",
        project="Chuẩn",
        copyright_holder="Chuẩn contributors",
        header_comment="# English for Chuẩn. Written by tools/translations.py; edit the msgstr lines.",
        last_translator="Chuẩn contributors",
        language_team="English",
        msgid_bugs_address="",
        fuzzy=False,
    )
    merged.creation_date = merged.revision_date = catalogue.creation_date
    for message in sorted((m for m in wanted if m.id), key=lambda m: (str(m.id), m.context or "")):
        known = catalogue.get(message.id, message.context)
        merged.add(message.id, known.string if known else None, context=message.context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, merged, width=100, omit_header=False, sort_output=False)
    with CATALOGUE.with_suffix(".mo").open("wb") as file:
        write_mo(file, merged)


def compiled_is_current() -> bool:
    """Whether the committed .mo is what the committed .po compiles to."""
    out = io.BytesIO()
    write_mo(out, kept())
    compiled = CATALOGUE.with_suffix(".mo")
    return compiled.exists() and compiled.read_bytes() == out.getvalue()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", action="store_true")
    if not settings.configured:
        settings.configure(USE_I18N=True)
    wanted, catalogue = texts(), kept()
    if arguments.parse_args().write:
        write(catalogue, wanted)
        catalogue = kept()
    for text in missing(catalogue, wanted):
        print("no English:", text)
    for text in unused(catalogue, wanted):
        print("unused:", text)
    for text in said_twice(catalogue):
        print("English said twice:", text)
    found = missing(catalogue, wanted) or unused(catalogue, wanted) or said_twice(catalogue)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
