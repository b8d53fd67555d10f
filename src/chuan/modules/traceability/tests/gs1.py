"""Where GS1's own artefacts lie: read in place, never copied."""

from pathlib import Path

import pytest

from chuan.config.settings import ROOT

_ROOTS = [ROOT.parent / "shared", ROOT / "shared", Path("/work/shared")]
FOLDER = next(
    (root / "data" / "epcis" for root in _ROOTS if (root / "data" / "epcis").is_dir()), None
)


def examples(pattern: str) -> list:
    """Parameters for a test, one for each file; one that is skipped when there are none."""
    found = sorted(FOLDER.glob(pattern)) if FOLDER else []
    if not found:
        reason = "the artefacts of GS1 are not here (../shared/data/epcis)"
        return [pytest.param(None, marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(path, id=path.name) for path in found]
