"""Reading the audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from alliance.platform.audit.chain import chain_of
from alliance.platform.audit.models import AuditEntry
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.tenancy import ScopeKind
from alliance.platform.kernel.work import UnitOfWork

NEWEST_FIRST = (Key(AuditEntry.number.expression, descending=True),)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as a member reads it; `hash` in hexadecimal."""

    number: int
    at: datetime
    actor: str
    action: str
    target: str | None
    detail: dict[str, Any]
    hash: str


def list_entries(uow: UnitOfWork, request: PageRequest) -> Page[Entry]:
    """The scope's chain, newest first. The face asks for `audit:read` before it calls; a customer is refused here.

    (A customer's own deeds are entries too, so the policy lets that scope read the chain's end.)
    """
    if uow.scope.kind is ScopeKind.CUSTOMER:
        raise ForbiddenError
    columns = select(
        AuditEntry.number,
        AuditEntry.at,
        AuditEntry.actor,
        AuditEntry.action,
        AuditEntry.target,
        AuditEntry.detail,
        AuditEntry.hash,
    ).where(chain_of(uow.scope).holds())
    return list_page(
        uow.session,
        columns,
        order=NEWEST_FIRST,
        request=request,
        map_row=lambda row: Entry(row.number, row.at, row.actor, row.action, row.target, row.detail, row.hash.hex()),
    )
