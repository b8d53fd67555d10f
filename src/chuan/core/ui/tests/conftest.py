"""The frame is drawn without asking the database what the province is called."""

import pytest

from chuan.core.ui.site import site


@pytest.fixture(autouse=True)
def _province(monkeypatch):
    monkeypatch.setattr(site, "province", lambda: "Tỉnh Thử")
