"""Reading customers. Contacts stay sealed here; `contacts` opens them for those who may see them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from alliance.platform.kernel.lookups import rows_by_id
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.customers.models import Customer


def find_customers_by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Customer]:
    """The shop's customers among `ids`, in one query; those of another shop are simply not there."""
    require(uow, Permission.CUSTOMERS_READ)
    return rows_by_id(uow, Customer, ids)
