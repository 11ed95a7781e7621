"""Writing the audit. Entries wait until the transaction commits, so that the chain's lock is the last one taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from alliance.platform.audit.chain import GENESIS, Chain, chain_of, entry_hash
from alliance.platform.audit.masking import mask_text, masked
from alliance.platform.audit.models import AuditEntry
from alliance.platform.kernel import clock
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.locking import Lock, lock
from alliance.platform.kernel.work import UnitOfWork

PENDING = "audit_pending"


@dataclass(frozen=True, slots=True)
class _Pending:
    chain: Chain
    values: dict[str, Any]


def record(
    uow: UnitOfWork,
    action: str,
    *,
    target: str | None = None,
    detail: Mapping[str, Any] | None = None,
    chain: Chain | None = None,
) -> None:
    """Write what was done (`member.role_changed`) to what (`account:<id>`) into the scope's chain, with the commit.

    A rolled back deed leaves no entry. `chain` names another one; only the system scope may write there. E-mail
    addresses, telephone numbers and values under personal keys are masked; floats are refused with TypeError.
    """
    values = {
        "id": new_id(),
        "at": clock.now(),
        "actor": uow.scope.actor,
        "action": action,
        "target": None if target is None else mask_text(target),
        "detail": masked(detail or {}),
    }
    uow.session.info.setdefault(PENDING, []).append(_Pending(chain or chain_of(uow.scope), values))


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    # A savepoint's release is announced as a commit too, and the chain's lock must wait for the real one.
    if session.in_nested_transaction():
        return
    pending: list[_Pending] = session.info.pop(PENDING, [])
    # In the order of their names, so that two transactions that write into the same chains never wait in a ring.
    for chain in sorted({item.chain for item in pending}, key=lambda item: item.name):
        append(session, chain, [item.values for item in pending if item.chain == chain])


def append(session: Session, chain: Chain, entries: list[dict[str, Any]]) -> None:
    """Add the entries to the end of the chain; others who write into it wait for this transaction's end."""
    lock(session, Lock.AUDIT_CHAIN, chain.name)
    last = session.execute(
        select(AuditEntry.number, AuditEntry.hash).where(chain.holds()).order_by(AuditEntry.number.desc()).limit(1)
    ).first()
    number, previous = (last.number, last.hash) if last else (0, GENESIS)
    for values in entries:
        number += 1
        entry = AuditEntry(
            shop_id=chain.shop_id,
            alliance_id=chain.alliance_id,
            number=number,
            previous_hash=previous,
            **values,
        )
        entry.hash = previous = entry_hash(entry)
        session.add(entry)
    session.flush()
