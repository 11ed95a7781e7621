"""Which chain an entry belongs to, and how its hash is made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from alliance.platform.audit.models import AuditEntry
from alliance.platform.kernel.tenancy import Scope

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class Chain:
    """A shop's chain, an alliance's, or with neither id the installation's own."""

    shop_id: UUID | None = None
    alliance_id: UUID | None = None

    @property
    def name(self) -> str:
        """A text that no other chain has: the lock's name and part of every hash."""
        if self.shop_id is not None:
            return f"shop:{self.shop_id}"
        return f"alliance:{self.alliance_id}" if self.alliance_id else "installation"

    def holds(self) -> ColumnElement[bool]:
        """The rows of this chain; the shop is compared as well as the policy does."""
        ids = ((AuditEntry.shop_id, self.shop_id), (AuditEntry.alliance_id, self.alliance_id))
        # Not `IS NOT DISTINCT FROM`, which finds no index.
        return and_(*[column.is_(None) if value is None else column == value for column, value in ids])


def chain_of(scope: Scope) -> Chain:
    """The chain of a scope: its shop's, else its alliance's, else the installation's."""
    if scope.shop_id is not None:
        return Chain(shop_id=scope.shop_id)
    return Chain(alliance_id=scope.alliance_id)


def entry_hash(entry: AuditEntry) -> bytes:
    """SHA-256 over the canonical JSON of everything an entry says, its place and its predecessor's hash."""
    said: dict[str, Any] = {
        "chain": Chain(entry.shop_id, entry.alliance_id).name,
        "id": str(entry.id),
        "number": entry.number,
        "at": entry.at.isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "target": entry.target,
        "detail": entry.detail,
        "previous": entry.previous_hash.hex(),
    }
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(canonical.encode()).digest()
