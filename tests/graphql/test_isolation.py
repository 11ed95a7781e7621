"""Another shop's rows, and another role's, through every field and every node."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from support.actors import (
    ShopActor,
    make_account,
    make_alliance,
    make_coordinator,
    make_member,
    make_shop,
)
from support.factories import make_customer, make_event, make_order, make_return, make_unit, make_variant
from support.graphql_client import GraphQLClient, client_of, gid, make_client

from alliance.graphql.engine.nodes import NODES
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole, permissions_of
from alliance.tenants.importing.models import Import
from alliance.tenants.returns.models import ReturnLine

NODE = "query ($id: ID!) { node(id: $id) { __typename id } }"
LISTS = ("returns", "orders", "products", "stock", "imports")


@pytest.fixture(scope="module")
def alliance(services: Services) -> Any:
    return make_alliance(services)


@pytest.fixture(scope="module")
def shop(services: Services, alliance: Any) -> ShopActor:
    return make_shop(services, alliance=alliance)


@pytest.fixture(scope="module")
def ids(services: Services, shop: ShopActor) -> dict[str, str]:
    """One row of each type in the shop, by the type's name."""
    customer = make_customer(services, shop)
    variant = make_variant(services, shop)
    order = make_order(services, shop, variants=(variant,), customer_id=customer.id)
    row = make_return(services, shop, order=order, variants=(variant,))
    make_event(services, shop, return_id=row.id)
    with unit_of_work(services, shop.scope) as uow:
        line = uow.session.scalars(select(ReturnLine).where(ReturnLine.return_id == row.id)).one()
        brought = Import(shop_id=shop.id, kind="orders", preset="free", file_name="a.csv", format="csv", created_by="x")
        uow.session.add(brought)
        uow.session.flush()
    unit = make_unit(services, shop, line_id=line.id, variant_id=variant.id)
    keys = {
        "Customer": customer.id,
        "Product": variant.product_id,
        "Variant": variant.id,
        "Order": order.id,
        "Return": row.id,
        "ReturnLine": line.id,
        "Unit": unit.id,
        "Import": brought.id,
        "Shop": shop.id,
    }
    return {kind: gid(kind, key) for kind, key in keys.items()}


@pytest.fixture(scope="module")
def neighbour(services: Services, alliance: Any) -> GraphQLClient:
    """The owner of another shop of the same alliance."""
    return make_client(services, make_shop(services, alliance=alliance))


def test_every_node_is_found_by_its_own_shop_and_by_no_other(
    services: Services, shop: ShopActor, ids: dict[str, str], neighbour: GraphQLClient
) -> None:
    owner = make_client(services, shop)
    assert set(ids) == set(NODES) - {"Account", "Alliance"}
    for kind, value in ids.items():
        assert owner.data(NODE, id=value) == {"node": {"__typename": kind, "id": value}}
        foreign = neighbour.ask(NODE, id=value)
        missing = neighbour.ask(NODE, id=gid(kind, uuid4()))
        assert foreign["data"] == missing["data"] == {"node": None}
        assert foreign["errors"] == missing["errors"]
        assert foreign["errors"][0]["extensions"] == {"code": "NOT_FOUND", "status": 404}


def test_a_key_under_another_type_is_not_found(services: Services, shop: ShopActor, ids: dict[str, str]) -> None:
    owner = make_client(services, shop)
    row = (ids["Return"], ids["Order"], ids["Shop"], "", "x", "UmV0dXJuOg", "RmlsZTo=")
    assert owner.codes("query ($id: ID) { shop { return(id: $id) { id } } }", id=row[1]) == ["NOT_FOUND"]
    assert owner.codes("query ($id: ID) { shop(id: $id) { id } }", id=row[0]) == ["NOT_FOUND"]
    assert owner.codes("query ($id: ID) { alliance(id: $id) { id } }", id=row[2]) == ["NOT_FOUND"]
    for value in row[3:]:
        assert owner.codes(NODE, id=value) == ["NOT_FOUND"]


