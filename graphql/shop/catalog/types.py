"""The types Product and Variant."""

from __future__ import annotations

from typing import Annotated

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import Money, active_shop, amount, column, many, resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.platform.members.roles import Permission
from alliance.tenants.catalog import models
from alliance.tenants.catalog.queries import find_variants_of_products
from alliance.tenants.insights.months import Month
from alliance.tenants.insights.products import return_rates_of_products


@access(Permission.CATALOG_READ)
@strawberry.type
class Variant(RowObject, Node):
    """One size and colour of a product, under the shop's SKU."""

    sku: str = column("sku")
    size: str | None = column("size")
    colour: str | None = column("colour")
    stock: int = column("stock")
    # 0 where no source has given one.
    price: Money = amount("price_minor", currency=None, absent=0)


@access(Permission.CATALOG_READ)
@strawberry.type
class Product(RowObject, Node):
    """A style. `category` is the shop's own word, empty where it has none."""

    title: str = column("title")
    category: str = column("category")
    variants: list[Variant] = many(Variant, load=find_variants_of_products, by="product_id", order=("sku",), size=8)

    @resolved(needs=Permission.KPIS_READ, cost=5)
    def return_rate(
        self,
        info: Info,
        from_: Annotated[Month, strawberry.argument(name="from")],
        to: Month,
    ) -> float | None:
        """Returned units / sold units of orders placed in these months; null where nothing is known."""
        zone = active_shop(info.context).timezone
        rates = self.batch.related(
            ("return_rate", from_, to),
            lambda rows: return_rates_of_products(
                info.context.uow, [row.id for row in rows], first=from_, last=to, zone=zone
            ),
        )
        share = rates.get(self.row.id)
        return share.value if share else None


register_row(Product, models.Product, needs=Permission.CATALOG_READ)
register_row(Variant, models.Variant, needs=Permission.CATALOG_READ)
