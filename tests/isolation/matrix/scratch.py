"""A throwaway installation to plant faults in, so that the matrix can be seen to fail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from isolation.matrix.owners import Party
from sqlalchemy import Engine

from alliance.platform.kernel.services import Services


@dataclass(frozen=True)
class Scratch:
    """Its services as the app login, its parties with their rows, and its administrator."""

    services: Services
    parties: tuple[Party, Party, Party]
    admin: Engine
    app: str
    migrator: str

    @contextmanager
    def broken(self, fault: str, mend: str) -> Iterator[None]:
        """The database with a fault in it, mended afterwards; `{app}` and `{migrator}` stand for the logins."""
        self._run(fault)
        try:
            yield
        finally:
            self._run(mend)

    @contextmanager
    def without_policy(self, *names: str) -> Iterator[None]:
        """The database with row-level security off for these tables, as if someone had dropped their policies."""
        off = "; ".join(f"ALTER TABLE {self._quoted(name)} DISABLE ROW LEVEL SECURITY" for name in names)
        with self.broken(off, off.replace("DISABLE", "ENABLE")):
            yield

    @staticmethod
    def _quoted(name: str) -> str:
        schema, _dot, table = name.partition(".")
        return f'{schema}."{table}"'

    def _run(self, statements: str) -> None:
        with self.admin.begin() as connection:
            connection.exec_driver_sql(statements.format(app=f'"{self.app}"', migrator=f'"{self.migrator}"'))
