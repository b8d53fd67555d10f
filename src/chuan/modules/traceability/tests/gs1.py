"""Where GS1's own artefacts lie: read in place, never copied."""

import pytest
from django.conf import settings

FOLDER = settings.ROOT.parent / "shared" / "data" / "epcis"


def examples(pattern: str) -> list:
    """Parameters for a test, one for each file; one that is skipped when there are none."""
    found = sorted(FOLDER.glob(pattern))
    if not found:
        reason = "the artefacts of GS1 are not here (../shared/data/epcis)"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(path, id=path.name) for path in found]
