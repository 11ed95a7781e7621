"""How the rules read the catalogue, and the register they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Row, text

FLOORS = ("platform", "pool", "tenants")
TABLES = """
SELECT n.nspname || '.' || c.relname AS name, n.nspname AS schema, c.*
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('platform', 'pool', 'tenants') AND c.relkind IN ('r', 'p')
"""
# Everything that is neither PostgreSQL's own nor a temporary table of some session.
OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'"


@dataclass(frozen=True)
class Catalogue:
    """A connection that may read and, until the rollback, change everything; what is declared; the three logins."""

    connection: Connection
    metadata: MetaData
    app: str
    pool: str
    migrator: str

    def rows(self, query: str, **values: Any) -> list[Row[Any]]:
        """The rows of a query; `:name` takes a value."""
        return list(self.connection.execute(text(query), values))

    def names(self, query: str, **values: Any) -> list[str]:
        """The first column of a query."""
        return [str(row[0]) for row in self.rows(query, **values)]


Rule = Callable[[Catalogue], Iterable[str]]
RULES: dict[str, Rule] = {}


def rule(function: Rule) -> Rule:
    """Put a rule into the register under its own name."""
    RULES[function.__name__] = function
    return function


def broken(catalogue: Catalogue, *names: str) -> dict[str, list[str]]:
    """What breaks the named rules (all of them by default), by rule; empty where all is well."""
    found = {name: sorted(RULES[name](catalogue)) for name in names or RULES}
    return {name: faults for name, faults in found.items() if faults}
