"""The logins and databases of an installation, made by an administrative login; safe to repeat.

| login             | what it is                                                                          |
|-------------------|-------------------------------------------------------------------------------------|
| `<db>_migrator`   | owns the database and its objects, BYPASSRLS, runs migrations and backups only       |
| `<db>_app`        | web and workers: neither owner nor BYPASSRLS, makes nothing but temporary tables     |
| `<db>_pool`       | releases of pooled figures: cannot enter the schema `tenants`                        |
| `<db>_keys`       | owns the database `<db>_keys` of the encryption keys, which data backups leave out   |
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg import Connection, sql
from sqlalchemy.engine import URL, make_url

from alliance.platform.kernel.embedded.processes import SetupError

DEFAULT_DATABASE = "alliance"
ATTRIBUTES = {
    "migrator": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS",
    "app": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT",
    "pool": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT",
    # Before PostgreSQL 16 an owner that does not inherit cannot make tables in its own database.
    "keys": "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS INHERIT",
}
VARIABLES = {
    "migrator": "MIGRATOR_DATABASE_URL",
    "app": "APP_DATABASE_URL",
    "pool": "POOL_DATABASE_URL",
    "keys": "KEYS_URL",
}
OLDEST_SERVER = 150000


@dataclass(frozen=True)
class Administrator:
    """An open connection of the administrative login, and the database it is asked to make."""

    connection: Connection
    url: URL
    database: str

    def run(self, statement: str, **names: sql.Composable) -> None:
        """Run one statement with names and values put in safely."""
        self.connection.execute(sql.SQL(statement).format(**names))

    def has(self, query: str, name: str) -> bool:
        """Whether the query finds a row for the name."""
        return self.connection.execute(query, (name,)).fetchone() is not None


def provision(admin_url: str, *, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Make what is missing and return the addresses of the four logins, by their variables' names.

    `known` are the addresses of an earlier run: their passwords are kept as long as they work, and set anew when
    they are lost. Raises SetupError where the server is too old or the login may not do it.
    """
    url = make_url(admin_url).set(drivername="postgresql")
    database = url.database or DEFAULT_DATABASE
    try:
        with connect(url.set(database=maintenance_database(url))) as connection:
            admin = Administrator(connection=connection, url=url, database=database)
            require_server(connection)
            addresses = {
                VARIABLES[kind]: provide_login(admin, kind, (known or {}).get(VARIABLES[kind])) for kind in ATTRIBUTES
            }
            provide_databases(admin)
        return addresses
    except psycopg.errors.InsufficientPrivilege as problem:
        raise SetupError(
            f"The login of DATABASE_URL may not make the databases and logins ({problem.diag.message_primary}). "
            "Use a superuser once, or make them by hand as docs/operating.md shows and set APP_DATABASE_URL, "
            "MIGRATOR_DATABASE_URL, POOL_DATABASE_URL and KEYS_URL."
        ) from problem
    except psycopg.OperationalError as problem:
        raise SetupError(f"The database server of DATABASE_URL cannot be used: {problem}") from problem


def connect(url: URL) -> Connection:
    """A connection in autocommit: databases cannot be made in a transaction."""
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=10)


def maintenance_database(url: URL) -> str:
    """The named database where it exists, since some providers offer no other; else `postgres`."""
    try:
        connect(url).close()
    except psycopg.OperationalError as problem:
        if "does not exist" in str(problem):
            return "postgres"
        raise
    return url.database or "postgres"


def require_server(connection: Connection) -> None:
    """Refuse a server that is older than the policies and functions need."""
    if connection.info.server_version < OLDEST_SERVER:
        raise SetupError(f"PostgreSQL 15 or newer is needed; this server is {connection.info.server_version // 10000}.")


def provide_login(admin: Administrator, kind: str, known: str | None) -> str:
    """The address of one login, made or mended. Another login's rights are never widened by it."""
    role = f"{admin.database}_{kind}"
    names = {"role": sql.Identifier(role), "attributes": sql.SQL(ATTRIBUTES[kind])}
    exists = admin.has("SELECT 1 FROM pg_roles WHERE rolname = %s", role)
    if not exists:
        admin.run("CREATE ROLE {role} {attributes}", **names)
    elif _attributes_differ(admin, kind, role):
        admin.run("ALTER ROLE {role} {attributes}", **names)
    password = _known_password(known, role)
    if password is None or not exists or not _logs_in(admin, role, password):
        password = password or secrets.token_urlsafe(24)
        encrypted = admin.connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
        admin.run("ALTER ROLE {role} PASSWORD {hash}", role=names["role"], hash=sql.Literal(encrypted.decode()))
    target = f"{admin.database}_keys" if kind == "keys" else admin.database
    return admin.url.set(username=role, password=password, database=target).render_as_string(hide_password=False)


def provide_databases(admin: Administrator) -> None:
    """The two databases with their owners; nobody else may enter them."""
    database = admin.database
    _provide_database(admin, database, owner=f"{database}_migrator")
    _provide_database(admin, f"{database}_keys", owner=f"{database}_keys")
    admin.run(
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app}",
        database=sql.Identifier(database),
        app=sql.Identifier(f"{database}_app"),
    )
    admin.run(
        "GRANT CONNECT ON DATABASE {database} TO {pool}",
        database=sql.Identifier(database),
        pool=sql.Identifier(f"{database}_pool"),
    )


def _provide_database(admin: Administrator, database: str, *, owner: str) -> None:
    names = {"database": sql.Identifier(database), "owner": sql.Identifier(owner)}
    if not admin.has("SELECT 1 FROM pg_roles WHERE rolname = current_user AND rolsuper AND %s <> ''", owner):
        admin.run("GRANT {owner} TO CURRENT_USER", owner=names["owner"])
    if not admin.has("SELECT 1 FROM pg_database WHERE datname = %s", database):
        admin.run("CREATE DATABASE {database} OWNER {owner} ENCODING 'UTF8' TEMPLATE template0", **names)
    else:
        admin.run("ALTER DATABASE {database} OWNER TO {owner}", **names)
    admin.run("REVOKE ALL ON DATABASE {database} FROM PUBLIC", database=names["database"])


def _attributes_differ(admin: Administrator, kind: str, role: str) -> bool:
    query = "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s"
    return admin.connection.execute(query, (role,)).fetchone() != (False, False, False, kind == "migrator", True)


def _known_password(known: str | None, role: str) -> str | None:
    if not known:
        return None
    url = make_url(known)
    return str(url.password) if url.username == role and url.password else None


def _logs_in(admin: Administrator, role: str, password: str) -> bool:
    """Whether the password still works. Only a refusal of it counts as no, so an outage never resets it."""
    try:
        connect(admin.url.set(username=role, password=password, database=admin.connection.info.dbname)).close()
    except psycopg.OperationalError as problem:
        return "password authentication failed" not in str(problem)
    return True
