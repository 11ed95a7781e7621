"""The type Customer. Names and e-mails of a page are opened together, after one query to the key store."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.compiling.declarations import Computed, Filled
from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.graphql.shop.customers.filling import fill_counts, fill_emails, fill_names, shown_name
from alliance.platform.members.roles import Permission
from alliance.tenants.customers import models
from alliance.tenants.customers.contacts import Contact, open_contacts
from alliance.tenants.returns.queries import count_returns_of_customers


@access(Permission.CUSTOMERS_READ)
@strawberry.type
class Customer(RowObject, Node):
    """Someone who bought from the shop."""

    @resolved(reads=Filled(("id", "name_sealed", "erased_at"), fill_names))
    def display_name(self, info: Info) -> str:
        """The name they left; else a word that says why there is none."""
        return shown_name(info.context, name=contact_of(self, info).name, erased=self.row.erased_at is not None)

    @resolved(reads=Filled(("id", "email_sealed"), fill_emails))
    def email(self, info: Info) -> str | None:
        """The e-mail they left; null where there is none or it was erased."""
        return contact_of(self, info).email

    @resolved(reads=Filled(("id",), fill_counts))
    def returns_count(self, info: Info) -> int:
        """How many returns they have in this shop."""
        counts = self.batch.related(
            "returns", lambda rows: count_returns_of_customers(info.context.uow, [row.id for row in rows])
        )
        return counts.get(self.row.id, 0)

    @resolved(reads=Computed(lambda row, _shop: row.c.erased_at.is_not(None)))
    def erased(self) -> bool:
        """Whether their personal data was destroyed at their request."""
        return self.row.erased_at is not None


def contact_of(customer: Customer, info: Info) -> Contact:
    """The opened contacts of a customer, opened with those of all its peers."""
    contacts = customer.batch.related("contacts", lambda rows: open_contacts(info.context.uow, rows))
    return contacts.get(customer.row.id, Contact())


register_row(Customer, models.Customer, needs=Permission.CUSTOMERS_READ)
