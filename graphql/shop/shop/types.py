"""The type Shop: the active shop and all that is its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import strawberry

from alliance.graphql.engine.compiling.declarations import map_row
from alliance.graphql.engine.connections import Connection, connect_rows, given, page_request
from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.fields import active_shop, column, resolved
from alliance.graphql.engine.ids import global_id, key_of
from alliance.graphql.engine.loading import RowObject, wrap_one
from alliance.graphql.engine.nodes import Node, register_node
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.audit.types import AuditEntry
from alliance.graphql.shop.catalog.types import Product
from alliance.graphql.shop.imports.types import Import
from alliance.graphql.shop.kpis.types import ShopKpis
from alliance.graphql.shop.orders.types import Order
from alliance.graphql.shop.returns.filters import ReturnFilter, read_filter
from alliance.graphql.shop.returns.types import Return
from alliance.graphql.shop.returns.units import Unit
from alliance.graphql.shop.shop import lists
from alliance.platform.audit.queries import list_entries
from alliance.platform.grading.scale import Grade
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.texts import _
from alliance.platform.members import models
from alliance.tenants.catalog.queries import list_products
from alliance.tenants.importing.reading import list_imports
from alliance.tenants.insights.months import Month
from alliance.tenants.orders.queries import list_orders
from alliance.tenants.returns.queries import get_return, list_returns
from alliance.tenants.returns.states import ReturnOrder
from alliance.tenants.returns.stock import list_stock

UNSET = strawberry.UNSET


@access(Access.LOGGED_IN)
@strawberry.type
class Shop(RowObject, Node):
    """The active shop. Every list below is newest first unless it says otherwise."""

    name: str = column("name")
    handle: str = column("handle")
    currency: str = column("currency")
    timezone: str = column("timezone")
    category: str = column("category")

    @resolved(reads=lists.RETURNS)
    def returns(
        self,
        info: Info,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        filter: ReturnFilter | None = UNSET,
        order_by: ReturnOrder | None = UNSET,
    ) -> Connection[Return]:
        """The shop's returns that match the filter."""
        page = list_returns(
            info.context.uow,
            request=page_request(first, after, last, before),
            chosen=read_filter(filter, self.row.timezone),
            order=order_by or ReturnOrder.NEWEST,
        )
        return connect_rows(page, Return)

    @resolved(name="return", reads=lists.RETURN)
    def return_(
        self,
        info: Info,
        id: strawberry.ID | None = UNSET,
        number: str | None = UNSET,
    ) -> Return | None:
        """One return, by id or by number."""
        if bool(given(id)) == bool(given(number)):
            raise BadInputError(_("请用 id 或 number 之一指明退货单"), field=("id",))
        key = key_of(id, "Return") if id else None
        return wrap_one(Return, get_return(info.context.uow, number=given(number), return_id=key))

    @resolved(reads=lists.ORDERED)
    def orders(
        self,
        info: Info,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        search: str | None = UNSET,
    ) -> Connection[Order]:
        """The shop's orders, latest first; `search` is the beginning of a number."""
        request = page_request(first, after, last, before)
        return connect_rows(list_orders(info.context.uow, request=request, search=given(search)), Order)

    @resolved(reads=lists.PRODUCTS)
    def products(
        self,
        info: Info,
        first: int | None = UNSET,
        after: str | None = UNSET,
        last: int | None = UNSET,
        before: str | None = UNSET,
        search: str | None = UNSET,
    ) -> Connection[Product]:
        """The shop's products; `search` is the beginning of a title or of a SKU."""
        request = page_request(first, after, last, before)
        return connect_rows(list_products(info.context.uow, request=request, search=given(search)), Product)

    @resolved(reads=lists.STOCK)
    def stock(
        self,
        info: Info,
        first: int | None = UNSET,
        after: str | None = UNSET,
        grade: Grade | None = UNSET,
        category: str | None = UNSET,
    ) -> Connection[Unit]:
        """Pieces that came back and are still in the shop's hands."""
        page = list_stock(
            info.context.uow, request=page_request(first, after), grade=given(grade), category=given(category)
        )
        return connect_rows(page, Unit)

    @resolved(cost=100)
    def kpis(self, from_: Annotated[Month, strawberry.argument(name="from")], to: Month) -> ShopKpis:
        """Key figures of these months, both included; at most five years."""
        return ShopKpis(first=from_, last=to, zone=self.row.timezone)

    @resolved(reads=lists.IMPORTS)
    def imports(self, info: Info, first: int | None = UNSET, after: str | None = UNSET) -> Connection[Import]:
        """Files that were brought in."""
        return connect_rows(list_imports(info.context.uow, request=page_request(first, after)), Import)

    @resolved()
    def audit(self, info: Info, first: int | None = UNSET, after: str | None = UNSET) -> Connection[AuditEntry]:
        """What was done in the shop."""
        return connect_rows(list_entries(info.context.uow, page_request(first, after)), AuditEntry)


def find_shop(context: Context, key: object) -> Shop | None:
    """The active shop, if that is the one; any other is None, also one where the caller has a role."""
    return wrap_one(Shop, active_shop(context)) if key == context.scope.shop_id else None


def choose_shop(context: Context, value: str | None) -> Shop | None:
    """The active shop, by its id or by none. None where no shop is active and none was named; else NotFoundError."""
    if value is None and context.scope.shop_id is None:
        return None
    found = find_shop(context, context.scope.shop_id if value is None else key_of(value, "Shop"))
    if found is None:
        raise NotFoundError
    return found


def names_active_shop(context: Context, arguments: Mapping[str, object]) -> bool:
    """Whether the field's arguments name the active shop, and there is one."""
    given_id = arguments.get("id")
    return context.scope.shop_id is not None and given_id in {None, "", global_id("Shop", context.scope.shop_id)}


register_node("Shop", needs=Access.LOGGED_IN, find=find_shop)
map_row(Shop, models.Shop)
