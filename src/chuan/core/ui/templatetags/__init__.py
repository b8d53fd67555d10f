"""What every template has without loading it: one library for each subject."""

from __future__ import annotations

BUILTINS = [
    "chuan.core.ui.templatetags.values",
    "chuan.core.ui.templatetags.pieces",
    "chuan.core.ui.templatetags.wayfinding",
    "chuan.core.ui.templatetags.filling",
    "chuan.core.ui.templatetags.boxes",
    "chuan.core.ui.templatetags.listing",
]
