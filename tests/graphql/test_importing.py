"""An import from upload to undo, as a client of the API does it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from support.actors import ShopActor, make_member, make_shop
from support.graphql_client import GraphQLClient, client_of, gid, make_client
from support.importing import check, count, csv_bytes, upload

from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.orders.models import Order

ORDERS = csv_bytes(
    "订单号,SKU,商品名称,数量,单价,下单时间",
    "0012,A-1,连衣裙,1,199.00,2026-10-01 10:00:00",
    "0013,A-2,连衣裙,x,199.00,2026-10-01 10:00:00",
)
ANSWER = "{ import { id status fileName format rowsTotal rowsAccepted rowsRejected } userErrors { code field } }"
FILE = f"mutation ($in: ImportFileInput!) {{ importFile(input: $in) {ANSWER} }}"
MAP = f"mutation ($in: MapImportInput!) {{ mapImport(input: $in) {ANSWER} }}"
COMMIT = f"mutation ($in: CommitImportInput!) {{ commitImport(input: $in) {ANSWER} }}"
UNDO = f"mutation ($in: UndoImportInput!) {{ undoImport(input: $in) {ANSWER} }}"
STATUS = """query ($id: ID!) { node(id: $id) { ... on Import { status rowsTotal rowsAccepted rowsRejected
  problems(first: 10) { nodes { row column code value message } pageInfo { hasNextPage } } } } }"""


@pytest.fixture
def shop(services: Services) -> ShopActor:
    return make_shop(services)


@pytest.fixture
def client(services: Services, shop: ShopActor) -> GraphQLClient:
    return make_client(services, shop)


def change(client: GraphQLClient, document: str, **given: Any) -> Any:
    (payload,) = client.data(document, **{"in": given}).values()
    return payload


def test_a_file_goes_all_the_way_and_back(services: Services, shop: ShopActor, client: GraphQLClient) -> None:
    file_id = upload(services, shop, ORDERS, name="订单.csv")
    taken = change(client, FILE, upload=str(file_id), kind="ORDERS", clientMutationId="one")
    assert taken["userErrors"] == []
    key = taken["import"]["id"]
    assert taken["import"] == {
        "id": key,
        "status": "MAPPING",
        "fileName": "订单.csv",
        "format": "csv",
        "rowsTotal": 0,
        "rowsAccepted": 0,
        "rowsRejected": 0,
    }
    # A client that never saw the answer asks again and gets the same import, not a second one.
    assert change(client, FILE, upload=str(file_id), kind="ORDERS", clientMutationId="one") == taken
    assert len(client.data("{ shop { imports { nodes { id } } } }")["shop"]["imports"]["nodes"]) == 1
    mapped = change(client, MAP, importId=key, columns=[{"column": "商品名称", "field": "product_title"}])
    assert (mapped["import"]["status"], mapped["userErrors"]) == ("CHECKING", [])
    checked = client.data(STATUS, id=key)["node"]
    (problem,) = checked.pop("problems")["nodes"]
    message = problem.pop("message")
    assert checked == {"status": "CHECKED", "rowsTotal": 2, "rowsAccepted": 1, "rowsRejected": 1}
    assert problem == {"row": 3, "column": "数量", "code": "quantity_unreadable", "value": "x"}
    assert " — " in message
    refused = change(client, COMMIT, importId=key)
    assert refused == {"import": None, "userErrors": [{"code": "BAD_INPUT", "field": ["skipBadRows"]}]}
    assert count(services, shop, Order) == (0,)
    assert change(client, COMMIT, importId=key, skipBadRows=True)["userErrors"] == []
    assert client.data(STATUS, id=key)["node"]["status"] == "DONE"
    assert count(services, shop, Order) == (1,)
    assert change(client, UNDO, importId=key)["import"]["status"] == "UNDONE"
    assert count(services, shop, Order) == (0,)


def test_another_shops_upload_or_import_is_not_found(services: Services, client: GraphQLClient) -> None:
    other = make_shop(services)
    foreign_file = upload(services, other, ORDERS)
    foreign = check(services, other, ORDERS, kind=ImportKind.ORDERS)
    missing = [{"code": "NOT_FOUND", "field": ["upload"]}]
    for value in (str(foreign_file), str(uuid4()), gid("File", foreign_file), "../../etc/passwd", ""):
        assert change(client, FILE, upload=value, kind="ORDERS") == {"import": None, "userErrors": missing}
    for value in (gid("Import", foreign.id), gid("Import", uuid4()), gid("Return", foreign.id), str(foreign.id)):
        for document, more in ((MAP, {"columns": []}), (COMMIT, {}), (UNDO, {})):
            assert change(client, document, importId=value, **more) == {
                "import": None,
                "userErrors": [{"code": "NOT_FOUND", "field": ["importId"]}],
            }


def test_a_faulty_input_is_named_by_its_field(services: Services, shop: ShopActor, client: GraphQLClient) -> None:
    file_id = str(upload(services, shop, ORDERS))
    preset = change(client, FILE, upload=file_id, kind="ORDERS", preset="no such preset")
    assert preset == {"import": None, "userErrors": [{"code": "BAD_INPUT", "field": ["preset"]}]}
    empty = change(client, FILE, upload=str(upload(services, shop, b"\n")), kind="ORDERS")
    assert empty == {"import": None, "userErrors": [{"code": "BAD_INPUT", "field": ["upload"]}]}
    key = change(client, FILE, upload=file_id, kind="ORDERS")["import"]["id"]
    for column in ({"column": "没有", "field": "sku"}, {"column": "SKU", "field": "no such"}, {"column": "订单号"}):
        mapped = change(client, MAP, importId=key, columns=[column])
        assert mapped == {"import": None, "userErrors": [{"code": "BAD_INPUT", "field": ["columns"]}]}
    early = change(client, COMMIT, importId=key)
    assert early == {"import": None, "userErrors": [{"code": "CONFLICT", "field": ["importId"]}]}
    assert client.data(STATUS, id=key)["node"]["status"] == "MAPPING"


def test_problems_of_many_imports_take_one_statement(services: Services, shop: ShopActor) -> None:
    client = client_of(services, make_member(services, shop))
    lines = [f"00{i},A-{i},裙,x,1,2026-10-01" for i in range(12)]
    for _unused in range(3):
        check(services, shop, csv_bytes("订单号,SKU,商品名称,数量,单价,下单时间", *lines), kind=ImportKind.ORDERS)
    document = """query ($n: Int, $after: String) { shop { imports(first: 10) { nodes {
      problems(first: $n, after: $after) { nodes { row } pageInfo { hasNextPage hasPreviousPage endCursor } } } } } }"""
    assert [client.cost(document, n=n) for n in (1, 5, 500)] == [3, 3, 3]
    pages = [node["problems"] for node in client.data(document, n=5)["shop"]["imports"]["nodes"]]
    assert [[node["row"] for node in page["nodes"]] for page in pages] == [[2, 3, 4, 5, 6]] * 3
    assert all(page["pageInfo"]["hasNextPage"] for page in pages)


def test_walking_the_problems_of_an_import_meets_each_row_once(services: Services, shop: ShopActor) -> None:
    client = client_of(services, make_member(services, shop))
    lines = [f"00{i},A-{i},裙,x,1,2026-10-01" for i in range(12)]
    row = check(services, shop, csv_bytes("订单号,SKU,商品名称,数量,单价,下单时间", *lines), kind=ImportKind.ORDERS)
    document = """query ($id: ID!, $after: String) { node(id: $id) { ... on Import {
      problems(first: 5, after: $after) { nodes { row } pageInfo { hasNextPage endCursor } } } } }"""
    seen: list[int] = []
    after = None
    while True:
        page = client.data(document, id=gid("Import", row.id), after=after)["node"]["problems"]
        seen += [node["row"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == list(range(2, 14))
    assert client.codes(document, id=gid("Import", row.id), after="x") == ["BAD_INPUT"]


def test_values_of_a_file_are_shown_only_to_who_may_see_customers(services: Services, shop: ShopActor) -> None:
    row = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    for role, value in ((MemberRole.ANALYST, None), (MemberRole.STAFF, "x")):
        client = make_client(services, shop, role)
        (problem,) = client.data(STATUS, id=gid("Import", row.id))["node"]["problems"]["nodes"]
        assert problem["value"] == value
