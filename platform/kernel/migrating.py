"""Migrations run from the installed package, whatever the current directory."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from alliance.platform.kernel.db import open_engine

MARKER = "alliance.migrations.metadata"  # the room itself is a namespace without a file
VERSION_TABLE = "schema_version"


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database up to the revision, as the migrator login; nothing happens where it is there already."""
    if revision == "head" and current_revision(url) == head_revision():
        return
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to the revision (`base` removes everything), as the migrator login. Data is lost."""
    command.downgrade(configuration(url), revision)


def current_revision(url: str) -> str | None:
    """The revision the database is at; None before the first migration."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table(VERSION_TABLE, schema="public"):
                return None
            context = MigrationContext.configure(
                connection, opts={"version_table": VERSION_TABLE, "version_table_schema": "public"}
            )
            return context.get_current_revision()
    finally:
        engine.dispose()


@cache
def head_revision() -> str:
    """The newest revision of the installed code."""
    return str(ScriptDirectory.from_config(configuration("")).get_current_head())


def configuration(url: str) -> Config:
    """Alembic's configuration without a file; a `%` in the address is escaped for its reader."""
    spec = find_spec(MARKER)
    if spec is None or spec.origin is None:
        raise LookupError("the migrations are not installed")
    config = Config()
    config.set_main_option("script_location", str(Path(spec.origin).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config
