"""`/graphql` and the editor as a browser meets them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs
from support.actors import MemberActor, make_member, make_shop
from support.factories import make_return
from support.graphql_client import gid
from werkzeug.test import TestResponse

from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.ratelimit import RateLimit
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import OUTAGE
from alliance.web.api import graphiql, graphql

LogIn = Callable[[MemberActor], FlaskClient]
NAME = "{ shop { name } }"


@pytest.fixture
def member(services: Services) -> MemberActor:
    return make_member(services, make_shop(services, name="云朵"))


@pytest.fixture
def browser(log_in: LogIn, member: MemberActor) -> FlaskClient:
    return log_in(member)


def token(browser: FlaskClient) -> str:
    found = re.search(r'data-token="([^"]+)"', browser.get("/graphiql").get_data(as_text=True))
    assert found
    return found.group(1)


def post(browser: FlaskClient, body: Any, **headers: str) -> TestResponse:
    return browser.post("/graphql", json=body, headers={"X-CSRFToken": token(browser), **headers})


def test_a_member_reads_their_shop(browser: FlaskClient) -> None:
    answer = post(browser, {"query": NAME})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["data"] == {"shop": {"name": "云朵"}}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"


def test_a_visitor_is_told_to_log_in(client: FlaskClient) -> None:
    answer = client.post("/graphql", json={"query": NAME}, headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert answer.json == {
        "errors": [{"message": "Please log in first", "extensions": {"code": "UNAUTHENTICATED", "status": 401}}]
    }
    assert client.get("/graphiql").status_code == 303


def test_a_session_without_its_token_is_refused(browser: FlaskClient) -> None:
    answer = browser.post("/graphql", json={"query": NAME})
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert "data" not in answer.json


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_only_post_is_served(browser: FlaskClient, method: str) -> None:
    headers = {"X-CSRFToken": token(browser)}
    assert getattr(browser, method)("/graphql?query={viewer{permissions}}", headers=headers).status_code == 405


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/graphql", ""])
def test_another_content_type_is_refused(browser: FlaskClient, content_type: str) -> None:
    headers = {"X-CSRFToken": token(browser)}
    answer = browser.post("/graphql", data=json.dumps({"query": NAME}), content_type=content_type, headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b'"x"', b'{"query": 1}', b"\xff\xfe", b'{"query": NaN}', b"[" * 100_000]
)
def test_a_malformed_body_is_bad_input(browser: FlaskClient, raw: bytes) -> None:
    headers = {"X-CSRFToken": token(browser)}
    answer = browser.post("/graphql", data=raw, content_type="application/json", headers=headers)
    assert answer.status_code in {400, 422}
    assert answer.json is not None
    assert answer.json["errors"][0]["extensions"]["code"] == "BAD_INPUT"


def test_a_huge_body_is_refused_unread(browser: FlaskClient) -> None:
    answer = post(browser, {"query": NAME, "variables": {"x": "a" * graphql.MAX_BODY}})
    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def test_too_many_requests_are_told_when_to_come_back(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphql, "RATE", RateLimit("graphql-test", most=2, seconds=60))
    assert [post(browser, {"query": NAME}).status_code for _unused in range(3)] == [200, 200, 429]
    refused = post(browser, {"query": NAME})
    assert refused.json is not None
    assert refused.json["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert 0 < int(refused.headers["Retry-After"]) <= 120


def test_a_fault_outside_every_field_is_masked(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(graphql, "execute", fail)
    with capture_logs() as logged:
        answer = post(browser, {"query": NAME})
    assert answer.status_code == 500
    assert answer.json is not None
    (error,) = answer.json["errors"]
    assert error["extensions"] == {"code": "INTERNAL", "status": 500, "errorId": logged[0]["error_id"]}
    assert "secret" not in error["message"]


def test_a_lost_database_is_said_to_be_away(browser: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise UnavailableError(OUTAGE)

    monkeypatch.setattr(graphql, "execute", fail)
    answer = post(browser, {"query": NAME})
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["errors"][0]["extensions"] == {"code": "INTERNAL", "status": 503}


def test_a_document_that_does_not_fit_the_schema_is_a_bad_request(browser: FlaskClient) -> None:
    answer = post(browser, {"query": "{ nothing }"})
    assert answer.status_code == 400
    assert answer.json is not None
    assert [error["extensions"]["code"] for error in answer.json["errors"]] == ["BAD_INPUT"]


def test_a_document_is_sent_once_and_then_by_its_hash(browser: FlaskClient) -> None:
    text = "query Persisted { shop { name } }"
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": hashlib.sha256(text.encode()).hexdigest()}}
    unknown = post(browser, {"extensions": extensions})
    assert unknown.status_code == 200
    assert unknown.json == {
        "errors": [{"message": "PersistedQueryNotFound", "extensions": {"code": "NOT_FOUND", "status": 404}}]
    }
    for body in ({"query": text, "extensions": extensions}, {"extensions": extensions}):
        answer = post(browser, body)
        assert answer.json is not None
        assert answer.json["data"] == {"shop": {"name": "云朵"}}


def test_switching_the_shop_takes_effect_for_the_next_request(
    services: Services, log_in: LogIn, member: MemberActor
) -> None:
    other = make_shop(services, name="青禾")
    row = make_return(services, other)
    make_member(services, other, account=member)
    browser = log_in(member)
    document = "mutation ($to: ID!) { switchShop(input: {shopId: $to}) { shop { name } userErrors { code } } }"
    node = {"query": "query ($id: ID!) { node(id: $id) { id } }", "variables": {"id": gid("Return", row.id)}}
    refused = post(browser, node)
    assert refused.json is not None
    assert refused.json["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    switched = post(browser, {"query": document, "variables": {"to": gid("Shop", other.id)}})
    assert switched.json is not None
    assert switched.json["data"]["switchShop"] == {"shop": {"name": "青禾"}, "userErrors": []}
    assert post(browser, {"query": NAME}).json["data"] == {"shop": {"name": "青禾"}}  # type: ignore[index]  # JSON
    assert post(browser, node).json["data"] == {"node": {"id": gid("Return", row.id)}}  # type: ignore[index]  # JSON


def test_a_shop_without_a_role_cannot_be_entered(services: Services, browser: FlaskClient) -> None:
    stranger = make_shop(services)
    document = "mutation ($to: ID!) { switchShop(input: {shopId: $to}) { shop { name } userErrors { code field } } }"
    for target in (gid("Shop", stranger.id), gid("Return", stranger.id), "nonsense"):
        answer = post(browser, {"query": document, "variables": {"to": target}})
        assert answer.json is not None
        assert answer.json["data"]["switchShop"] == {
            "shop": None,
            "userErrors": [{"code": "NOT_FOUND", "field": ["shopId"]}],
        }
    assert post(browser, {"query": NAME}).json["data"] == {"shop": {"name": "云朵"}}  # type: ignore[index]  # JSON


def test_the_editor_loads_only_our_own_files(browser: FlaskClient) -> None:
    page = browser.get("/graphiql")
    assert page.status_code == 200
    text = page.get_data(as_text=True)
    addresses = re.findall(r'(?:src|href)="([^"]+)"', text)
    assert all(address.startswith("/") for address in addresses)
    for address in addresses[:-1]:
        if address.startswith("/a/"):
            assert browser.get(address).status_code == 200, address
    policy = page.headers["Content-Security-Policy"]
    assert policy == graphiql.relaxed_policy()
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "unsafe-inline" not in browser.get("/").headers["Content-Security-Policy"]
