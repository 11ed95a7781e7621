"""A page takes a fixed number of statements, whatever its length: one for itself and one for each kind of relation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from support.actors import ShopActor, make_member, make_shop
from support.factories import DAY, make_customer, make_variant
from support.graphql_client import GraphQLClient, client_of

from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Variant
from alliance.tenants.customers.models import Customer
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnEvent, ReturnLine, Unit, UnitDefect

# What each document may take: the shop's row, the page, and one statement for each relation that it names.
DOCUMENTS: dict[str, tuple[str, int]] = {
    "returns": ("returns(first: $n) { nodes { number refund { amount } } pageInfo { hasNextPage } }", 2),
    "edges": ("returns(first: $n) { edges { cursor node { number } } }", 2),
    "orders of returns": ("returns(first: $n) { nodes { order { number total { amount } } } }", 3),
    "customers of returns": ("returns(first: $n) { nodes { customer { id erased } } }", 3),
    "counts of customers": ("returns(first: $n) { nodes { customer { returnsCount } } }", 4),
    "timelines": ("returns(first: $n) { nodes { timeline { kind at } } }", 3),
    "actors": ("returns(first: $n) { nodes { timeline { actor } } }", 4),
    "lines": ("returns(first: $n) { nodes { lines { quantity reason { name } } } }", 3),
    "products of lines": ("returns(first: $n) { nodes { lines { product { title } variant { sku } } } }", 5),
    "variants of products": ("returns(first: $n) { nodes { lines { product { variants { sku } } } } }", 6),
    "units and flaws": ("returns(first: $n) { nodes { lines { units { plate defects { kind } } } } }", 5),
    "everything": (
        "returns(first: $n) { nodes { order { lines { variant { sku } } customer { id } } customer { returnsCount } "
        "timeline { actor } lines { product { title } variant { price { amount } } "
        "units { site defects { kind } } } } }",
        15,
    ),
    "orders": ("orders(first: $n) { nodes { number lines { quantity unitPrice { amount } variant { sku } } } }", 4),
    "products": ("products(first: $n) { nodes { title variants { sku } } }", 3),
    "rates of products": ('products(first: $n) { nodes { returnRate(from: "2026-10", to: "2026-10") } }', 5),
    "stock": ("stock(first: $n) { nodes { plate grade defects { kind } } }", 3),
    "audit": ("audit(first: $n) { nodes { actor action } }", 2),
    "the same twice": ("a: returns(first: $n) { nodes { order { id } } } b: returns(first: $n) { nodes { id } }", 4),
}


@pytest.fixture(scope="module")
def shop(services: Services) -> ShopActor:
    """A shop with five hundred returns, each with all that can hang on one; written in one go."""
    shop = make_shop(services)
    member = make_member(services, shop)
    variants = [make_variant(services, shop) for _unused in range(10)]
    customers = [make_customer(services, shop) for _unused in range(10)]
    rows: list[Any] = []
    for i in range(500):
        rows += return_rows(shop, i, variants[i % 10], customers[i % 10], f"account:{member.account_id}")
    with unit_of_work(services, shop.scope) as uow:
        uow.session.add_all(rows)
    return shop


def return_rows(shop: ShopActor, i: int, variant: Variant, customer: Customer, actor: str) -> list[Any]:
    """An order with its return, a line, an event, a unit and a flaw."""
    own = {"shop_id": shop.id}
    order = Order(
        **own, id=new_id(), number=f"O{i}", placed_at=DAY, total_minor=1, currency="CNY", customer_id=customer.id
    )
    sold = OrderLine(**own, order_id=order.id, line_key="1", variant_id=variant.id, quantity=1, unit_price_minor=1)
    asked = DAY + timedelta(minutes=i)
    row = Return(
        **own,
        id=new_id(),
        number=f"R{i}",
        order_id=order.id,
        customer_id=customer.id,
        requested_at=asked,
        listed_at=asked,
        refund_minor=i,
        currency="CNY",
    )
    line = ReturnLine(**own, id=new_id(), return_id=row.id, line_key="1", variant_id=variant.id, quantity=1)
    event = ReturnEvent(**own, return_id=row.id, at=asked, actor=actor, kind="requested")
    unit = Unit(**own, id=new_id(), return_line_id=line.id, variant_id=variant.id, plate=f"P{i}", received_at=asked)
    return [order, sold, row, line, event, unit, UnitDefect(**own, unit_id=unit.id, kind="stain")]


@pytest.fixture(scope="module")
def client(services: Services, shop: ShopActor) -> GraphQLClient:
    return client_of(services, make_member(services, shop))


def in_shop(selection: str) -> str:
    return f"query ($n: Int) {{ shop {{ {selection} }} }}"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_of_any_length_takes_the_same_statements(client: GraphQLClient, name: str) -> None:
    selection, most = DOCUMENTS[name]
    assert [client.cost(in_shop(selection), n=n) for n in (1, 50, 500)] == [most] * 3


def test_names_are_opened_with_one_query_to_the_key_store(
    services: Services, client: GraphQLClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    original: Callable[..., object] = services.keys.subject_keys

    def counted_keys(shop_id: object, ids: list[object]) -> object:
        asked.append(len(ids))
        return original(shop_id, ids)

    monkeypatch.setattr(type(services.keys), "subject_keys", lambda _self, *rest: counted_keys(*rest))
    client.data(in_shop("returns(first: $n) { nodes { customer { displayName email } } }"), n=50)
    assert asked == [10]


def test_nothing_is_read_for_what_was_not_asked(client: GraphQLClient) -> None:
    assert client.cost("{ viewer { permissions } }") == 0
    assert client.cost("{ __typename }") == 0
    assert client.cost("{ shop { name currency id } }") == 1
    assert client.cost('{ shop { kpis(from: "2026-10", to: "2026-10") { netPromoterReturnRate } } }') == 1
