"""What a compiled statement does when a guard, the server or its time is gone."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy.engine import make_url
from support.actors import ShopActor, make_shop
from support.database import Servers, settings_for
from support.factories import make_return
from support.graphql_client import GraphQLClient, make_client

from alliance.graphql.engine.compiling import running
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.services import Services, open_services
from alliance.platform.kernel.work import unit_of_work

DOCUMENT = "query Safety { shop { name returns { nodes { number lines { quantity } } } } }"


@pytest.fixture(scope="module")
def shop(services: Services) -> ShopActor:
    shop = make_shop(services)
    make_return(services, shop, number="OWN")
    return shop


@pytest.fixture(scope="module")
def stranger(services: Services) -> ShopActor:
    shop = make_shop(services)
    make_return(services, shop, number="FOREIGN")
    return shop


@pytest.fixture(scope="module")
def hurried(
    services: Services, addresses: dict[str, str], servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Services]:
    """Services whose statements may take half a second, with connections of their own."""
    settings = settings_for(addresses, servers.redis_url, tmp_path_factory.mktemp("hurried"))
    opened = open_services(settings.model_copy(update={"statement_timeout_ms": 500}))
    yield opened
    opened.close()


@contextmanager
def locked(addresses: dict[str, str]) -> Iterator[psycopg.Connection]:
    """The table of returns held, so that whoever reads it waits."""
    with psycopg.connect(addresses["MIGRATOR_DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE tenants.returns IN ACCESS EXCLUSIVE MODE")
        yield connection
        connection.rollback()


def compiled(client: GraphQLClient) -> GraphQLClient:
    return replace(client, compiled=True)


def statement_of(document: str, client: GraphQLClient) -> tuple[bytes, dict[str, object]]:
    """The statement a document is compiled to, and the values sent with it."""
    sent: list[tuple[bytes, dict[str, object]]] = []
    original = running.send

    def noting(uow: object, sql: bytes, values: dict[str, object]) -> object:
        sent.append((sql, values))
        return original(uow, sql, values)  # type: ignore[arg-type]

    running.send = noting  # type: ignore[assignment]
    try:
        compiled(client).data(document)
    finally:
        running.send = original
    (only,) = sent
    return only


def test_the_policy_holds_where_the_statement_names_another_shop(
    services: Services, shop: ShopActor, stranger: ShopActor
) -> None:
    sql, values = statement_of(DOCUMENT, make_client(services, shop))
    with unit_of_work(services, shop.scope) as uow:
        assert running.send(uow, sql, values | {"shop_id": stranger.id}) is None
    # Without the shop's own row in the way: the rows below it, too.
    below = sql.replace(b"WHERE shop_1.id = %(shop_id)s::UUID", b"WHERE true LIMIT 1")
    assert below != sql
    for scope, found in ((shop.scope, b""), (stranger.scope, b"FOREIGN")):
        with unit_of_work(services, scope) as uow:
            row = running.send(uow, below, values | {"shop_id": stranger.id})
        assert row is not None
        assert (b"FOREIGN" in (row[1] or "").encode()) == bool(found)
        assert "OWN" not in (row[1] or "")


def test_the_statement_holds_where_no_policy_does(
    services: Services, addresses: dict[str, str], shop: ShopActor, stranger: ShopActor
) -> None:
    sql, values = statement_of(DOCUMENT, make_client(services, shop))
    with psycopg.connect(addresses["MIGRATOR_DATABASE_URL"]) as connection:
        count = connection.execute("SELECT count(DISTINCT shop_id) FROM tenants.returns").fetchone()
        assert count is not None
        assert count[0] > 1
        row = connection.execute(sql, values).fetchone()
    assert row is not None
    assert "OWN" in row[1]
    assert "FOREIGN" not in row[1]


def test_every_table_of_a_statement_is_narrowed_to_the_shop(services: Services, shop: ShopActor) -> None:
    whole = (
        "{ shop { returns { nodes { order { customer { erased } lines { variant { sku } } } timeline { kind } "
        "lines { product { variants { sku } } units { defects { kind } } } } } } }"
    )
    sql = statement_of(whole, make_client(services, shop))[0].decode()
    tables = re.findall(r"(?:FROM|JOIN) (tenants\.\w+)(?: AS (\w+))?", sql)
    assert len(tables) == 12
    unguarded = [name for name, alias in tables if f"{alias or name}.shop_id = %(shop_id)s" not in sql]
    assert unguarded == []


def test_a_statement_that_takes_too_long_is_refused(
    hurried: Services, services: Services, addresses: dict[str, str], shop: ShopActor
) -> None:
    client = compiled(replace(make_client(services, shop), services=hurried))
    client.data(DOCUMENT)
    started = time.monotonic()
    with locked(addresses):
        answer = client.answer({"query": DOCUMENT})
    assert [error["extensions"]["code"] for error in answer.errors] == ["LIMIT_EXCEEDED"]
    assert answer.body["data"] is None
    # Once, not again by the executor.
    assert time.monotonic() - started < 5
    assert client.data(DOCUMENT)["shop"]["returns"]["nodes"][0]["number"] == "OWN"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_a_server_that_goes_away_fails_the_request_and_is_used_again(
    hurried: Services, services: Services, addresses: dict[str, str], servers: Servers, shop: ShopActor, when: str
) -> None:
    client = compiled(replace(make_client(services, shop), services=hurried))
    client.data(DOCUMENT)
    if when == "before":
        end_connections(servers, addresses)
    else:
        with locked(addresses):
            ending = threading.Timer(0.2, end_connections, (servers, addresses, "waiting"))
            ending.start()
            with pytest.raises(UnavailableError):
                client.answer({"query": DOCUMENT})
            ending.join()
    assert client.data(DOCUMENT)["shop"]["returns"]["nodes"][0]["number"] == "OWN"


def end_connections(servers: Servers, addresses: dict[str, str], which: str = "all") -> None:
    """End the app's connections to this worker's database, or only those that wait for a lock."""
    app = make_url(addresses["APP_DATABASE_URL"])
    waiting = "AND wait_event_type = 'Lock'" if which == "waiting" else ""
    url = make_url(servers.admin_url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(
            # With a time it waits until the server's process is gone, and has said so to us.
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            f"WHERE datname = %s AND usename = %s {waiting}",
            (app.database, app.username),
        )


def test_a_fault_of_the_compiler_is_logged_and_answered_by_the_executor(
    services: Services, shop: ShopActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[BaseException] = []
    monkeypatch.setattr(running, "report_fault", lambda problem, room: faults.append(problem))
    client = compiled(make_client(services, shop))
    document = "query Broken { shop { name } }"
    client.data(document)
    cached = engine().statements._statements
    (key,) = [key for key in cached if key[0] == document]
    monkeypatch.setitem(cached, key, replace(cached[key], sql=b"SELECT nothing"))  # type: ignore[type-var]
    assert client.data(document) == {"shop": {"name": "测试店铺"}}
    assert [type(fault) for fault in faults] == [psycopg.errors.UndefinedColumn]


def test_a_request_that_holds_a_connection_waits_for_no_second_one(services: Services, shop: ShopActor) -> None:
    owner = make_client(services, shop)
    settings = services.settings.model_copy(update={"database_pool_size": 1})
    narrow = open_services(settings)
    try:
        client = compiled(replace(owner, services=narrow))
        filtered = '{ shop { returns(filter: {requestedFrom: "2026-01-01"}) { nodes { number } } } }'
        threads = [threading.Thread(target=client.data, args=(filtered,)) for _unused in range(6)]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert time.monotonic() - started < 9
    finally:
        narrow.close()
