"""What a client is told when something goes wrong: codes, places, the reader's language, and nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError
from structlog.testing import capture_logs
from support.actors import make_shop
from support.graphql_client import GraphQLClient, client_of, make_client

from alliance.graphql.engine.errors import camel, cause_of, expected, field_path
from alliance.graphql.shop.shop import types as shop_types
from alliance.platform.kernel.errors import NotFoundError, UnavailableError
from alliance.platform.kernel.services import Services

SECRET = "relation tenants.orders of wang@example.com"


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What is logged; kept from the screen, where tracebacks are painted slowly."""
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def client(services: Services) -> GraphQLClient:
    return make_client(services, make_shop(services))


def failing(problem: Exception) -> Any:
    def fail(*_args: object, **_values: object) -> None:
        raise problem

    return fail


def test_a_fault_of_ours_is_masked_and_logged_under_its_id(
    client: GraphQLClient, monkeypatch: pytest.MonkeyPatch, logged: list[Any]
) -> None:
    monkeypatch.setattr(shop_types, "get_return", failing(RuntimeError(SECRET)))
    body = client.ask('{ shop { name return(number: "R") { id } } }')
    (error,) = body["errors"]
    error_id = error["extensions"].pop("errorId")
    assert len(error_id) == 10
    assert error == {
        "message": "Something went wrong and was recorded. Try again later; "
        "if it keeps happening, give your administrator the error id.",
        "locations": [{"line": 1, "column": 15}],
        "path": ["shop", "return"],
        "extensions": {"code": "INTERNAL", "status": 500},
    }
    assert body["data"]["shop"]["return"] is None
    assert SECRET not in str(body)
    assert [entry["error_id"] for entry in logged] == [error_id]


def test_a_refusal_is_told_in_the_readers_language(services: Services, client: GraphQLClient) -> None:
    document = '{ shop { return(number: "R") { id } } }'
    chinese = GraphQLClient(services, client.scope, "zh_CN").ask(document)["errors"][0]
    english = client.ask(document)["errors"][0]
    assert chinese["message"] == "没有找到，或者不属于当前店铺"
    assert english["message"] == "Not found, or it does not belong to this shop"
    assert chinese["extensions"] == english["extensions"] == {"code": "NOT_FOUND", "status": 404}


def test_a_lost_database_fails_the_whole_request(client: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = OperationalError("SELECT 1", {}, Exception("server closed the connection"), connection_invalidated=True)
    monkeypatch.setattr(shop_types, "get_return", failing(gone))
    with pytest.raises(UnavailableError):
        client.ask('{ shop { name return(number: "R") { id } } }')


def test_no_free_connection_is_told_as_busy() -> None:
    told = expected(NoConnectionError())
    assert isinstance(told, UnavailableError)


def test_a_statement_that_takes_too_long_is_a_limit(client: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    class CancelledError(Exception):
        sqlstate = "57014"

    monkeypatch.setattr(shop_types, "get_return", failing(OperationalError("SELECT 1", {}, CancelledError())))
    assert client.codes('{ shop { return(number: "R") { id } } }') == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "{ nothing }",
        "{ shop { nothing } }",
        "query ($x: Nothing) { shop { name } }",
        '{ shop { returns(first: "ten") { nodes { id } } } }',
        "{ shop { returns(orderBy: NEWER) { nodes { id } } } }",
        '{ shop { kpis(from: "2026", to: "2026-10") { orders } } }',
        '{ shop { kpis(from: "2026-10", to: "2026-09") { orders } } }',
        '{ shop { kpis(from: "1900-01", to: "2026-09") { orders } } }',
        "{ shop { return { id } } }",
        '{ shop { return(id: "x", number: "y") { id } } }',
        "query A { shop { name } } query B { shop { name } }",
        "fragment F on Shop { name }",
        "subscription { shop { name } }",
        "type Query { a: Int }",
        "{ shop { returns(filter: {unknown: 1}) { nodes { id } } } }",
    ],
)
def test_a_faulty_document_is_bad_input(client: GraphQLClient, document: str) -> None:
    codes = client.codes(document)
    assert codes
    assert set(codes) == {"BAD_INPUT"}


@pytest.mark.parametrize("value", ["1", 1.5, 2**31, True, [1, 2], {"a": 1}])
def test_a_variable_of_another_type_is_bad_input(client: GraphQLClient, value: object) -> None:
    document = "query ($n: Int) { shop { returns(first: $n) { nodes { id } } } }"
    codes = client.codes(document, n=value)
    assert codes in (["BAD_INPUT"], ["LIMIT_EXCEEDED"] if value == 2**31 else ["BAD_INPUT"])


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        [{"query": "{ shop { name } }"}],
        "{ shop { name } }",
        {},
        {"query": 1},
        {"query": ["{ shop { name } }"]},
        {"query": "{ shop { name } }", "variables": []},
        {"query": "{ shop { name } }", "operationName": 1},
        {"query": "{ shop { name } }", "operationName": "x" * 201},
        {"query": "{ shop { name } }", "extensions": []},
        {"query": "{ shop { name } }", "extensions": {"persistedQuery": {"version": 2}}},
        {"query": "{ shop { name } }", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": 5}}},
    ],
)
def test_a_body_of_another_shape_is_bad_input(client: GraphQLClient, body: object) -> None:
    with pytest.raises(Exception, match=r".") as refused:
        client.answer(body)
    assert getattr(refused.value, "code", None) == "BAD_INPUT"


def test_an_operation_is_chosen_by_its_name(client: GraphQLClient) -> None:
    document = "query A { a: shop { name } } query B { b: shop { name } }"
    answer = client.answer({"query": document, "operationName": "B"}).body
    assert list(answer["data"]) == ["b"]
    unknown = client.answer({"query": document, "operationName": "C"})
    assert not unknown.executed
    assert unknown.body["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_a_null_in_the_wrong_place_is_our_fault(client: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop_types, "list_returns", lambda *_args, **_values: None)
    (error,) = client.ask("{ shop { returns { nodes { id } } } }")["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert "NoneType" not in error["message"]


def test_what_the_executor_cannot_show_is_our_fault() -> None:
    inner = GraphQLError("Enum 'Grade' cannot represent value: 'Z'")
    assert cause_of(GraphQLError(str(inner), original_error=inner, path=["shop"])) is inner
    assert cause_of(GraphQLError("Int cannot represent", original_error=GraphQLError("no number"))) is None
    assert cause_of(GraphQLError("Cannot query field")) is None
    refusal = NotFoundError()
    wrapped = GraphQLError("x", original_error=refusal)
    assert cause_of(GraphQLError("x", original_error=wrapped, path=["shop"])) is refusal


def test_fields_are_named_as_the_contract_does() -> None:
    assert camel("skip_bad_rows") == "skipBadRows"
    assert camel("skipBadRows") == "skipBadRows"
    assert camel("from_") == "from"
    assert field_path(("import_id", "columns")) == ["importId", "columns"]


def test_a_customer_of_nobody_is_not_an_error(services: Services) -> None:
    shop = make_shop(services)
    assert client_of(services, shop).codes("{ shop { returns { nodes { customer { id } } } } }") == []
