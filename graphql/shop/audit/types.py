"""The type AuditEntry."""

from __future__ import annotations

from datetime import datetime

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import column, resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.permissions import access
from alliance.graphql.shop.account.actors import actor_of
from alliance.platform.members.roles import Permission


@access(Permission.AUDIT_READ)
@strawberry.type
class AuditEntry(RowObject):
    """One deed in the shop's chain of entries; `hash` is the entry's, in hexadecimal."""

    at: datetime = column("at")
    action: str = column("action")
    target: str | None = column("target")
    hash: str = column("hash")

    @resolved()
    def actor(self, info: Info) -> str:
        """Who did it, by name."""
        return actor_of(self, info)
