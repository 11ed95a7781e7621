"""Rows that should not be there: what the executor says of them is what the compiled answer says."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from support.actors import ShopActor, make_shop
from support.equivalence.comparing import both
from support.factories import make_customer, make_order, make_return, make_variant
from support.graphql_client import GraphQLClient, make_client

from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

NUMBERS = "{ shop { returns { nodes { number } } } }"
LINES = "{ shop { name returns { nodes { number lines { %s } } } } }"


@pytest.fixture
def shop(services: Services) -> ShopActor:
    return make_shop(services)


@pytest.fixture
def client(services: Services, shop: ShopActor) -> GraphQLClient:
    return make_client(services, shop)


def change(services: Services, shop: ShopActor, statement: str) -> None:
    """Change the shop's rows as no command would."""
    with unit_of_work(services, shop.scope) as uow:
        uow.session.execute(text(f"{statement} WHERE shop_id = :shop"), {"shop": shop.id})


def codes(client: GraphQLClient, document: str) -> list[tuple[str, str]]:
    """The errors on which both answers agree: path and code."""
    return [(".".join(map(str, error["path"])), error["extensions"]["code"]) for error in both(client, document).errors]


def test_a_return_whose_order_is_gone_is_a_fault_at_its_place(
    services: Services, shop: ShopActor, client: GraphQLClient
) -> None:
    make_return(services, shop)
    change(services, shop, f"UPDATE tenants.returns SET order_id = '{new_id()}'")
    whole = "{ shop { name returns { nodes { number order { number } } } } again: shop { name } }"
    assert codes(client, whole) == [("shop.returns.nodes.0.order", "INTERNAL")]
    assert both(client, whole).body["data"]["again"] == {"name": "测试店铺"}
    assert codes(client, NUMBERS) == []


def test_a_line_whose_variant_is_gone_is_a_fault_only_where_it_is_asked(
    services: Services, shop: ShopActor, client: GraphQLClient
) -> None:
    make_return(services, shop)
    change(services, shop, f"UPDATE tenants.return_line SET variant_id = '{new_id()}'")
    place = "shop.returns.nodes.0.lines.0"
    assert codes(client, LINES % "product { title }") == [(f"{place}.product", "INTERNAL")]
    assert codes(client, LINES % "variant { sku }") == [(f"{place}.variant", "INTERNAL")]
    assert codes(client, LINES % "quantity") == []


@pytest.mark.parametrize("moment", ["10000-01-01", "infinity", "-infinity", "0044-03-15 BC"])
def test_a_moment_beyond_the_calendar_is_a_fault(
    services: Services, shop: ShopActor, client: GraphQLClient, moment: str
) -> None:
    make_return(services, shop)
    change(services, shop, f"UPDATE tenants.returns SET deadline = '{moment}', listed_at = '{moment}'")
    assert codes(client, "{ shop { returns { nodes { deadline } } } }") == [("shop.returns", "INTERNAL")]
    assert codes(client, "{ shop { returns { edges { cursor } } } }") == [("shop.returns", "INTERNAL")]


def test_a_contact_that_does_not_open_is_a_fault_at_its_place(
    services: Services, shop: ShopActor, client: GraphQLClient
) -> None:
    customer = make_customer(services, shop, name_sealed=b"\x00" * 60, email_sealed=b"x")
    services.keys.create_subject_key(shop.id, customer.id)
    variant = make_variant(services, shop)
    make_order(services, shop, variants=(variant,), customer_id=customer.id)
    for name in ("displayName", "email"):
        (fault,) = codes(client, f"{{ shop {{ name orders {{ nodes {{ number customer {{ {name} }} }} }} }} }}")
        assert fault == (f"shop.orders.nodes.0.customer.{name}", "INTERNAL")
    assert codes(client, "{ shop { orders { nodes { customer { returnsCount erased } } } } }") == []
