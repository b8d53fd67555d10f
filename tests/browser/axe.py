"""axe-core, run in the page: WCAG 2.0–2.2 A and AA, and best practice.

The file is axe-core's own build (MPL 2.0, see vendor/): the package on PyPI carries one from before
WCAG 2.2, without the rule on the size of targets.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page, exclude: list[str] | None = None) -> list[str]:
    """What axe finds wrong, one line for each element."""
    page.evaluate(SCRIPT)
    found: dict[str, Any] = page.evaluate(
        """([tags, exclude]) => axe.run({exclude: exclude.map(s => [s])}, {
            runOnly: {type: 'tag', values: tags}, rules: {'target-size': {enabled: true}},
            resultTypes: ['violations']})""",
        [TAGS, exclude or []],
    )
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def assert_accessible(page: Page, exclude: list[str] | None = None) -> None:
    """Fail with axe's words when the page has a violation."""
    found = violations(page, exclude)
    assert found == [], f"{page.url} at {page.viewport_size}:\n" + "\n".join(found)
