"""What the module keeps in models, by subject. The tables of events are in `store/`."""

from chuan.modules.traceability.models.access import AccessKey, CaptureJob

__all__ = ["AccessKey", "CaptureJob"]
