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
from alliance.tenants.suppliers.tracing import MOST_AT_ONCE, OnSale, assign_batches

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
        assert assign_batches(uow, [OnSale(first, DAY, DAY + WEEK), OnSale(second, DAY, DAY + WEEK * 2)]) == 3
    assert batches_by_order(services, shop) == {
        "before": None,
        "first": first,
        "last": first,
        "after": second,
        "other": None,
    }
    with unit_of_work(services, shop.scope) as uow:
        assert assign_batches(uow, [OnSale(second, DAY - WEEK, DAY + WEEK)]) == 1
    assert batches_by_order(services, shop)["before"] == second
    assert batches_by_order(services, shop)["first"] == first


def test_anothers_batch_is_not_found_and_times_must_run_forward(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    foreign = a_batch(services, theirs, make_product(services, theirs), "B1")
    own = a_batch(services, ours, make_product(services, ours), "B1")
    good = OnSale(own, DAY, DAY + WEEK)
    with pytest.raises(NotFoundError), unit_of_work(services, ours.scope) as uow:
        assign_batches(uow, [good, OnSale(foreign, DAY, DAY + WEEK)])
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, ours.scope) as uow:
        assign_batches(uow, [good, OnSale(own, DAY, DAY)])
    assert refusal.value.field == ("deliveries", "1")
    with pytest.raises(BadInputError), unit_of_work(services, ours.scope) as uow:
        assign_batches(uow, [good] * (MOST_AT_ONCE + 1))


def test_two_shops_lines_stay_apart(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    products = [make_product(services, shop) for shop in (ours, theirs)]
    for shop, product in zip((ours, theirs), products, strict=True):
        variant = make_variant(services, shop, product=product)
        make_order(services, shop, variants=(variant,), number="1", placed_at=DAY)
    batch_id = a_batch(services, ours, products[0], "B1")
    with unit_of_work(services, ours.scope) as uow:
        assert assign_batches(uow, [OnSale(batch_id, DAY, DAY + WEEK)]) == 1
        assert assign_batches(uow, []) == 0
    assert batches_by_order(services, theirs) == {"1": None}
