"""The type Customer. Names and e-mails of a page are opened together, after one query to the key store."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.platform.kernel.texts import _
from alliance.platform.members.roles import Permission
from alliance.tenants.customers import models
from alliance.tenants.customers.contacts import Contact, open_contacts
from alliance.tenants.returns.queries import count_returns_of_customers

NO_NAME = _("未留姓名")
ERASED = _("已删除的顾客")


@access(Permission.CUSTOMERS_READ)
@strawberry.type
class Customer(RowObject, Node):
    """Someone who bought from the shop."""

    @resolved()
    def display_name(self, info: Info) -> str:
        """The name they left; else a word that says why there is none."""
        if self.row.erased_at is not None:
            return ERASED.render(info.context.locale)
        return contact_of(self, info).name or NO_NAME.render(info.context.locale)

    @resolved()
    def email(self, info: Info) -> str | None:
        """The e-mail they left; null where there is none or it was erased."""
        return contact_of(self, info).email

    @resolved()
    def returns_count(self, info: Info) -> int:
        """How many returns they have in this shop."""
        counts = self.batch.related(
            "returns", lambda rows: count_returns_of_customers(info.context.uow, [row.id for row in rows])
        )
        return counts.get(self.row.id, 0)

    @resolved()
    def erased(self) -> bool:
        """Whether their personal data was destroyed at their request."""
        return self.row.erased_at is not None


def contact_of(customer: Customer, info: Info) -> Contact:
    """The opened contacts of a customer, opened with those of all its peers."""
    contacts = customer.batch.related("contacts", lambda rows: open_contacts(info.context.uow, rows))
    return contacts.get(customer.row.id, Contact())


register_row(Customer, models.Customer, needs=Permission.CUSTOMERS_READ)
