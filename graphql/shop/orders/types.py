"""The types Order and OrderLine."""

from __future__ import annotations

from datetime import datetime

import strawberry

from alliance.graphql.engine.compiling.declarations import map_row
from alliance.graphql.engine.fields import Money, amount, column, identity, many, one
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.graphql.shop.catalog.types import Variant
from alliance.graphql.shop.customers.types import Customer
from alliance.platform.members.roles import Permission
from alliance.tenants.catalog.queries import find_variants_by_ids
from alliance.tenants.customers.queries import find_customers_by_ids
from alliance.tenants.orders import models
from alliance.tenants.orders.queries import find_lines_of_orders


@access(Permission.ORDERS_READ)
@strawberry.type
class OrderLine(RowObject):
    """One variant of an order."""

    id: strawberry.ID = identity()
    variant: Variant = one(Variant, "variant_id", load=find_variants_by_ids)
    quantity: int = column("quantity")
    unit_price: Money = amount("unit_price_minor", currency=None)


@access(Permission.ORDERS_READ)
@strawberry.type
class Order(RowObject, Node):
    """A sale. `customer` is null where the source never named one."""

    number: str = column("number")
    placed_at: datetime = column("placed_at")
    total: Money = amount("total_minor")
    customer: Customer | None = one(Customer, "customer_id", load=find_customers_by_ids)
    lines: list[OrderLine] = many(OrderLine, load=find_lines_of_orders, by="order_id", size=3)


map_row(OrderLine, models.OrderLine)
register_row(Order, models.Order, needs=Permission.ORDERS_READ)
