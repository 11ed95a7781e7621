"""Which revision the code and a database are at, told without loading the migrations: every start asks."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, text

from alliance.platform.kernel.db import open_engine

MARKER = "alliance.migrations.metadata"  # the room itself is a namespace without a file
VERSION_TABLE = "schema_version"
REVISION = re.compile(r"""^revision(?:: str)? = ["'](\w+)["']""", re.MULTILINE)
DOWN_REVISION = re.compile(r"""^down_revision(?:: [^=]+)? = ["'](\w+)["']""", re.MULTILINE)


def migrations_directory() -> Path:
    """Where the migrations of the installed package lie."""
    spec = find_spec(MARKER)
    if spec is None or spec.origin is None:
        raise LookupError("the migrations are not installed")
    return Path(spec.origin).parent


@cache
def head_revision() -> str:
    """The newest revision of the installed code. LookupError unless there is exactly one."""
    sources = [path.read_text() for path in sorted((migrations_directory() / "versions").glob("*.py"))]
    revisions = {match[1] for source in sources for match in REVISION.finditer(source)}
    heads = revisions - {match[1] for source in sources for match in DOWN_REVISION.finditer(source)}
    if len(heads) != 1:
        raise LookupError(f"the migrations have the heads {sorted(heads)}, not one")
    return heads.pop()


def current_revision(url: str) -> str | None:
    """The revision the database of this address is at; None before the first migration."""
    engine = open_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            return read_revision(connection)
    finally:
        engine.dispose()


def read_revision(connection: Connection) -> str | None:
    """The revision as this login sees it; None before the first migration."""
    if connection.scalar(text(f"SELECT to_regclass('public.{VERSION_TABLE}')")) is None:
        return None
    found = connection.scalar(text(f"SELECT version_num FROM public.{VERSION_TABLE}"))  # noqa: S608 (a constant)
    return None if found is None else str(found)
