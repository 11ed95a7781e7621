"""Advisory locks: one register of what may be locked, held until the transaction ends."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session


class Lock(StrEnum):
    """What a lock protects. A lock on a thing of a shop takes the thing's id, so that shops never wait for another."""

    SCHEDULE = "schedule"  # one process decides what is due
    AUDIT_CHAIN = "audit_chain"  # entries of one shop or alliance are chained one after another
    IMPORT_COMMIT = "import_commit"  # one import of a shop writes at a time


def lock(session: Session, what: Lock, identity: UUID | str | None = None) -> None:
    """Wait for the lock and hold it to the end of the transaction; the statement timeout bounds the wait."""
    session.execute(select(func.pg_advisory_xact_lock(lock_key(what, identity))))


def try_lock(session: Session, what: Lock, identity: UUID | str | None = None) -> bool:
    """Take the lock if it is free, to the end of the transaction; whether it was."""
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(lock_key(what, identity)))))


def lock_key(what: Lock, identity: UUID | str | None) -> int:
    """The signed 64-bit number of a lock; a collision of two would only make one wait for the other."""
    digest = hashlib.blake2b(f"{what.value}:{identity or ''}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