def test_no_list_shows_another_shops_rows(neighbour: GraphQLClient, ids: dict[str, str]) -> None:
    assert ids
    selection = " ".join(f"{name} {{ nodes {{ id }} pageInfo {{ hasNextPage }} }}" for name in LISTS)
    nothing = {"nodes": [], "pageInfo": {"hasNextPage": False}}
    assert neighbour.data(f"{{ shop {{ {selection} }} }}")["shop"] == dict.fromkeys(LISTS, nothing)
    kpis = neighbour.data('{ shop { kpis(from: "2026-10", to: "2026-10") { orders returns returnRate } } }')
    assert kpis["shop"]["kpis"] == {"orders": 0, "returns": 0, "returnRate": None}


def test_another_shops_return_is_not_found_by_number_or_id(
    services: Services, shop: ShopActor, ids: dict[str, str], neighbour: GraphQLClient
) -> None:
    number = make_client(services, shop).data(
        "query ($id: ID) { shop { return(id: $id) { number } } }", id=ids["Return"]
    )["shop"]["return"]["number"]
    document = "query ($id: ID, $number: String) { shop { return(id: $id, number: $number) { id } } }"
    for variables in ({"id": ids["Return"]}, {"number": number}, {"number": "no such"}):
        body = neighbour.ask(document, **variables)
        assert body["data"] == {"shop": {"return": None}}
        assert body["errors"][0]["extensions"]["code"] == "NOT_FOUND"
        assert body["errors"][0]["path"] == ["shop", "return"]


def test_only_the_active_shop_answers_also_to_who_has_a_role_elsewhere(services: Services) -> None:
    first, second = make_shop(services), make_shop(services)
    member = make_member(services, first)
    make_member(services, second, account=member)
    client = client_of(services, member)
    document = "query ($id: ID) { shop(id: $id) { id } }"
    assert client.data(document, id=gid("Shop", first.id)) == {"shop": {"id": gid("Shop", first.id)}}
    assert client.codes(document, id=gid("Shop", second.id)) == ["NOT_FOUND"]
    assert client.codes(NODE, id=gid("Shop", second.id)) == ["NOT_FOUND"]


def test_an_account_is_found_by_nobody_else(services: Services, shop: ShopActor) -> None:
    member, colleague = make_member(services, shop), make_member(services, shop)
    client = client_of(services, member)
    assert client.data(NODE, id=gid("Account", member.account_id))["node"]["__typename"] == "Account"
    for stranger in (colleague, make_account(services)):
        assert client.codes(NODE, id=gid("Account", stranger.account_id)) == ["NOT_FOUND"]


def test_an_alliance_is_found_by_its_members_only(services: Services, alliance: Any, neighbour: GraphQLClient) -> None:
    other = make_alliance(services)
    assert neighbour.data(NODE, id=gid("Alliance", alliance.id))["node"]["__typename"] == "Alliance"
    assert neighbour.codes(NODE, id=gid("Alliance", other.id)) == ["NOT_FOUND"]
    document = "query ($id: ID) { alliance(id: $id) { name } }"
    assert neighbour.codes(document, id=gid("Alliance", other.id)) == ["NOT_FOUND"]
    outsider = make_client(services, make_shop(services))
    assert outsider.data("{ alliance { name } }") == {"alliance": None}
    assert outsider.codes(document, id=gid("Alliance", alliance.id)) == ["NOT_FOUND"]


def test_a_coordinator_sees_the_alliance_and_no_shop(services: Services, alliance: Any, ids: dict[str, str]) -> None:
    client = client_of(services, make_coordinator(services, alliance))
    data = client.data("{ viewer { activeShop { id } memberships { role } } shop { id } alliance { name } }")
    assert data == {
        "viewer": {"activeShop": None, "memberships": []},
        "shop": None,
        "alliance": {"name": "测试联盟"},
    }
    for kind, value in ids.items():
        assert client.codes(NODE, id=value) in (["NOT_FOUND"], ["FORBIDDEN"]), kind
    assert client.codes("query ($id: ID) { shop(id: $id) { id } }", id=ids["Shop"]) == ["NOT_FOUND"]


