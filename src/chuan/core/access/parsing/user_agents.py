"""What a browser says about itself, in words its owner recognises."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# In this order: Edge and Cốc Cốc also call themselves Chrome, and everybody calls itself Safari.
_BROWSERS = [
    (re.compile(r"coc_coc_browser/", re.IGNORECASE), "Cốc Cốc"),
    (re.compile(r"Edg(e|A|iOS)?/"), "Edge"),
    (re.compile(r"OPR/"), "Opera"),
    (re.compile(r"Zalo"), "Zalo"),
    (re.compile(r"(Firefox|FxiOS)/"), "Firefox"),
    (re.compile(r"(HeadlessChrome|Chrome|CriOS)/"), "Chrome"),
    (re.compile(r"Safari/"), "Safari"),
]
_SYSTEMS = [
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Mac OS X|Macintosh"), "macOS"),
    (re.compile(r"CrOS"), "ChromeOS"),
    (re.compile(r"Linux|X11"), "Linux"),
]


def describe(user_agent: str) -> str:
    """“Chrome trên Windows”; what is not recognised is said to be so."""
    browser = next((name for pattern, name in _BROWSERS if pattern.search(user_agent)), "")
    system = next((name for pattern, name in _SYSTEMS if pattern.search(user_agent)), "")
    if browser and system:
        return _("%(browser)s trên %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Trình duyệt không rõ")
