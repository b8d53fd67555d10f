"""What allauth asks of us: words, throttling, mail, and what goes into the ledger."""

from chuan.core.access.adapter.account import AccountAdapter
from chuan.core.access.adapter.mfa import MFAAdapter

__all__ = ["AccountAdapter", "MFAAdapter"]
