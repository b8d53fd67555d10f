"""One peer, in the python of the venv it is installed in: `python bench/peers.py hash < documents`.

Nothing of the product is needed here, and nothing of peers in the product. Reads documents of EPCIS as
JSON, one a line, and says how many of their events it did a second:
hash     epcis-event-hash-generator (pip install epcis-event-hash-generator)
schema   jsonschema with formats (pip install jsonschema rfc3339-validator rfc3987), after the file in
         CHUAN_EPCIS_SCHEMA
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any


def main() -> None:
    documents = [json.loads(line) for line in sys.stdin]
    count = sum(len(one["epcisBody"]["eventList"]) for one in documents)
    began = time.process_time()
    {"hash": _hash, "schema": _schema}[sys.argv[1]](documents)
    spent = time.process_time() - began
    print(json.dumps({"per_second": round(count / spent, 1)}))


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
