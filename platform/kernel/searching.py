"""Search by prefix, as a range of an index. `LIKE` is not leakproof, so under a policy it could use no index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_

LAST = "\U0010ffff"
MAX_SEARCH = 100


def starts_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """Rows whose text begins with `prefix`, letter for letter; for columns of `columns.searchable`."""
    cleaned = prefix.strip().replace("\x00", "")[:MAX_SEARCH]
    return and_(column >= cleaned, column < cleaned + LAST)
