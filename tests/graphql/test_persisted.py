"""Documents by their hash: kept per shop, bounded, and never another document than the hash says."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisDown
from support.actors import make_shop
from support.graphql_client import GraphQLClient, make_client

from alliance.graphql.engine import persisted
from alliance.graphql.engine.persisted import MAX_STORED_BYTES, document_hash, find_document, store_document
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.services import Services

NAME = "{ shop { name } }"


@pytest.fixture
def client(services: Services) -> GraphQLClient:
    return make_client(services, make_shop(services))


def asked(client: GraphQLClient, *, text: str | None = None, digest: str | None = None) -> dict[str, Any]:
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest or document_hash(text or NAME)}}
    return client.answer({"query": text, "extensions": extensions}).body


def test_a_document_is_known_by_its_hash_once_it_was_sent(client: GraphQLClient) -> None:
    unknown = asked(client)
    assert unknown["errors"] == [
        {"message": "PersistedQueryNotFound", "extensions": {"code": "NOT_FOUND", "status": 404}}
    ]
    expected = {"shop": {"name": "测试店铺"}}
    assert asked(client, text=NAME)["data"] == expected
    assert asked(client)["data"] == expected
    assert asked(client, digest=document_hash(NAME).upper())["data"] == expected


def test_another_shop_does_not_know_it(services: Services, client: GraphQLClient) -> None:
    asked(client, text=NAME)
    assert "errors" in asked(make_client(services, make_shop(services)))


def test_a_document_under_another_hash_is_refused_and_not_kept(client: GraphQLClient) -> None:
    wrong = document_hash("{ viewer { permissions } }")
    assert asked(client, text=NAME, digest=wrong)["errors"][0]["extensions"]["code"] == "BAD_INPUT"
    assert "errors" in asked(client, digest=wrong)


@pytest.mark.parametrize("digest", ["", "x", "0" * 63, "g" * 64, "../" * 20, "*"])
def test_what_is_no_hash_is_bad_input(client: GraphQLClient, digest: str) -> None:
    with pytest.raises(BadInputError):
        find_document(client.services.redis, client.scope, digest)


def test_a_faulty_document_is_not_kept(client: GraphQLClient) -> None:
    faulty = "{ nothing }"
    assert "data" not in asked(client, text=faulty)
    assert asked(client, digest=document_hash(faulty))["errors"][0]["message"] == "PersistedQueryNotFound"


def test_a_long_document_is_served_and_not_kept(client: GraphQLClient) -> None:
    text = NAME + "#" + "x" * MAX_STORED_BYTES
    assert "errors" not in asked(client, text=text)
    assert "errors" in asked(client, digest=document_hash(text))


def test_the_least_recently_used_goes_first(
    client: GraphQLClient, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persisted, "MAX_DOCUMENTS", 3)
    texts = [f"query Q{i} {{ shop {{ name }} }}" for i in range(4)]
    for text in texts[:3]:
        store_document(redis, client.scope, document_hash(text), text)
    find_document(redis, client.scope, document_hash(texts[0]))
    store_document(redis, client.scope, document_hash(texts[3]), texts[3])
    kept = [text for text in texts if is_known(redis, client, text)]
    assert kept == [texts[0], texts[2], texts[3]]


def is_known(redis: Redis, client: GraphQLClient, text: str) -> bool:
    try:
        return find_document(redis, client.scope, document_hash(text)) == text
    except NotFoundError:
        return False


def test_bytes_that_were_tampered_with_are_not_served(client: GraphQLClient, redis: Redis) -> None:
    asked(client, text=NAME)
    key = f"graphql:documents:{client.scope.shop_id}:{document_hash(NAME)}"
    redis.set(key, b"{ viewer { permissions } }")
    assert asked(client)["errors"][0]["message"] == "PersistedQueryNotFound"


def test_without_redis_documents_are_served_and_unknown(client: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_args: object, **_values: object) -> None:
        raise RedisDown

    for name in ("get", "set", "zadd"):
        monkeypatch.setattr(client.services.redis, name, down)
    assert "errors" not in asked(client, text=NAME)
    assert asked(client)["errors"][0]["message"] == "PersistedQueryNotFound"
