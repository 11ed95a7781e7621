"""Search by prefix, as a range of an index. `LIKE` is not leakproof, so under a policy it could use no index."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, bindparam

LAST = "\U0010ffff"
MAX_SEARCH = 100


def search_text(typed: str | None) -> str:
    """What a person typed into a search field, without what no text of ours can hold; '' where nothing is left."""
    storable = (typed or "").replace("\x00", "").encode("utf-8", "ignore").decode()
    return storable.strip()[:MAX_SEARCH]


@dataclass(frozen=True, slots=True)
class Prefix:
    """What texts must begin with, letter for letter, as two parameters named after `name`."""

    text: str
    name: str = "search"

    def values(self) -> dict[str, str]:
        """The parameters' values: the first text that begins so, and the first beyond the last one."""
        return {f"{self.name}_from": self.text, f"{self.name}_to": self.text + LAST}

    def begins(self, column: Any) -> ColumnElement[bool]:
        """Whether a column begins so; for columns of `columns.searchable`."""
        low, high = (bindparam(name, value, Text(collation="C")) for name, value in self.values().items())
        return and_(column >= low, column < high)

    def equals(self, column: Any) -> ColumnElement[bool]:
        """Whether a column is just this text."""
        name, value = f"{self.name}_from", self.text
        matches: ColumnElement[bool] = column == bindparam(name, value, Text(collation="C"))
        return matches
