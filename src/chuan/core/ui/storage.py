"""Static files: hashed names and compressed copies once collected, plain names before."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from whitenoise.storage import (  # type: ignore[import-untyped]
    CompressedManifestStaticFilesStorage,
)


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """A name missing from the manifest is served as it is: one lost picture is no reason to lose a page.

    Until `collectstatic` has run (a test, a developer's machine) there is no manifest, and every
    name is plain.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        path = urlsplit(unquote(name)).path.strip()
        if self.hash_key(self.clean_name(path)) not in self.hashed_files:
            return name
        return super().stored_name(name)  # type: ignore[no-any-return]
