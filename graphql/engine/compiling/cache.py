"""Statements by what shapes them, so that a document is compiled once. Bounded by what they weigh, not by their number;
the least recently used goes first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.statements import Statement

MOST_BYTES = 16 * 1024 * 1024
# What an entry weighs beside its texts.
ENTRY_BYTES = 2_000


@dataclass
class StatementCache:
    """The statements of one process. None stands for a document of which nothing can be compiled. Safe for threads."""

    most: int = MOST_BYTES
    weight: int = 0
    _statements: OrderedDict[tuple[str, Hashable], Statement | None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, text: str, shape: Hashable, make: Callable[[], Statement | None]) -> Statement | None:
        """The statement of a document's text and all else that shapes it, made where it is not known yet."""
        key = (text, shape)
        with self._lock:
            if key in self._statements:
                self._statements.move_to_end(key)
                return self._statements[key]
        made = _made(make)
        with self._lock:
            if key not in self._statements:
                self._statements[key] = made
                self.weight += _weight(text, made)
            while self.weight > self.most:
                (dropped, _shape), statement = self._statements.popitem(last=False)
                self.weight -= _weight(dropped, statement)
        return made

    def __len__(self) -> int:
        return len(self._statements)


def _made(make: Callable[[], Statement | None]) -> Statement | None:
    try:
        return make()
    except NotCompilableError:
        return None


def _weight(text: str, statement: Statement | None) -> int:
    return ENTRY_BYTES + len(text) + (len(statement.sql) if statement else 0)
