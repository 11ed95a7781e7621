"""Runs migrations as the migrator login, one run at a time, and gives up rather than block a busy table."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel.db import open_engine

ADVISORY_KEY = 7_270_001
LOCK_TIMEOUT = "4s"
SCHEMAS = {"platform", "tenants", "pool"}


def run() -> None:
    """Upgrade or downgrade over the connection in `attributes`, else over the configured URL."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    engine = open_engine(context.config.get_main_option("sqlalchemy.url") or "", pool_size=1)
    try:
        with engine.begin() as begun:
            _migrate(begun)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_KEY})"))
    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        version_table="schema_version",
        version_table_schema="public",
        include_schemas=True,
        # Alembic's comparison would take its own version table in `public` for one that should go.
        include_name=lambda name, kind, _parents: kind != "schema" or name in SCHEMAS,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
