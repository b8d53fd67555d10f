from __future__ import annotations

import uuid

import pgtrigger
from django.conf import settings
from django.db import models


class StoredFile(models.Model):
    """The bytes of one upload, kept once under their SHA-256 and never rewritten."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField()

    class Meta:
        triggers = [
            pgtrigger.Protect(name="immutable", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Upload(models.Model):
    """One delivery of one file, under the name it was given.

    A file nobody uploaded was made by the system itself, in a job.
    """

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="uploads")
    name = models.CharField(max_length=255)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    class Meta:
        triggers = [pgtrigger.Protect(name="immutable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.name


class PartialUpload(models.Model):
    """A file on its way in, piece by piece, from somebody whose line may break.

    `received` bytes lie in the store's workshop under the row's id. The row goes when the file was
    handed in, when its sender gives it up, or when nobody came back to it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    # As the sender's machine counted it, where it could; "" where not.
    sha256 = models.CharField(max_length=64, blank=True)
    received = models.PositiveBigIntegerField(default=0)
    begun_at = models.DateTimeField()
    touched_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="files_partial_upload_within_its_size",
                condition=models.Q(received__lte=models.F("size"), size__gt=0),
            )
        ]
        indexes = [models.Index(fields=["owner"], name="files_partial_by_owner")]

    def __str__(self) -> str:
        return f"{self.name} {self.received}/{self.size}"

    @property
    def is_whole(self) -> bool:
        return self.received == self.size
