"""Checking a chain from its first entry: any change, gap or reordering shows at the first entry it touches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from alliance.platform.audit.chain import GENESIS, Chain, chain_of, entry_hash
from alliance.platform.audit.models import AuditEntry
from alliance.platform.kernel.work import UnitOfWork

BATCH = 1000


@dataclass(frozen=True, slots=True)
class ChainReport:
    """Entries read, the number of the first faulty one (None: whole), and the hash at the end.

    Cut-off last entries cannot be seen from within: compare `head` with one kept elsewhere.
    """

    entries: int
    first_fault: int | None
    head: bytes

    @property
    def is_whole(self) -> bool:
        """Whether every entry is as it was written."""
        return self.first_fault is None


def verify_chain(uow: UnitOfWork, *, chain: Chain | None = None) -> ChainReport:
    """Recompute every hash of the scope's chain (or of `chain`, in the system scope), in flat memory."""
    count, previous = 0, GENESIS
    for entry in _entries(uow, chain or chain_of(uow.scope)):
        if entry.number != count + 1 or entry.previous_hash != previous or entry.hash != entry_hash(entry):
            return ChainReport(count, first_fault=count + 1, head=previous)
        count, previous = count + 1, entry.hash
    return ChainReport(count, first_fault=None, head=previous)


def _entries(uow: UnitOfWork, chain: Chain) -> Iterator[AuditEntry]:
    seen = 0
    while True:
        statement = select(AuditEntry).where(chain.holds(), AuditEntry.number > seen).order_by(AuditEntry.number)
        batch = list(uow.session.scalars(statement.limit(BATCH).execution_options(populate_existing=True)))
        yield from batch
        for entry in batch:
            uow.session.expunge(entry)
        if len(batch) < BATCH:
            return
        seen = batch[-1].number
