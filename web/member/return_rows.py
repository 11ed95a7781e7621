"""A return with what a page shows beside it, put together in a fixed number of queries for any number of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.platform.grading.reasons import REASONS, Reason
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.catalog.queries import find_products_by_ids, find_variants_by_ids
from alliance.tenants.orders.models import Order
from alliance.tenants.orders.queries import find_orders_by_ids
from alliance.tenants.returns.models import Return, ReturnLine
from alliance.tenants.returns.queries import find_lines_of_returns


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of a return with its product; `reason` is None where the source said none."""

    line: ReturnLine
    variant: Variant
    product: Product

    @property
    def reason(self) -> Reason | None:
        """What the customer said."""
        return REASONS.get(self.line.reason or "")

    @property
    def found_reason(self) -> Reason | None:
        """What the inspector found."""
        return REASONS.get(self.line.found_reason or "")

    @property
    def options(self) -> str:
        """Size and colour, as far as known."""
        return " · ".join(part for part in (self.variant.size, self.variant.colour) if part)


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return with its order and lines."""

    record: Return
    order: Order | None
    lines: tuple[LineView, ...]

    @property
    def quantity(self) -> int:
        """How many pieces the customer sends back."""
        return sum(view.line.quantity for view in self.lines)


def view_returns(uow: UnitOfWork, records: Sequence[Return]) -> list[ReturnView]:
    """The returns with their orders, lines, variants and products: four queries."""
    orders = find_orders_by_ids(uow, [record.order_id for record in records])
    lines = find_lines_of_returns(uow, [record.id for record in records])
    variants = find_variants_by_ids(uow, {line.variant_id for group in lines.values() for line in group})
    products = find_products_by_ids(uow, {variant.product_id for variant in variants.values()})
    return [
        ReturnView(
            record,
            orders.get(record.order_id),
            tuple(
                LineView(line, variants[line.variant_id], products[variants[line.variant_id].product_id])
                for line in lines.get(record.id, [])
                if line.variant_id in variants
            ),
        )
        for record in records
    ]
