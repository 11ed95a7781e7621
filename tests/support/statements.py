"""What the driver sends, whoever asked for it: SQLAlchemy, or a round trip of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

SILENT = {";", "", "SELECT 1", "COMMIT"}


@contextmanager
def sent_statements() -> Iterator[list[str]]:
    """Every statement that the driver sends within the block, but for scopes, pings and commits."""
    texts: list[str] = []
    original = psycopg.Cursor.execute

    def noting(self: Any, query: Any, *rest: Any, **more: Any) -> Any:
        text = query.decode() if isinstance(query, bytes) else str(query)
        if not text.startswith("SET LOCAL") and text not in SILENT:
            texts.append(text)
        return original(self, query, *rest, **more)

    psycopg.Cursor.execute = noting  # type: ignore[method-assign]  # put back below
    try:
        yield texts
    finally:
        psycopg.Cursor.execute = original  # type: ignore[method-assign]
