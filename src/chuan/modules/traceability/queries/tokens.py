"""Page tokens that were taken back."""

from __future__ import annotations

import hashlib

from chuan.modules.traceability.models import ForgottenToken


def digest_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def is_forgotten(token: str) -> bool:
    return ForgottenToken.objects.filter(digest=digest_of(token)).exists()
