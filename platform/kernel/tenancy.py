"""Scopes: on whose behalf a unit of work touches the database.

A scope becomes `SET LOCAL alliance.<setting>` at the start of every transaction, and the row-level policies read
nothing else. `set_config()` would do on one machine, but a distributed PostgreSQL forwards only `SET LOCAL`.
A transaction without a scope sees no row of any shop.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any
from uuid import UUID


class ScopeKind(StrEnum):
    """Who is working: a member in a shop, a customer of it, the alliance, a site, one account, or the system."""

    SHOP = "shop"
    CUSTOMER = "customer"
    ALLIANCE = "alliance"
    SITE = "site"
    ACCOUNT = "account"
    POOL = "pool"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Scope:
    """The ids a transaction may see, and what its actor may do. Build it with the functions below, never by hand."""

    kind: ScopeKind
    shop_id: UUID | None = None
    alliance_id: UUID | None = None
    account_id: UUID | None = None
    site_id: UUID | None = None
    customer_id: UUID | None = None
    reason: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)

    @property
    def shop(self) -> UUID:
        """The shop this scope is bound to. A scope without one is a programming error: LookupError."""
        if self.shop_id is None:
            raise LookupError(f"the scope {self.kind} has no shop")
        return self.shop_id

    @property
    def actor(self) -> str:
        """Who is acting, for the audit: `account:<id>`, `customer:<id>` or `system:<reason>`."""
        if self.account_id is not None:
            return f"account:{self.account_id}"
        return f"customer:{self.customer_id}" if self.customer_id else f"system:{self.reason}"

    def settings(self) -> dict[str, str]:
        """The `alliance.*` settings of a transaction; texts of parsed UUIDs only, so they can stand in a statement."""
        ids = {
            "shop_id": self.shop_id,
            "alliance_id": self.alliance_id,
            "account_id": self.account_id,
            "site_id": self.site_id,
            "customer_id": self.customer_id,
        }
        chosen = {f"alliance.{name}": str(UUID(str(value))) for name, value in ids.items() if value is not None}
        if self.kind is ScopeKind.SYSTEM:
            chosen["alliance.system"] = "on"
        return chosen

    def to_payload(self) -> dict[str, Any]:
        """The scope as JSON, to ride in a job's payload."""
        ids = ("shop_id", "alliance_id", "account_id", "site_id", "customer_id")
        payload: dict[str, Any] = {name: str(value) for name in ids if (value := getattr(self, name)) is not None}
        return payload | {
            "kind": self.kind.value,
            "reason": self.reason,
            "permissions": sorted(self.permissions),
        }


def scope_from_payload(payload: Mapping[str, Any]) -> Scope:
    """The scope a job carries. A payload without one is refused with KeyError: a job with no scope must fail."""
    ids = {
        name: UUID(payload[name])
        for name in ("shop_id", "alliance_id", "account_id", "site_id", "customer_id")
        if name in payload
    }
    return Scope(
        kind=ScopeKind(payload["kind"]),
        reason=payload.get("reason", ""),
        permissions=frozenset(payload["permissions"]),
        **ids,
    )


def shop_scope(
    shop_id: UUID,
    *,
    alliance_id: UUID | None = None,
    account_id: UUID | None = None,
    permissions: frozenset[str] = frozenset(),
    reason: str = "",
) -> Scope:
    """One shop's rows, and what the alliance and the shop's own policies of shared tables allow."""
    return Scope(
        ScopeKind.SHOP,
        shop_id=shop_id,
        alliance_id=alliance_id,
        account_id=account_id,
        permissions=permissions,
        reason=reason,
    )


def customer_scope(shop_id: UUID, customer_id: UUID) -> Scope:
    """A customer of one shop in its portal."""
    return Scope(ScopeKind.CUSTOMER, shop_id=shop_id, customer_id=customer_id)


def alliance_scope(
    alliance_id: UUID, *, account_id: UUID | None = None, permissions: frozenset[str] = frozenset()
) -> Scope:
    """The alliance's shared rows and no shop's: coordinators and clearing."""
    return Scope(ScopeKind.ALLIANCE, alliance_id=alliance_id, account_id=account_id, permissions=permissions)


def account_scope(account_id: UUID) -> Scope:
    """One person's own account, memberships and devices, before a shop is chosen."""
    return Scope(ScopeKind.ACCOUNT, account_id=account_id)


def system_scope(reason: str, *, account_id: UUID | None = None) -> Scope:
    """Shared tables across all their owners, for the few callers listed in the architecture page; no shop's rows.

    The reason is written to the log. Refuses an empty one with ValueError.
    """
    if not reason:
        raise ValueError("the system scope needs a reason")
    return Scope(ScopeKind.SYSTEM, reason=reason, account_id=account_id)


def as_shop(scope: Scope, shop_id: UUID) -> Scope:
    """The same actor, narrowed to one shop: a system job that walks the shops."""
    return replace(scope, kind=ScopeKind.SHOP, shop_id=shop_id)
