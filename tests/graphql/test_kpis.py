"""Key figures through the schema: the one rate, null where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from support.actors import make_shop
from support.factories import DAY, make_order, make_product, make_return, make_unit, make_variant
from support.graphql_client import client_of, gid

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.returns.models import ReturnLine

KPIS = """query ($from: Month!, $to: Month!) { shop { kpis(from: $from, to: $to) {
  orders returns returnRate netPromoterReturnRate handlingCostShare resaleRate supplierFaultRate regenerationDays
  byReason { key count share } byMonth { month orders returns returnRate } } } }"""


def test_a_shop_without_rows_knows_nothing(services: Services) -> None:
    client = client_of(services, make_shop(services))
    data = client.data(KPIS, **{"from": "2026-09", "to": "2026-10"})["shop"]["kpis"]
    empty = {"orders": 0, "returns": 0, "returnRate": None}
    assert data == {
        **empty,
        "netPromoterReturnRate": None,
        "handlingCostShare": None,
        "resaleRate": None,
        "supplierFaultRate": None,
        "regenerationDays": None,
        "byReason": [],
        "byMonth": [{"month": "2026-09", **empty}, {"month": "2026-10", **empty}],
    }


def test_figures_are_of_the_cohort_of_the_order_month(services: Services) -> None:
    shop = make_shop(services)
    variant = make_variant(services, shop)
    orders = [make_order(services, shop, variants=(variant,), quantity=2) for _unused in range(4)]
    # The last evening of September in Shanghai.
    make_order(services, shop, variants=(variant,), placed_at=datetime(2026, 9, 30, 15, 59, tzinfo=UTC))
    row = make_return(services, shop, order=orders[0], variants=(variant,), quantity=2, handling_cost_minor=1_990)
    make_return(services, shop, order=orders[1], variants=(variant,), reason=None, line={"responsibility": "supplier"})
    make_return(services, shop, order=orders[2], variants=(variant,), authorisation="rejected")
    with unit_of_work(services, shop.scope) as uow:
        line = uow.session.scalars(select(ReturnLine).where(ReturnLine.return_id == row.id)).one()
    make_unit(
        services, shop, line_id=line.id, variant_id=variant.id, received_at=DAY, resold_at=DAY + timedelta(days=6)
    )
    make_unit(services, shop, line_id=line.id, variant_id=variant.id, received_at=DAY)
    data = client_of(services, shop).data(KPIS, **{"from": "2026-09", "to": "2026-10"})["shop"]["kpis"]
    assert data == {
        "orders": 5,
        "returns": 2,
        "returnRate": 3 / 9,
        "netPromoterReturnRate": None,
        "handlingCostShare": 1_990 / (19_900 * 9),
        "resaleRate": 0.5,
        "supplierFaultRate": 1.0,
        "regenerationDays": 6.0,
        "byReason": [
            {"key": "size-too-small", "count": 2, "share": 2 / 3},
            {"key": "unknown", "count": 1, "share": 1 / 3},
        ],
        "byMonth": [
            {"month": "2026-09", "orders": 1, "returns": 0, "returnRate": 0.0},
            {"month": "2026-10", "orders": 4, "returns": 2, "returnRate": 3 / 8},
        ],
    }


def test_a_product_has_its_own_rate(services: Services) -> None:
    shop = make_shop(services)
    sold, unsold = make_product(services, shop), make_product(services, shop)
    variant = make_variant(services, shop, product=sold)
    order = make_order(services, shop, variants=(variant,), quantity=4)
    make_return(services, shop, order=order, variants=(variant,))
    document = """query ($id: ID!, $from: Month!) { node(id: $id) { ... on Product {
      returnRate(from: $from, to: "2026-10") } } }"""
    client = client_of(services, shop)

    def rate(key: object, first: str = "2026-10") -> object:
        return client.data(document, **{"id": gid("Product", key), "from": first})["node"]["returnRate"]  # type: ignore[arg-type]  # ids are uuids

    assert rate(sold.id) == 0.25
    assert rate(sold.id, "2026-01") == 0.25
    assert rate(unsold.id) is None


def test_stock_is_what_came_back_and_is_still_here(services: Services) -> None:
    shop = make_shop(services)
    product = make_product(services, shop, category="外套")
    variant = make_variant(services, shop, product=product)
    row = make_return(services, shop, variants=(variant,))
    with unit_of_work(services, shop.scope) as uow:
        line = uow.session.scalars(select(ReturnLine).where(ReturnLine.return_id == row.id)).one()
    kinds = {
        "here": {"received_at": DAY, "grade": "A"},
        "offered": {"received_at": DAY, "grade": "B", "disposition": "rebuy_zone"},
        "sold": {"received_at": DAY, "resold_at": DAY},
        "given away": {"received_at": DAY, "disposition": "donate"},
        "not there": {"received_at": DAY, "inspection": "missing"},
        "on its way": {},
    }
    for plate, values in kinds.items():
        make_unit(services, shop, line_id=line.id, variant_id=variant.id, plate=plate, **values)
    client = client_of(services, shop)

    def plates(arguments: str = "") -> list[str]:
        nodes = client.data(f"{{ shop {{ stock{arguments} {{ nodes {{ plate }} }} }} }}")["shop"]["stock"]["nodes"]
        return [node["plate"] for node in nodes]

    assert plates() == ["offered", "here"]
    assert plates("(grade: A)") == ["here"]
    assert plates('(category: "外套")') == ["offered", "here"]
    assert plates('(category: "裙装")') == []
    assert plates("(first: 1)") == ["offered"]
