"""Contacts of customers: sealed under the customer's own key, found through indexes keyed by the shop.

One customer's name, e-mail and phone open only with that customer's key, only in that shop, only in that column. A
list opens all its names after one query to the key store. A destroyed key leaves nothing to show.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from alliance.platform.kernel.crypto import blind_index, field_context, open_sealed, seal
from alliance.platform.kernel.keys import KeyStore
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.customers.models import Customer

ContactField = Literal["name", "email", "phone"]
LAST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Contact:
    """What a customer left: each None where the source never said it, all None once erased."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


def seal_contact(
    key: bytes, value: str | None, *, shop_id: UUID, customer_id: UUID, field: ContactField
) -> bytes | None:
    """One contact sealed under the customer's key; None stays None."""
    if value is None:
        return None
    return seal(key, value.encode(), field_context(shop_id, customer_id, f"tenants.customer.{field}_sealed"))


def email_index(shop_key: bytes, email: str) -> bytes:
    """The keyed index of an e-mail, the same for any capitals."""
    return blind_index(shop_key, "customer.email", email.strip().lower())


def phone_index(shop_key: bytes, phone: str) -> bytes:
    """The keyed index of a phone in E.164."""
    return blind_index(shop_key, "customer.phone", phone)


def order_contact_index(shop_key: bytes, *, order_number: str, phone: str) -> bytes:
    """The keyed index of an order number with the last four digits of the phone: how a customer finds an order."""
    return blind_index(shop_key, "order.contact", f"{order_number}\x1f{phone[-LAST_DIGITS:]}")


def open_contacts(uow: UnitOfWork, customers: Collection[Customer]) -> Mapping[UUID, Contact]:
    """The contacts of a list of customers, with one query to the key store. Needs `customers:read`."""
    require(uow, Permission.CUSTOMERS_READ)
    if not customers:
        return {}
    keys = uow.services.keys.subject_keys(uow.scope.shop, [customer.id for customer in customers])
    return {customer.id: _open(keys.get(customer.id), customer) for customer in customers}


def erase_contacts(keys: KeyStore, customer: Customer) -> None:
    """Destroy the customer's key: every sealed value of theirs, in every backup too, is gone for good."""
    keys.destroy_subject_key(customer.shop_id, customer.id)


def _open(key: bytes | None, customer: Customer) -> Contact:
    if key is None:
        return Contact()
    sealed: tuple[tuple[ContactField, bytes | None], ...] = (
        ("name", customer.name_sealed),
        ("email", customer.email_sealed),
        ("phone", customer.phone_sealed),
    )
    opened = {
        field: open_sealed(
            key, value, field_context(customer.shop_id, customer.id, f"tenants.customer.{field}_sealed")
        ).decode()
        for field, value in sealed
        if value is not None
    }
    return Contact(**opened)
