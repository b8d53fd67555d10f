"""The worker finds its jobs here."""

from chuan.flows.archive.operations import make_package

__all__ = ["make_package"]