def test_somebody_without_a_shop_sees_themselves(services: Services) -> None:
    person = make_account(services)
    client = client_of(services, person)
    data = client.data("{ viewer { account { email } activeShop { id } permissions } shop { id } alliance { id } }")
    assert data == {
        "viewer": {"account": {"email": person.email}, "activeShop": None, "permissions": []},
        "shop": None,
        "alliance": None,
    }


# What each role may not read, by the field that is refused.
REFUSED: dict[MemberRole, set[str]] = {
    MemberRole.OWNER: set(),
    MemberRole.MANAGER: set(),
    MemberRole.STAFF: {"audit"},
    MemberRole.ANALYST: {"audit", "customer", "reasonText"},
    MemberRole.AUDITOR: set(),
}
FIELDS = {
    "returns": "{ shop { returns { nodes { id lines { reason { handle } units { id } } timeline { kind } } } } }",
    "order": "{ shop { returns { nodes { order { id total { amount } lines { quantity } } } } } }",
    "customer": "{ shop { returns { nodes { customer { id } } } } }",
    "reasonText": "{ shop { returns { nodes { lines { reasonText } } } } }",
    "orders": "{ shop { orders { nodes { id } } } }",
    "products": "{ shop { products { nodes { id variants { sku } } } } }",
    "stock": "{ shop { stock { nodes { id } } } }",
    "imports": "{ shop { imports { nodes { id } } } }",
    "kpis": '{ shop { kpis(from: "2026-10", to: "2026-10") { orders byReason { key } } } }',
    "rates": '{ shop { products { nodes { returnRate(from: "2026-10", to: "2026-10") } } } }',
    "audit": "{ shop { audit { nodes { action } } } }",
}


@pytest.mark.parametrize("role", list(MemberRole))
def test_a_role_reads_what_its_permissions_say(
    services: Services, shop: ShopActor, ids: dict[str, str], role: MemberRole
) -> None:
    assert ids
    client = make_client(services, shop, role)
    refused = {name for name, document in FIELDS.items() if client.codes(document)}
    assert refused == REFUSED[role]
    for name in refused:
        assert set(client.codes(FIELDS[name])) == {"FORBIDDEN"}


def test_an_analyst_reads_returns_without_their_customers(
    services: Services, shop: ShopActor, ids: dict[str, str]
) -> None:
    analyst = make_client(services, shop, MemberRole.ANALYST)
    body = analyst.ask("{ shop { returns { nodes { id customer { displayName } } } } }")
    assert body["data"] == {"shop": {"returns": {"nodes": [{"id": ids["Return"], "customer": None}]}}}
    assert body["errors"] == [
        {
            "message": "Your role does not allow this; please ask the shop's owner",
            "locations": [{"line": 1, "column": 31}],
            "path": ["shop", "returns", "nodes", 0, "customer"],
            "extensions": {"code": "FORBIDDEN", "status": 403},
        }
    ]


def test_a_refusal_says_nothing_about_what_exists(services: Services, shop: ShopActor, ids: dict[str, str]) -> None:
    analyst = make_client(services, shop, MemberRole.ANALYST)
    for value in (ids["Customer"], gid("Customer", uuid4())):
        assert analyst.codes(NODE, id=value) == ["FORBIDDEN"]


def test_a_scope_without_permissions_reads_no_row(services: Services, shop: ShopActor, ids: dict[str, str]) -> None:
    person = make_member(services, shop)
    bare = GraphQLClient(services, shop_scope(shop.id, account_id=person.account_id))
    for name, document in FIELDS.items():
        assert set(bare.codes(document)) == {"FORBIDDEN"}, name
    for kind in set(ids) - {"Shop"}:
        assert bare.codes(NODE, id=ids[kind]) == ["FORBIDDEN"]


def test_the_mutations_of_imports_need_the_right_to_import(services: Services, shop: ShopActor) -> None:
    document = 'mutation { undoImport(input: {importId: "x"}) { userErrors { code } } }'
    may = {role for role in MemberRole if "imports:write" in {str(p) for p in permissions_of(role)}}
    for role in MemberRole:
        expected = [] if role in may else ["FORBIDDEN"]
        assert make_client(services, shop, role).codes(document) == expected, role
