"""Texts that are drawn again when their document is issued: with its number, its day, its signer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chuan.core.documents.models import OfficialDocument
from chuan.core.documents.parts import NewFile
from chuan.lib.registry import Registry

Drawer = Callable[[OfficialDocument], Sequence[NewFile]]
"""The files of an issued document, or none where the document is not of the drawer's making. It is
called inside the transaction that gives the number: what it raises takes the number back."""

drawn_when_issued: Registry[Drawer] = Registry("drawer of issued documents")
