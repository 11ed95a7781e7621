"""Clearing away stored bytes that no row names: the transaction that wrote them was rolled back, or died."""

from __future__ import annotations

from itertools import islice
from typing import Any

from sqlalchemy import select

from alliance.platform.kernel.blobs import BlobRef
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.work import unit_of_work

# Longer than any transaction, so that a blob is never taken for abandoned before its row is committed.
AGE_SECONDS = 24 * 3600.0
BATCH = 1000


@job(queue="schedule", timeout=3600, retries=1)
def sweep_blobs(services: Services, scope: Scope) -> dict[str, Any]:
    """Remove blobs older than a day without a row, and half-written ones. Runs as the system."""
    removed = 0
    paths = services.blobs.list_paths(older_than_seconds=AGE_SECONDS)
    while batch := list(islice(paths, BATCH)):
        with unit_of_work(services, scope) as uow:
            known = set(uow.session.scalars(select(File.path).where(File.path.in_(batch))))
        for path in set(batch) - known:
            services.blobs.delete(BlobRef(size=0, sha256=b"", path=path))
            removed += 1
    return {"removed": removed, "abandoned": services.blobs.remove_abandoned(older_than_seconds=AGE_SECONDS)}
