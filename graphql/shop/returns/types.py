"""The types Return, ReturnLine and ReturnEvent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import strawberry

from alliance.graphql.engine.compiling.declarations import Filled, map_row
from alliance.graphql.engine.context import Context, Info
from alliance.graphql.engine.fields import Money, amount, column, many, one, resolved, scaled, through
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.graphql.engine.scalars import JSON
from alliance.graphql.shop.account.actors import actor_of, fill_actors
from alliance.graphql.shop.catalog.types import Product, Variant
from alliance.graphql.shop.customers.types import Customer
from alliance.graphql.shop.orders.types import Order
from alliance.graphql.shop.returns.reasons import ReturnReason, reason_field
from alliance.graphql.shop.returns.units import Unit
from alliance.platform.grading.scale import Resellability, Responsibility
from alliance.platform.members.roles import Permission
from alliance.tenants.catalog.queries import find_products_by_ids, find_variants_by_ids
from alliance.tenants.customers.queries import find_customers_by_ids
from alliance.tenants.orders.queries import find_orders_by_ids
from alliance.tenants.returns import models
from alliance.tenants.returns.queries import find_events_of_returns, find_lines_of_returns, find_units_of_lines
from alliance.tenants.returns.reason_texts import open_reason_texts
from alliance.tenants.returns.states import AuthorisationState, InspectionState, LogisticsState, RefundState, Wish


def fill_reason_texts(context: Context, rows: Sequence[tuple[Any, ...]]) -> list[str | None]:
    """What customers wrote from (id, return, sealed text), in one query."""
    lines = [
        models.ReturnLine(id=UUID(key), return_id=UUID(return_id), reason_text_sealed=sealed)
        for key, return_id, sealed in rows
    ]
    texts = open_reason_texts(context.uow, lines)
    return [texts.get(line.id) for line in lines]


@access(Permission.RETURNS_READ)
@strawberry.type
class ReturnLine(RowObject, Node):
    """One variant of a return: what the customer said and what was found."""

    product: Product = through(
        Variant,
        "variant_id",
        load=find_variants_by_ids,
        second=Product,
        second_attribute="product_id",
        load_second=find_products_by_ids,
    )
    variant: Variant = one(Variant, "variant_id", load=find_variants_by_ids)
    quantity: int = column("quantity")
    reason: ReturnReason | None = reason_field("reason")
    wish: Wish | None = column("wish")
    settlement: RefundState = column("settlement")
    resellability: Resellability | None = column("resellability")
    inspection: InspectionState = column("inspection")
    inspected_reason: ReturnReason | None = reason_field("found_reason")
    responsibility: Responsibility = column("responsibility")
    units: list[Unit] = many(Unit, load=find_units_of_lines, by="return_line_id", size=2)

    @resolved(
        needs=Permission.CUSTOMERS_READ, reads=Filled(("id", "return_id", "reason_text_sealed"), fill_reason_texts)
    )
    def reason_text(self, info: Info) -> str | None:
        """What the customer wrote; null where they wrote nothing or it was erased."""
        texts = self.batch.related("reason_text", lambda rows: open_reason_texts(info.context.uow, rows))
        return texts.get(self.row.id)


@access(Permission.RETURNS_READ)
@strawberry.type
class ReturnEvent(RowObject):
    """One entry of a return's timeline."""

    at: datetime = column("at")
    kind: str = column("kind")
    detail: JSON = column("detail")

    @resolved(reads=Filled(("actor",), fill_actors))
    def actor(self, info: Info) -> str:
        """Who did it, by name."""
        return actor_of(self, info)


@access(Permission.RETURNS_READ)
@strawberry.type
class Return(RowObject, Node):
    """What a customer asks to send back. Its axes move independently; `settlement` is the least advanced line's."""

    number: str = column("number")
    order: Order = one(Order, "order_id", load=find_orders_by_ids)
    customer: Customer | None = one(Customer, "customer_id", load=find_customers_by_ids)
    lines: list[ReturnLine] = many(ReturnLine, load=find_lines_of_returns, by="return_id", size=3)
    authorisation: AuthorisationState = column("authorisation")
    logistics: LogisticsState = column("logistics")
    settlement: RefundState = column("settlement")
    requested_at: datetime | None = column("requested_at")
    deadline: datetime | None = column("deadline")
    received_at: datetime | None = column("received_at")
    resolved_at: datetime | None = column("resolved_at")
    refund: Money | None = amount("refund_minor")
    handling_cost: Money | None = amount("handling_cost_minor")
    carbon_kg: Decimal | None = scaled("carbon_grams", places=3)
    timeline: list[ReturnEvent] = many(
        ReturnEvent, load=find_events_of_returns, by="return_id", order=("at", "id"), size=5
    )


map_row(ReturnEvent, models.ReturnEvent)
register_row(Return, models.Return, needs=Permission.RETURNS_READ)
register_row(ReturnLine, models.ReturnLine, needs=Permission.RETURNS_READ)
