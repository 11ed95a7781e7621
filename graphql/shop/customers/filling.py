"""Values of customers that the read compiler leaves to Python: sealed contacts, opened in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from alliance.graphql.engine.context import Context
from alliance.platform.kernel.texts import _
from alliance.tenants.customers.contacts import open_contacts
from alliance.tenants.customers.models import Customer
from alliance.tenants.returns.queries import count_returns_of_customers

NO_NAME = _("未留姓名")
ERASED = _("已删除的顾客")
Rows = Sequence[tuple[Any, ...]]


def shown_name(context: Context, *, name: str | None, erased: bool) -> str:
    """The name they left; else a word that says why there is none."""
    if erased:
        return ERASED.render(context.locale)
    return name or NO_NAME.render(context.locale)


def fill_names(context: Context, rows: Rows) -> list[str]:
    """Names from (id, sealed name, erased at)."""
    shop_id = context.scope.shop
    customers = [Customer(shop_id=shop_id, id=UUID(key), name_sealed=sealed) for key, sealed, _erased in rows]
    contacts = open_contacts(context.uow, customers)
    return [
        shown_name(context, name=contacts[customer.id].name, erased=erased is not None)
        for customer, (_key, _sealed, erased) in zip(customers, rows, strict=True)
    ]


def fill_emails(context: Context, rows: Rows) -> list[str | None]:
    """E-mails from (id, sealed e-mail)."""
    shop_id = context.scope.shop
    customers = [Customer(shop_id=shop_id, id=UUID(key), email_sealed=sealed) for key, sealed in rows]
    contacts = open_contacts(context.uow, customers)
    return [contacts[customer.id].email for customer in customers]


def fill_counts(context: Context, rows: Rows) -> list[int]:
    """Numbers of returns from (id), in one query."""
    ids = [UUID(key) for (key,) in rows]
    counts = count_returns_of_customers(context.uow, ids)
    return [counts.get(key, 0) for key in ids]
