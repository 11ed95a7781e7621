"""Reading returns: the list with its filters, one return, and what hangs on it, each in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import Select, func, select

from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.lookups import rows_by_parent
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.returns.filters import NO_FILTER, ReturnFilter, matching
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect
from alliance.tenants.returns.states import ReturnOrder

AMOUNT = func.coalesce(Return.refund_minor, 0, type_=Return.refund_minor.type)
ORDERS: Mapping[ReturnOrder, list[Key]] = {
    ReturnOrder.NEWEST: [Key(Return.listed_at, descending=True), Key(Return.id, descending=True)],
    ReturnOrder.OLDEST: [Key(Return.listed_at), Key(Return.id)],
    ReturnOrder.LARGEST: [Key(AMOUNT, descending=True), Key(Return.id, descending=True)],
}


def list_returns(
    uow: UnitOfWork,
    *,
    request: PageRequest,
    chosen: ReturnFilter = NO_FILTER,
    order: ReturnOrder = ReturnOrder.NEWEST,
) -> Page[Return]:
    """The shop's returns that match, in one query. LARGEST is by refund, an unknown refund counting as nothing."""
    require(uow, Permission.RETURNS_READ)
    statement = matching(select(Return), shop_id=uow.scope.shop, chosen=chosen)
    return list_page(uow.session, statement, order=ORDERS[order], request=request, map_row=lambda row: row[0])


def get_return(uow: UnitOfWork, *, number: str | None = None, return_id: UUID | None = None) -> Return:
    """One return by number or id. NotFoundError for another shop's and for none.

    A number that two channels share answers with the later one; lists link by id.
    """
    require(uow, Permission.RETURNS_READ)
    statement: Select[Return] = select(Return).where(Return.shop_id == uow.scope.shop)
    statement = statement.where(Return.id == return_id) if return_id else statement.where(Return.number == number)
    found = uow.session.scalars(statement.order_by(Return.id.desc()).limit(1)).one_or_none()
    if found is None:
        raise NotFoundError
    return found


def find_returns_of_orders(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[Return]]:
    """The returns of each order, latest first, in one query."""
    require(uow, Permission.RETURNS_READ)
    found: dict[UUID, list[Return]] = defaultdict(list)
    if ids:
        statement = (
            select(Return)
            .where(Return.shop_id == uow.scope.shop, Return.order_id.in_(list(ids)))
            .order_by(Return.listed_at.desc(), Return.id.desc())
        )
        for row in uow.session.scalars(statement):
            found[row.order_id].append(row)
    return found


def find_lines_of_returns(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[ReturnLine]]:
    """The lines of each return, in the order they came, in one query."""
    return rows_by_parent(uow, ReturnLine, "return_id", ids)


def find_units_of_lines(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[Unit]]:
    """The physical units of each line, in one query."""
    return rows_by_parent(uow, Unit, "return_line_id", ids)


def find_defects_of_units(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[UnitDefect]]:
    """The flaws of each unit, in one query."""
    return rows_by_parent(uow, UnitDefect, "unit_id", ids)


def find_events_of_returns(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[ReturnEvent]]:
    """The timeline of each return, oldest first, in one query."""
    return rows_by_parent(uow, ReturnEvent, "return_id", ids, order=("at", "id"))


def count_returns_of_customers(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, int]:
    """How many returns each customer has in this shop, in one query; customers without any are not there."""
    if not ids:
        return {}
    statement = (
        select(Return.customer_id, func.count())
        .where(Return.shop_id == uow.scope.shop, Return.customer_id.in_(list(ids)))
        .group_by(Return.customer_id)
    )
    return {customer: count for customer, count in uow.session.execute(statement) if customer is not None}
