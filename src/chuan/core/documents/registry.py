"""Texts that are drawn again when their document is issued: with its number, its day, its signer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from chuan.core.documents.models import OfficialDocument
from chuan.lib.registry import Registry

if TYPE_CHECKING:
    from chuan.core.documents.operations import NewFile

Drawer = Callable[[OfficialDocument], "Sequence[NewFile]"]
"""The files of an issued document, or none where the document is not of the drawer's making. It is
called inside the transaction that gives the number: what it raises takes the number back."""

drawn_when_issued: Registry[Drawer] = Registry("drawer of issued documents")
