"""The logins of an installation: what they are, and that making them again changes nothing that works."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy.engine import make_url
from support.database import Servers, administrator

from alliance.platform.kernel.embedded.processes import SetupError
from alliance.platform.kernel.embedded.provision import provision
from alliance.platform.kernel.services import Services


def admin_url_of(servers: Servers, addresses: dict[str, str]) -> str:
    database = make_url(addresses["APP_DATABASE_URL"]).database
    return make_url(servers.admin_url).set(database=database).render_as_string(hide_password=False)


def connected(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)


def trusts_everybody(url: str) -> bool:
    try:
        connected(make_url(url).set(password="wrong").render_as_string(hide_password=False)).close()
    except psycopg.OperationalError:
        return False
    return True


def test_app_and_pool_logins_are_neither_owner_nor_above_policies(servers: Servers, empty_database: dict[str, str]):
    database = make_url(empty_database["APP_DATABASE_URL"]).database
    query = "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname LIKE %s"
    with administrator(servers.admin_url) as connection:
        found = sorted(connection.execute(query, (f"{database}%",)).fetchall())
        owner = connection.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", (database,)
        ).fetchone()
    assert found == [
        (f"{database}_app", False, False, False, False),
        (f"{database}_keys", False, False, False, False),
        (f"{database}_migrator", False, True, False, False),
        (f"{database}_pool", False, False, False, False),
    ]
    assert owner == (f"{database}_migrator",)


def test_app_login_makes_temporary_tables_and_no_others(empty_database: dict[str, str]):
    with connected(empty_database["APP_DATABASE_URL"]) as connection:
        connection.execute("CREATE TEMPORARY TABLE staged (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.leak (n int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE SCHEMA leak")


def test_pool_login_cannot_enter_the_schema_of_the_shops(services: Services):
    with services.database.pool_engine.connect() as connection, pytest.raises(Exception, match="permission denied"):
        connection.exec_driver_sql("SELECT * FROM tenants.customer")


def test_nobody_but_its_own_login_enters_the_key_database(empty_database: dict[str, str]):
    keys = make_url(empty_database["KEYS_URL"]).database
    for variable in ("APP_DATABASE_URL", "POOL_DATABASE_URL", "MIGRATOR_DATABASE_URL"):
        url = make_url(empty_database[variable]).set(database=keys).render_as_string(hide_password=False)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            connected(url)
    connected(empty_database["KEYS_URL"]).close()


def test_provisioning_again_keeps_working_passwords(servers: Servers, empty_database: dict[str, str]):
    assert provision(admin_url_of(servers, empty_database), known=empty_database) == empty_database
    connected(empty_database["APP_DATABASE_URL"]).close()


def test_lost_passwords_are_set_anew(servers: Servers, empty_database: dict[str, str]):
    renewed = provision(admin_url_of(servers, empty_database), known={})
    assert renewed.keys() == empty_database.keys()
    if trusts_everybody(empty_database["APP_DATABASE_URL"]):
        pytest.skip("the given server asks nobody for a password")
    for url in renewed.values():
        connected(url).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        connected(empty_database["APP_DATABASE_URL"])


def test_a_login_that_gained_power_loses_it_again(servers: Servers, empty_database: dict[str, str]):
    database = make_url(empty_database["APP_DATABASE_URL"]).database
    with administrator(servers.admin_url) as connection:
        connection.execute(f'ALTER ROLE "{database}_app" BYPASSRLS CREATEROLE')
        provision(admin_url_of(servers, empty_database), known=empty_database)
        found = connection.execute(
            "SELECT rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s", (f"{database}_app",)
        ).fetchone()
    assert found == (False, False)


def test_a_login_without_the_right_is_refused_with_what_to_do(empty_database: dict[str, str]):
    url = make_url(empty_database["APP_DATABASE_URL"])
    with pytest.raises(SetupError, match=r"docs/operating\.md"):
        provision(url.set(database="elsewhere").render_as_string(hide_password=False))
