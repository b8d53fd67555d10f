"""One peer, in the python of the venv it is installed in: `python bench/peers.py hash < documents`.

Nothing of the product is needed here, and nothing of peers in the product. Reads documents of EPCIS as
JSON, one a line, and says how many of their events it did a second:
hash     epcis-event-hash-generator (pip install epcis-event-hash-generator)
schema   jsonschema with formats (pip install jsonschema rfc3339-validator rfc3987), after the file in
         CHUAN_EPCIS_SCHEMA
capture  quartet_epcis (pip install quartet_epcis haikunator), its parser with business rules, into a
         database of its own (SQLite, as durable as it comes), a transaction a document. It reads XML 1.2
         alone, so the events are written as that before; sensors, which 1.2 has not, are left out
"""

from __future__ import annotations

import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

_CBV = "urn:epcglobal:cbv:"
_IN_EXTENSION = ("quantityList", "childQuantityList", "sourceList", "destinationList", "ilmd")
_APPS = (
    *("django.contrib.contenttypes", "django.contrib.auth"),
    *("quartet_capture", "quartet_epcis"),
)
# In the order of XML 1.2.
_FIELDS = (
    *("eventTime", "eventTimeZoneOffset", "parentID", "inputEPCList", "inputQuantityList"),
    *("outputEPCList", "outputQuantityList", "epcList", "childEPCs", "action", "bizStep"),
    *("disposition", "readPoint", "bizLocation", "bizTransactionList", *_IN_EXTENSION),
)


def main() -> None:
    documents = [json.loads(line) for line in sys.stdin]
    if sys.argv[1] == "capture":
        _capture(documents)
        return
    count = sum(len(one["epcisBody"]["eventList"]) for one in documents)
    began = time.process_time()
    {"hash": _hash, "schema": _schema}[sys.argv[1]](documents)
    spent = time.process_time() - began
    print(json.dumps({"per_second": round(count / spent, 1)}))


def _capture(documents: list[Any]) -> None:
    """Work of the process, its database in it; making the database and the XML is part of neither."""
    with tempfile.TemporaryDirectory() as folder:
        parser = _quartet(Path(folder) / "quartet.sqlite3")
        told = [one["epcisBody"]["eventList"] for one in documents]
        bodies = [_in_xml(events) for events in told]
        # It refuses packages that nobody commissioned.
        packages = list(_packages(told))
        parser(BytesIO(_in_xml(packages))).parse()
        count = sum(map(len, told))
        began, worked = time.perf_counter(), time.process_time()
        for body in bodies:
            parser(BytesIO(body)).parse()
        spent, worked = time.perf_counter() - began, time.process_time() - worked
        from quartet_epcis.models.events import Event  # noqa: PLC0415 - once set up

        assert Event.objects.count() == count + len(packages)
    print(json.dumps({"per_second": round(count / worked, 1), "by_clock": round(count / spent, 1)}))


def _quartet(path: Path) -> Any:
    import django  # noqa: PLC0415 - of a venv of its own
    from django.conf import settings  # noqa: PLC0415 - the same
    from django.core.management import call_command  # noqa: PLC0415 - the same

    settings.configure(
        INSTALLED_APPS=_APPS,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path)}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )
    django.setup()
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    from quartet_epcis.parsing.business_parser import BusinessEPCISParser  # noqa: PLC0415 - once set up

    return BusinessEPCISParser


def _packages(told: list[Any]) -> Iterator[Any]:
    known = set()
    for event in (one for events in told for one in events if "parentID" in one):
        if event["parentID"] not in known:
            known.add(event["parentID"])
            when = {name: event[name] for name in ("eventTime", "eventTimeZoneOffset", "readPoint")}
            yield {
                **{"type": "ObjectEvent", **when, "epcList": [event["parentID"]]},
                **{"action": "ADD", "bizStep": "commissioning"},
            }


def _in_xml(events: list[Any]) -> bytes:
    told = "".join("".join(_event(one)) for one in events)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><epcis:EPCISDocument'
        ' xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:cbvmda="urn:epcglobal:cbv:mda"'
        ' schemaVersion="1.2" creationDate="2026-06-01T00:00:00Z"><EPCISBody><EventList>'
        f"{told}</EventList></EPCISBody></epcis:EPCISDocument>"
    ).encode()


def _event(event: Any) -> Iterator[str]:
    kind = event["type"]
    is_new = kind == "TransformationEvent"  # it came with 1.1, as an extension of the list
    yield "<extension>" * is_new + f"<{kind}>"
    for name in _FIELDS:
        if name in event and (is_new or name not in _IN_EXTENSION):
            yield _field(name, event[name])
    inside = [_field(name, event[name]) for name in _IN_EXTENSION if name in event and not is_new]
    if inside:
        yield f"<extension>{''.join(inside)}</extension>"
    yield f"</{kind}>" + "</extension>" * is_new


def _field(name: str, value: Any) -> str:
    if name in ("bizStep", "disposition"):
        inner = f"{_CBV}{'bizstep' if name == 'bizStep' else 'disp'}:{value}"
    elif isinstance(value, str):
        inner = escape(value)
    elif isinstance(value, dict):
        inner = "".join(f"<{one}>{escape(text)}</{one}>" for one, text in value.items())
    else:
        inner = "".join(_of_list(name, one) for one in value)
    return f"<{name}>{inner}</{name}>"


def _of_list(name: str, one: Any) -> str:
    if isinstance(one, str):
        return f"<epc>{escape(one)}</epc>"
    if name.endswith("uantityList"):
        return (
            "<quantityElement>"
            + "".join(f"<{field}>{escape(str(one[field]))}</{field}>" for field in one)
            + "</quantityElement>"
        )
    element = name.removesuffix("List")
    words = "btt" if element == "bizTransaction" else "sdt"
    return f'<{element} type="{_CBV}{words}:{one["type"]}">{escape(one[element])}</{element}>'


def _hash(documents: list[Any]) -> None:
    from epcis_event_hash_generator import hash_generator  # noqa: PLC0415 - of a venv of its own
    from epcis_event_hash_generator.json_to_py import event_list_from_epcis_document_json  # noqa: PLC0415 - the same

    for one in documents:
        hash_generator.epcis_hashes_from_events(event_list_from_epcis_document_json(one))


def _schema(documents: list[Any]) -> None:
    import jsonschema  # noqa: PLC0415 - of a venv of its own

    schema = json.loads(Path(os.environ["CHUAN_EPCIS_SCHEMA"]).read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    check = kind(schema, format_checker=kind.FORMAT_CHECKER)
    for one in documents:
        check.validate(one)


if __name__ == "__main__":
    main()
