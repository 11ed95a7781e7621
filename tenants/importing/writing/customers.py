"""Customers of staged rows: found by the source's id, phone or e-mail, else made with a key of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import polars as pl
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.kernel.crypto import blind_index
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.customers.contacts import email_index, order_contact_index, phone_index, seal_contact
from alliance.tenants.customers.models import Customer

BATCH = 2_000
_FIELDS = ("customer_id", "phone", "email", "customer_name")
# Remembered contacts; beyond it they are looked up again, so that memory stays flat.
REMEMBERED = 200_000


class Contact(NamedTuple):
    """What a row says about its customer."""

    source_id: str | None
    phone: str | None
    email: str | None
    name: str | None

    @property
    def is_known(self) -> bool:
        """Whether anything identifies them; a name alone does not."""
        return bool(self.source_id or self.phone or self.email)


@dataclass
class Customers:
    """The shop's customers as far as this import has met them."""

    uow: UnitOfWork
    import_id: UUID
    channel: str
    now: datetime
    known: dict[tuple[str | None, str | None, str | None], UUID] = field(default_factory=dict)
    made: int = 0

    def attach(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with the customer's id and the index of order number and phone; null where nobody is named."""
        people = frame.select(_FIELDS).unique(_FIELDS[:3], keep="first", maintain_order=True)
        contacts = [contact for contact in map(Contact._make, people.iter_rows()) if contact.is_known]
        if not contacts:
            return frame
        if len(self.known) > REMEMBERED:
            self.known.clear()
        fresh = [contact for contact in contacts if contact[:3] not in self.known]
        for start in range(0, len(fresh), BATCH):
            self._resolve(fresh[start : start + BATCH])
        table = pl.DataFrame(
            [(*contact[:3], str(self.known[contact[:3]])) for contact in contacts if contact[:3] in self.known],
            schema={"customer_id": pl.String, "phone": pl.String, "email": pl.String, "stage_customer_id": pl.String},
            orient="row",
        )
        frame = frame.join(table, on=_FIELDS[:3], how="left", nulls_equal=True, maintain_order="left")
        return self._with_contact_index(frame)

    def find(self, contact: Contact) -> UUID | None:
        """The known customer of a contact; makes nobody."""
        if contact[:3] not in self.known:
            self._look_up([contact])
        return self.known.get(contact[:3])

    def source_key(self, contact: Contact) -> str:
        """The key by which the shop knows a customer: the source's id in its channel, else a contact's keyed index."""
        if contact.source_id:
            return f"{self.channel}:{contact.source_id}"
        key = self.uow.services.keys.shop_key(self.uow.scope.shop)
        if contact.phone:
            return "phone:" + phone_index(key, contact.phone).hex()
        return "email:" + email_index(key, contact.email or "").hex()

    def _with_contact_index(self, frame: pl.DataFrame) -> pl.DataFrame:
        pairs = frame.filter(pl.col("phone").is_not_null() & pl.col("order_number").is_not_null())
        if not pairs.height or not frame["is_sale"].any():
            return frame
        distinct = pairs.select("order_number", "phone").unique("order_number", keep="first", maintain_order=True)
        key = self.uow.services.keys.shop_key(self.uow.scope.shop)
        indexes = [
            "\\x" + order_contact_index(key, order_number=number, phone=phone).hex()
            for number, phone in distinct.iter_rows()
        ]
        found = pl.DataFrame({"order_number": distinct["order_number"], "stage_contact_index": indexes})
        return frame.join(found, on="order_number", how="left", maintain_order="left")

    def _resolve(self, contacts: list[Contact]) -> None:
        self._look_up(contacts)
        missing = [contact for contact in contacts if contact[:3] not in self.known]
        by_key: dict[str, list[Contact]] = {}
        for contact in missing:
            by_key.setdefault(self.source_key(contact), []).append(contact)
        if not by_key:
            return
        shop, services = self.uow.scope.shop, self.uow.services
        ids = {key: new_id() for key in by_key}
        # Their keys come first: a row whose key is missing could never be read; a key without a row harms nobody.
        keys = services.keys.create_many(shop, list(ids.values()))
        rows = [self._row(key, group[0], ids[key], keys[ids[key]]) for key, group in by_key.items()]
        statement = insert(Customer).on_conflict_do_nothing().returning(Customer.id)
        # Without rendered nulls each change between known and unknown contacts would be a statement of its own.
        made = set(self.uow.session.scalars(statement, rows, execution_options={"render_nulls": True}))
        self.made += len(made)
        for key, group in by_key.items():
            if ids[key] in made:
                self.known.update((contact[:3], ids[key]) for contact in group)
        self._look_up([contact for contact in missing if contact[:3] not in self.known])

    def _row(self, source_key: str, contact: Contact, customer_id: UUID, key: bytes) -> dict[str, object]:
        shop = self.uow.scope.shop
        shop_key = self.uow.services.keys.shop_key(shop)
        return {
            "shop_id": shop,
            "id": customer_id,
            "source_key": source_key,
            "name_sealed": seal_contact(key, contact.name, shop_id=shop, customer_id=customer_id, field="name"),
            "email_sealed": seal_contact(key, contact.email, shop_id=shop, customer_id=customer_id, field="email"),
            "phone_sealed": seal_contact(key, contact.phone, shop_id=shop, customer_id=customer_id, field="phone"),
            "email_index": email_index(shop_key, contact.email) if contact.email else None,
            "phone_index": phone_index(shop_key, contact.phone) if contact.phone else None,
            "import_id": self.import_id,
            "created_at": self.now,
        }

    def _look_up(self, contacts: list[Contact]) -> None:
        """Find known customers: by source key first, then phone, then e-mail."""
        if not contacts:
            return
        shop = self.uow.scope.shop
        key = self.uow.services.keys.shop_key(shop)
        keys = {self.source_key(contact): None for contact in contacts}
        phones = {phone_index(key, contact.phone) for contact in contacts if contact.phone}
        emails = {email_index(key, contact.email) for contact in contacts if contact.email}
        statement = select(Customer.id, Customer.source_key, Customer.phone_index, Customer.email_index).where(
            Customer.shop_id == shop,
            Customer.erased_at.is_(None),
            or_(
                Customer.source_key.in_(list(keys)),
                Customer.phone_index.in_(list(phones)),
                Customer.email_index.in_(list(emails)),
            ),
        )
        rows = self.uow.session.execute(statement).all()
        by_source = {row.source_key: row.id for row in rows}
        by_phone = {row.phone_index: row.id for row in rows if row.phone_index}
        by_email = {row.email_index: row.id for row in rows if row.email_index}
        for contact in contacts:
            found = by_source.get(self.source_key(contact))
            if found is None and contact.phone:
                found = by_phone.get(phone_index(key, contact.phone))
            if found is None and contact.email:
                found = by_email.get(email_index(key, contact.email))
            if found is not None:
                self.known[contact[:3]] = found


def anonymous_number(key: bytes, contact: Contact, suffix: str) -> str:
    """A return number for a return that names no order: the same for the same customer, product and day."""
    digest = blind_index(key, "import.return", f"{contact.source_id}|{contact.phone}|{contact.email}|{suffix}")
    return "R-" + digest.hex()[:16].upper()
