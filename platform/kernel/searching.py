"""Search by prefix, as a range of an index. `LIKE` is not leakproof, so under a policy it could use no index."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_

LAST = "\U0010ffff"
MAX_SEARCH = 100


def search_text(typed: str | None) -> str:
    """What a person typed into a search field, without what no text of ours can hold; '' where nothing is left."""
    storable = (typed or "").replace("\x00", "").encode("utf-8", "ignore").decode()
    return storable.strip()[:MAX_SEARCH]


def starts_with(column: Any, prefix: str) -> ColumnElement[bool]:
    """Rows whose text begins with `prefix`, letter for letter; for columns of `columns.searchable`."""
    return and_(column >= prefix, column < prefix + LAST)
