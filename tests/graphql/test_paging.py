"""Walking a list in every order, forwards and backwards, meets each row once: with ties and with unknown values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from support.actors import ShopActor, make_shop
from support.factories import DAY, make_order, make_product, make_return, make_rows, make_variant
from support.graphql_client import GraphQLClient, make_client

from alliance.platform.kernel.services import Services
from alliance.tenants.returns.models import Return

FORWARD = """query ($first: Int, $after: String, $order: ReturnOrder, $filter: ReturnFilter) { shop {
  returns(first: $first, after: $after, orderBy: $order, filter: $filter) {
    edges { cursor node { number } } nodes { number }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""
BACKWARD = """query ($last: Int, $before: String, $order: ReturnOrder) { shop {
  returns(last: $last, before: $before, orderBy: $order) {
    nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } }"""


@pytest.fixture(scope="module")
def rows(services: Services, shop: ShopActor) -> list[Return]:
    """Twenty-three returns: three to a moment, every fourth without a date, every third without a refund."""
    order = make_order(services, shop)
    made: list[Return] = []
    for i in range(23):
        asked: datetime | None = None if i % 4 == 0 else DAY + timedelta(days=i // 3)
        row = make_return(
            services,
            shop,
            order=order,
            requested_at=asked,
            listed_at=asked or DAY + timedelta(days=i // 3),
            refund_minor=None if i % 3 == 0 else (i // 6) * 1_000,
        )
        made.append(row)
    return made


@pytest.fixture(scope="module")
def shop(services: Services) -> ShopActor:
    return make_shop(services)


@pytest.fixture(scope="module")
def client(services: Services, shop: ShopActor, rows: list[Return]) -> GraphQLClient:
    assert len(rows) == 23
    return make_client(services, shop)


def expected(rows: list[Return], order: str) -> list[str]:
    keys: dict[str, tuple[Any, bool]] = {
        "NEWEST": (lambda row: (row.listed_at, row.id), True),
        "OLDEST": (lambda row: (row.listed_at, row.id), False),
        "LARGEST": (lambda row: (row.refund_minor or 0, row.id), True),
    }
    key, descending = keys[order]
    return [row.number for row in sorted(rows, key=key, reverse=descending)]


@pytest.mark.parametrize("size", [1, 4, 22, 23, 500])
@pytest.mark.parametrize("order", ["NEWEST", "OLDEST", "LARGEST"])
def test_walking_forwards_meets_every_row_once(
    client: GraphQLClient, rows: list[Return], order: str, size: int
) -> None:
    seen: list[str] = []
    after = None
    while True:
        page = client.data(FORWARD, first=size, after=after, order=order)["shop"]["returns"]
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        assert page["pageInfo"]["startCursor"] == page["edges"][0]["cursor"]
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        assert page["pageInfo"]["hasPreviousPage"] is (after is not None)
        seen += [node["number"] for node in page["nodes"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == expected(rows, order)


@pytest.mark.parametrize("size", [1, 5, 23])
@pytest.mark.parametrize("order", ["NEWEST", "OLDEST", "LARGEST"])
def test_walking_backwards_meets_every_row_once(
    client: GraphQLClient, rows: list[Return], order: str, size: int
) -> None:
    seen: list[str] = []
    before = None
    while True:
        page = client.data(BACKWARD, last=size, before=before, order=order)["shop"]["returns"]
        assert page["pageInfo"]["hasNextPage"] is (before is not None)
        seen = [node["number"] for node in page["nodes"]] + seen
        if not page["pageInfo"]["hasPreviousPage"]:
            break
        before = page["pageInfo"]["startCursor"]
    assert seen == expected(rows, order)


def test_an_empty_page_has_no_cursors(client: GraphQLClient) -> None:
    page = client.data(FORWARD, first=0)["shop"]["returns"]
    assert page == {
        "edges": [],
        "nodes": [],
        "pageInfo": {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
    }


@pytest.mark.parametrize("cursor", ["", "x", "W10", "WzFd", "bnVsbA", "😀", "A" * 5_000])
def test_a_garbled_cursor_is_bad_input(client: GraphQLClient, cursor: str) -> None:
    assert client.codes(FORWARD, first=1, after=cursor) == ["BAD_INPUT"]


def test_a_cursor_of_another_list_is_bad_input(client: GraphQLClient, services: Services, shop: ShopActor) -> None:
    make_product(services, shop)
    document = "{ shop { products(first: 1) { edges { cursor } } } }"
    cursor = client.data(document)["shop"]["products"]["edges"][0]["cursor"]
    assert client.codes(FORWARD, first=1, after=cursor) == ["BAD_INPUT"]


def filtered(client: GraphQLClient, **chosen: Any) -> set[str]:
    page = client.data(FORWARD, first=500, filter=chosen)["shop"]["returns"]
    return {node["number"] for node in page["nodes"]}


@pytest.fixture(scope="module")
def various(services: Services) -> tuple[GraphQLClient, dict[str, Return]]:
    """One return for each thing that a filter asks for."""
    shop = make_shop(services)
    product = make_product(services, shop, category="外套", title="风衣")
    coat = make_variant(services, shop, product=product, sku="COAT-1")
    made = {
        "approved": make_return(services, shop, authorisation="approved"),
        "received": make_return(services, shop, logistics="received"),
        "failed": make_return(services, shop, inspection="failed"),
        "refunded": make_return(services, shop, settlement="refunded"),
        "long": make_return(services, shop, reason="too-long"),
        "coat": make_return(services, shop, variants=(coat,)),
        "late": make_return(services, shop, requested_at=DAY + timedelta(days=3)),
        "undated": make_return(services, shop, requested_at=None),
    }
    return make_client(services, shop), made


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({"authorisation": ["APPROVED"]}, {"approved"}),
        ({"logistics": ["RECEIVED"]}, {"received"}),
        ({"inspection": ["FAILED", "MISSING"]}, {"failed"}),
        ({"settlement": ["REFUNDED"]}, {"refunded"}),
        ({"reason": ["too-long"]}, {"long"}),
        ({"category": ["外套"]}, {"coat"}),
        ({"search": "COAT"}, {"coat"}),
        ({"search": "风"}, {"coat"}),
        # The eighteenth of October in Shanghai, both ends included.
        ({"requestedFrom": "2026-10-18", "requestedTo": "2026-10-18"}, {"late"}),
        ({"requestedFrom": "2026-10-19"}, set()),
        ({"grade": ["A"]}, set()),
        ({"authorisation": ["APPROVED"], "logistics": ["RECEIVED"]}, set()),
        ({"reason": ["no-such-reason"]}, set()),
    ],
)
def test_a_filter_narrows_to_what_it_names(
    various: tuple[GraphQLClient, dict[str, Return]], chosen: dict[str, Any], names: set[str]
) -> None:
    client, made = various
    assert filtered(client, **chosen) == {made[name].number for name in names}


def test_an_empty_filter_narrows_nothing(various: tuple[GraphQLClient, dict[str, Return]]) -> None:
    client, made = various
    everything = {row.number for row in made.values()}
    for chosen in ({}, {"authorisation": []}, {"search": " "}, {"reason": None}):
        assert filtered(client, **chosen) == everything


def test_a_date_at_the_end_of_the_calendar_is_refused_or_matches_nothing(
    various: tuple[GraphQLClient, dict[str, Return]],
) -> None:
    client, _made = various
    assert client.codes(FORWARD, first=1, filter={"requestedTo": "9999-12-31"}) == ["BAD_INPUT"]
    assert filtered(client, requestedFrom="9999-12-30") == set()
    assert len(filtered(client, requestedFrom="0001-01-02")) == 7


def test_searching_orders_and_products_is_by_the_beginning(services: Services) -> None:
    shop = make_shop(services)
    make_rows(services, shop)
    product = make_product(services, shop, title="连衣裙A")
    variant = make_variant(services, shop, product=product, sku="LYQ-9")
    make_order(services, shop, number="TB-100", variants=(variant,))
    make_order(services, shop, number="DY-100", variants=(variant,))
    client = make_client(services, shop)
    orders = "query ($s: String) { shop { orders(search: $s) { nodes { number } } } }"
    assert client.data(orders, s="TB")["shop"]["orders"]["nodes"] == [{"number": "TB-100"}]
    assert client.data(orders, s="100")["shop"]["orders"]["nodes"] == []
    assert client.data(orders, s="%")["shop"]["orders"]["nodes"] == []
    products = "query ($s: String) { shop { products(search: $s) { nodes { title } } } }"
    for found in ("连衣", "LYQ"):
        assert client.data(products, s=found)["shop"]["products"]["nodes"] == [{"title": "连衣裙A"}]
