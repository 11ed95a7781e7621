"""Rows of a shop for tests, written as the app login in the shop's own scope. Each call makes what it needs."""

from __future__ import annotations

from datetime import UTC, datetime
from secrets import token_hex
from typing import Any
from uuid import UUID

from support.actors import ShopActor

from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.customers.models import Customer
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect

DAY = datetime(2026, 10, 15, 4, tzinfo=UTC)


def make_rows(services: Services, shop: ShopActor, *rows: Any) -> None:
    """Add rows in one unit of work of the shop; they may come from another shop's scope only by mistake."""
    with unit_of_work(services, shop.scope) as uow:
        for row in rows:
            uow.session.add(row)
            uow.session.flush()


def make_product(services: Services, shop: ShopActor, **values: Any) -> Product:
    """A product without variants."""
    row = Product(
        **{"shop_id": shop.id, "id": new_id(), "source_key": token_hex(6), "title": "连衣裙", "category": "裙装"}
        | values
    )
    make_rows(services, shop, row)
    return row


def make_variant(services: Services, shop: ShopActor, *, product: Product | None = None, **values: Any) -> Variant:
    """A variant of a product, of a new one unless given."""
    product = product or make_product(services, shop)
    row = Variant(
        **{
            "shop_id": shop.id,
            "id": new_id(),
            "product_id": product.id,
            "sku": f"SKU-{token_hex(4)}",
            "size": "2XL",
            "colour": "黑色",
            "price_minor": 19_900,
        }
        | values
    )
    make_rows(services, shop, row)
    return row


def make_customer(services: Services, shop: ShopActor, **values: Any) -> Customer:
    """A customer with nothing known but a source key."""
    row = Customer(**{"shop_id": shop.id, "id": new_id(), "source_key": token_hex(6)} | values)
    make_rows(services, shop, row)
    return row


def make_order(
    services: Services, shop: ShopActor, *, variants: tuple[Variant, ...] = (), quantity: int = 1, **values: Any
) -> Order:
    """An order with one line of `quantity` for each variant; of one new variant unless given."""
    variants = variants or (make_variant(services, shop),)
    row = Order(
        **{
            "shop_id": shop.id,
            "id": new_id(),
            "number": f"O{token_hex(5)}",
            "placed_at": DAY,
            "total_minor": 19_900 * quantity * len(variants),
            "currency": "CNY",
        }
        | values
    )
    lines = [
        OrderLine(
            shop_id=shop.id,
            id=new_id(),
            order_id=row.id,
            line_key=variant.sku,
            variant_id=variant.id,
            quantity=quantity,
            unit_price_minor=19_900,
        )
        for variant in variants
    ]
    make_rows(services, shop, row, *lines)
    return row


def make_return(
    services: Services,
    shop: ShopActor,
    *,
    order: Order | None = None,
    variants: tuple[Variant, ...] = (),
    reason: str | None = "size-too-small",
    quantity: int = 1,
    line: dict[str, Any] | None = None,
    **values: Any,
) -> Return:
    """A requested return with one line for each variant, of a new order unless given."""
    variants = variants or (make_variant(services, shop),)
    order = order or make_order(services, shop, variants=variants, quantity=quantity)
    row = Return(
        **{
            "shop_id": shop.id,
            "id": new_id(),
            "number": f"R{token_hex(5)}",
            "order_id": order.id,
            "customer_id": order.customer_id,
            "requested_at": DAY,
            "listed_at": values.get("requested_at") or DAY,
            "currency": "CNY",
        }
        | values
    )
    lines = [
        ReturnLine(
            **{
                "shop_id": shop.id,
                "id": new_id(),
                "return_id": row.id,
                "line_key": variant.sku,
                "variant_id": variant.id,
                "quantity": quantity,
                "reason": reason,
                "inspection": row.inspection or "pending",
                "settlement": row.settlement or "none",
            }
            | (line or {})
        )
        for variant in variants
    ]
    make_rows(services, shop, row, *lines)
    return row


def make_unit(services: Services, shop: ShopActor, *, line_id: UUID, variant_id: UUID, **values: Any) -> Unit:
    """A unit of a return line under a plate of its own."""
    row = Unit(
        **{
            "shop_id": shop.id,
            "id": new_id(),
            "return_line_id": line_id,
            "variant_id": variant_id,
            "plate": token_hex(6).upper(),
        }
        | values
    )
    make_rows(services, shop, row)
    return row


def make_defect(services: Services, shop: ShopActor, *, unit_id: UUID, **values: Any) -> UnitDefect:
    """A flaw of a unit."""
    row = UnitDefect(
        **{"shop_id": shop.id, "id": new_id(), "unit_id": unit_id, "kind": "stain", "place": "袖口"} | values
    )
    make_rows(services, shop, row)
    return row


def make_event(services: Services, shop: ShopActor, *, return_id: UUID, **values: Any) -> ReturnEvent:
    """An entry of a return's timeline."""
    row = ReturnEvent(
        **{
            "shop_id": shop.id,
            "id": new_id(),
            "return_id": return_id,
            "at": DAY,
            "actor": "system:tests",
            "kind": "requested",
            "detail": {},
        }
        | values
    )
    make_rows(services, shop, row)
    return row
