"""What a key opens, and what happens to a document with faults."""

from django.db import models


class Scope(models.TextChoices):
    CAPTURE = "capture"
    QUERY = "query"


class ErrorBehaviour(models.TextChoices):
    """What a capture does when some of its events are wrong (EPCIS 2.0, section 12.6)."""

    ROLLBACK = "rollback"
    PROCEED = "proceed"
