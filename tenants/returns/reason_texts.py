"""What a customer wrote about a returned piece: sealed under the customer's key, or the shop's where nobody is named.

Free text tells about the person who wrote it, so reading it needs `customers:read`, and erasing the customer's key
erases it too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.crypto import field_context, open_sealed, seal
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.returns.models import Return, ReturnLine

COLUMN = "tenants.return_line.reason_text_sealed"


def seal_reason_text(key: bytes, text: str | None, *, shop_id: UUID, customer_id: UUID | None) -> bytes | None:
    """The text sealed under `key`: the customer's, or the shop's where `customer_id` is None. None stays None."""
    if text is None:
        return None
    return seal(key, text.encode(), field_context(shop_id, customer_id, COLUMN))


def open_reason_texts(uow: UnitOfWork, lines: Collection[ReturnLine]) -> Mapping[UUID, str]:
    """The texts of these lines by line id, in one query and one to the key store. Needs `customers:read`.

    A line without a text, or whose customer's key was destroyed, is not there.
    """
    require(uow, Permission.CUSTOMERS_READ)
    written = [line for line in lines if line.reason_text_sealed is not None]
    if not written:
        return {}
    shop_id = uow.scope.shop
    customers = _customers(uow, {line.return_id for line in written})
    named = sorted({customer for customer in customers.values() if customer is not None})
    keys: dict[UUID | None, bytes] = dict(uow.services.keys.subject_keys(shop_id, named).items())
    if any(customers.get(line.return_id) is None for line in written):
        keys[None] = uow.services.keys.shop_key(shop_id)
    return {
        line.id: open_sealed(key, line.reason_text_sealed, field_context(shop_id, customer, COLUMN)).decode()
        for line in written
        if line.reason_text_sealed is not None
        and (key := keys.get(customer := customers.get(line.return_id))) is not None
    }


def _customers(uow: UnitOfWork, return_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    statement = select(Return.id, Return.customer_id).where(
        Return.shop_id == uow.scope.shop, Return.id.in_(list(return_ids))
    )
    return {row[0]: row[1] for row in uow.session.execute(statement)}
