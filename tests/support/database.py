"""Real servers and fresh databases for tests: one PostgreSQL and one Redis a run, one cloned database a worker."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.embedded.places import REMEMBERED, make_home
from alliance.platform.kernel.embedded.postgres import start_postgres
from alliance.platform.kernel.embedded.provision import VARIABLES, provision
from alliance.platform.kernel.embedded.redis_server import start_redis
from alliance.platform.kernel.migrating import upgrade

PASSED_ON = "ALLIANCE_TEST_SERVERS"
# Nothing here survives the run, so nothing waits for the disk.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@dataclass(frozen=True)
class Servers:
    """The run's servers, and the addresses of the migrated template database."""

    admin_url: str
    redis_url: str
    template: Mapping[str, str]

    @classmethod
    def passed_on(cls) -> Servers | None:
        """Those that the controlling process has started for its workers."""
        found = os.environ.get(PASSED_ON)
        return cls(**json.loads(found)) if found else None

    def pass_on(self) -> None:
        """Tell the workers about them."""
        os.environ[PASSED_ON] = json.dumps(asdict(self))


@contextmanager
def running_servers() -> Iterator[Servers]:
    """Servers with a migrated template; those of DATABASE_URL and REDIS_URL where set, else embedded ones.

    Nothing is left behind: neither processes and files, nor databases and logins on a server that is not ours.
    """
    with temporary_home() as home:
        redis = None if "REDIS_URL" in os.environ else start_redis(home)
        postgres = None if "DATABASE_URL" in os.environ else start_postgres(home, settings=FAST)
        try:
            admin_url = postgres.url if postgres else os.environ["DATABASE_URL"]
            with fresh_database(admin_url) as template:
                upgrade(template["MIGRATOR_DATABASE_URL"])
                yield Servers(admin_url, redis.url if redis else os.environ["REDIS_URL"], template)
        finally:
            for server in (postgres, redis):
                if server:
                    server.stop()


@contextmanager
def temporary_home() -> Iterator[Path]:
    """A directory for servers that an unprivileged user can pass through, removed afterwards."""
    outer = Path(tempfile.mkdtemp(prefix="alliance-tests-"))
    outer.chmod(0o711)
    home = outer / "home"
    make_home(home)
    try:
        yield home
    finally:
        if (home / REMEMBERED).is_file():
            shutil.rmtree((home / REMEMBERED).read_text().strip(), ignore_errors=True)
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def fresh_database(admin_url: str) -> Iterator[dict[str, str]]:
    """An empty provisioned database with logins of its own: their addresses by variable. Dropped afterwards."""
    name = f"test_{secrets.token_hex(6)}"
    addresses = provision(make_url(admin_url).set(database=name).render_as_string(hide_password=False))
    try:
        yield addresses
    finally:
        drop_databases(admin_url, [name, f"{name}_keys"], roles=[f"{name}_{kind}" for kind in VARIABLES])


@contextmanager
def cloned_database(servers: Servers) -> Iterator[dict[str, str]]:
    """A copy of the template for one worker, used through the template's logins. Dropped afterwards."""
    template = make_url(servers.template["APP_DATABASE_URL"]).database or ""
    name = f"{template}_{secrets.token_hex(4)}"
    with administrator(servers.admin_url) as connection:
        for source, copy in ((template, name), (f"{template}_keys", f"{name}_keys")):
            parts = {"source": sql.Identifier(source), "copy": sql.Identifier(copy)}
            # Workers clone at the same moment; a file copy would wait for the others' checkpoints.
            connection.execute(sql.SQL("CREATE DATABASE {copy} TEMPLATE {source} STRATEGY wal_log").format(**parts))
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {copy} FROM PUBLIC").format(**parts))
        _give(connection, name, template)
    try:
        yield {variable: _renamed(url, template, name) for variable, url in servers.template.items()}
    finally:
        drop_databases(servers.admin_url, [name, f"{name}_keys"], roles=[])


def _give(connection: psycopg.Connection, name: str, template: str) -> None:
    """What a copy does not take along: its owner and who may enter it."""
    for statement, database, role in (
        ("ALTER DATABASE {database} OWNER TO {role}", name, "migrator"),
        ("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}", name, "app"),
        ("GRANT CONNECT ON DATABASE {database} TO {role}", name, "pool"),
        ("ALTER DATABASE {database} OWNER TO {role}", f"{name}_keys", "keys"),
    ):
        parts = {"database": sql.Identifier(database), "role": sql.Identifier(f"{template}_{role}")}
        connection.execute(sql.SQL(statement).format(**parts))


def _renamed(url: str, template: str, name: str) -> str:
    parsed = make_url(url)
    database = (parsed.database or "").replace(template, name, 1)
    return parsed.set(database=database).render_as_string(hide_password=False)


def drop_databases(admin_url: str, databases: list[str], *, roles: list[str]) -> None:
    """Remove databases, whoever is still connected, and then the logins that owned them."""
    with administrator(admin_url) as connection:
        for database in databases:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))
        for role in roles:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(role)))


@contextmanager
def administrator(admin_url: str) -> Iterator[psycopg.Connection]:
    """The administrative login, in autocommit, on a database that always exists."""
    url = make_url(admin_url).set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        yield connection


def settings_for(addresses: Mapping[str, str], redis_url: str, home: Path) -> Settings:
    """Settings of a test installation: jobs run at the commit, mail goes to a folder of `home`."""
    return Settings(
        alliance_home=home,
        redis_url=SecretStr(redis_url),
        secret_key=SecretStr(secrets.token_urlsafe(48)),
        master_keys=SecretStr(base64.b64encode(secrets.token_bytes(32)).decode()),
        jobs="inline",
        password_memory_kib=64,
        password_time_cost=1,
        **{variable.lower(): SecretStr(url) for variable, url in addresses.items()},
    )
