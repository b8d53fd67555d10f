from __future__ import annotations

import logging
from datetime import time

from chuan.core.files import operations
from chuan.core.jobs.registry import nightly

logger = logging.getLogger(__name__)


@nightly(at=time(2, 40))
def sweep_orphans() -> None:
    removed = operations.sweep_orphans()
    if removed:
        logger.info("%d files without a row removed from the store", removed)


@nightly(at=time(2, 45))
def sweep_partial_uploads() -> None:
    removed = operations.sweep_partial_uploads()
    if removed:
        logger.info("%d files on their way in that nobody came back to removed", removed)
