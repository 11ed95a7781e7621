"""Tracing: sold lines get the batch of their product and time, once, within one shop."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from support.actors import ShopActor, make_shop
from support.factories import DAY, make_order, make_product, make_variant

from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Product
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.suppliers.records import record_batch, record_supplier
from alliance.tenants.suppliers.tracing import assign_batch

WEEK = timedelta(days=7)


def a_batch(services: Services, shop: ShopActor, product: Product, code: str) -> UUID:
    with unit_of_work(services, shop.scope) as uow:
        supplier_id = record_supplier(uow, name="绍兴柯桥远纺")
        return record_batch(uow, supplier_id=supplier_id, product_id=product.id, code=code)


def batches_by_order(services: Services, shop: ShopActor) -> dict[str, UUID | None]:
    with unit_of_work(services, shop.scope) as uow:
        statement = (
            select(Order.number, OrderLine.batch_id)
            .join(OrderLine, (OrderLine.shop_id == Order.shop_id) & (OrderLine.order_id == Order.id))
            .where(Order.shop_id == shop.id)
        )
        return dict(uow.session.execute(statement).all())  # type: ignore[arg-type]  # pairs


def test_lines_of_the_product_and_time_get_the_batch_and_keep_it(services: Services) -> None:
    shop = make_shop(services)
    trousers, coat = make_product(services, shop), make_product(services, shop, title="大衣")
    wide, warm = make_variant(services, shop, product=trousers), make_variant(services, shop, product=coat)
    for number, variant, placed_at in (
        ("before", wide, DAY - timedelta(seconds=1)),
        ("first", wide, DAY),
        ("last", wide, DAY + WEEK - timedelta(seconds=1)),
        ("after", wide, DAY + WEEK),
        ("other", warm, DAY),
    ):
        make_order(services, shop, variants=(variant,), number=number, placed_at=placed_at)
    first, second = a_batch(services, shop, trousers, "B1"), a_batch(services, shop, trousers, "B2")
    with unit_of_work(services, shop.scope) as uow:
        assert assign_batch(uow, batch_id=first, sold_from=DAY, sold_before=DAY + WEEK) == 2
    with unit_of_work(services, shop.scope) as uow:
        assert assign_batch(uow, batch_id=second, sold_from=DAY, sold_before=DAY + WEEK * 2) == 1
    assert batches_by_order(services, shop) == {
        "before": None,
        "first": first,
        "last": first,
        "after": second,
        "other": None,
    }


def test_anothers_batch_is_not_found_and_times_must_run_forward(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    foreign = a_batch(services, theirs, make_product(services, theirs), "B1")
    own = a_batch(services, ours, make_product(services, ours), "B1")
    with pytest.raises(NotFoundError), unit_of_work(services, ours.scope) as uow:
        assign_batch(uow, batch_id=foreign, sold_from=DAY, sold_before=DAY + WEEK)
    with pytest.raises(BadInputError), unit_of_work(services, ours.scope) as uow:
        assign_batch(uow, batch_id=own, sold_from=DAY, sold_before=DAY)
