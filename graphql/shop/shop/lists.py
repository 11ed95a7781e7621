"""The lists of the shop as the read compiler reads them: by the same selects, orders and filters as the resolvers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy import Text as TextType

from alliance.graphql.engine.compiling.declarations import Found, Listed, ListedRows, Listing
from alliance.graphql.engine.connections import page_request
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.fields import active_shop
from alliance.graphql.engine.ids import key_of
from alliance.graphql.shop.catalog.types import Product
from alliance.graphql.shop.imports.types import Import
from alliance.graphql.shop.orders.types import Order
from alliance.graphql.shop.returns.filters import filter_of, names_days, read_filter
from alliance.graphql.shop.returns.types import Return
from alliance.graphql.shop.returns.units import Unit
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.paging import Key, PageRequest
from alliance.platform.kernel.searching import Prefix, search_text
from alliance.platform.kernel.texts import _
from alliance.tenants.catalog.queries import BY_ID, select_products
from alliance.tenants.importing.reading import LATEST as LATEST_IMPORTS
from alliance.tenants.importing.reading import select_imports
from alliance.tenants.orders.queries import LATEST as LATEST_ORDERS
from alliance.tenants.orders.queries import select_orders
from alliance.tenants.returns import models
from alliance.tenants.returns.filters import filter_shape, filter_values, matching
from alliance.tenants.returns.queries import ORDERS
from alliance.tenants.returns.states import ReturnOrder
from alliance.tenants.returns.stock import LATEST as LATEST_STOCK
from alliance.tenants.returns.stock import select_stock, stock_values

Arguments = Mapping[str, Any]


def _page(arguments: Arguments) -> PageRequest:
    return page_request(*(arguments.get(name) for name in ("first", "after", "last", "before")))


def _returns(context: Context, arguments: Arguments) -> Listed:
    asked = filter_of(arguments.get("filter"))
    # Only days need the shop's zone, and that costs a statement.
    chosen = read_filter(asked, active_shop(context).timezone if asked and names_days(asked) else "UTC")
    order = arguments.get("orderBy") or ReturnOrder.NEWEST

    def build(shop_id: ColumnElement[Any], name: str) -> Select[Any]:
        return matching(select(models.Return), shop_id=shop_id, chosen=chosen, name=name)

    return ListedRows(
        shape=(order, filter_shape(chosen)),
        request=_page(arguments),
        order=ORDERS[order],
        build=build,
        bind=lambda name: filter_values(chosen, name),
    )


def _searched(arguments: Arguments, order: list[Key], rows: Any) -> Listed:
    """A list that only a search narrows; `rows` makes its select from the shop and the prefix."""
    text = search_text(arguments.get("search"))
    return ListedRows(
        shape=bool(text),
        request=_page(arguments),
        order=order,
        build=lambda shop_id, name: rows(shop_id, Prefix(text, f"{name}_search")),
        bind=lambda name: Prefix(text, f"{name}_search").values(),
    )


def _stock(_context: Context, arguments: Arguments) -> Listed:
    chosen = {"grade": arguments.get("grade"), "category": arguments.get("category")}
    return ListedRows(
        shape=tuple(value is not None for value in chosen.values()),
        request=_page(arguments),
        order=LATEST_STOCK,
        build=lambda shop_id, name: select_stock(shop_id, name=name, **chosen),
        bind=lambda name: stock_values(name=name, **chosen),
    )


def _imports(_context: Context, arguments: Arguments) -> Listed:
    return ListedRows(
        shape=None,
        request=_page(arguments),
        order=LATEST_IMPORTS,
        build=lambda shop_id, _name: select_imports(shop_id),
        bind=lambda _name: {},
    )


def _return(_context: Context, arguments: Arguments) -> Listed:
    """The one return that an id or a number names. Neither or both is refused as by the resolver."""
    key, number = arguments.get("id"), arguments.get("number")
    if bool(key) == bool(number):
        raise BadInputError(_("请用 id 或 number 之一指明退货单"), field=("id",))
    wanted = key_of(key, "Return") if key else number

    def build(shop_id: ColumnElement[Any], name: str) -> Select[Any]:
        row, kind = (
            (models.Return.id, models.Return.id.type) if key else (models.Return.number, TextType(collation="C"))
        )
        named = bindparam(f"{name}_wanted", wanted, kind)
        return select(models.Return).where(models.Return.shop_id == shop_id, row == named)

    return ListedRows(
        shape=bool(key),
        request=PageRequest(first=1),
        order=[Key(models.Return.id, descending=True)],
        build=build,
        bind=lambda name: {f"{name}_wanted": wanted},
    )


RETURNS = Listing(Return, _returns)
RETURN = Found(Return, _return)
ORDERED = Listing(Order, lambda _context, arguments: _searched(arguments, LATEST_ORDERS, select_orders))
PRODUCTS = Listing(Product, lambda _context, arguments: _searched(arguments, BY_ID, select_products))
STOCK = Listing(Unit, _stock)
IMPORTS = Listing(Import, _imports)
