"""What a page may show of a customer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, is_allowed
from alliance.tenants.customers.contacts import open_contacts
from alliance.tenants.customers.queries import find_customers_by_ids


@dataclass(frozen=True, slots=True)
class CustomerView:
    """The lines a page shows; none where the source named nobody, the person was erased, or the role may not see."""

    permitted: bool
    lines: tuple[str, ...] = ()


def view_customer(uow: UnitOfWork, customer_id: UUID | None) -> CustomerView:
    """Name, phone and e-mail of a customer, for roles with `customers:read`."""
    if not is_allowed(uow.scope, Permission.CUSTOMERS_READ):
        return CustomerView(permitted=False)
    found = find_customers_by_ids(uow, [customer_id]) if customer_id else {}
    contacts = open_contacts(uow, list(found.values()))
    contact = contacts.get(customer_id) if customer_id else None
    if contact is None:
        return CustomerView(permitted=True)
    return CustomerView(True, tuple(text for text in (contact.name, contact.phone, contact.email) if text))
