"""Statements by what shapes them, so that a document is compiled once. Bounded; the least recently used goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock

from alliance.graphql.engine.compiling.statements import Statement

MOST = 1000


@dataclass
class StatementCache:
    """The statements of one process. None stands for a document of which nothing can be compiled."""

    most: int = MOST
    _statements: OrderedDict[Hashable, Statement | None] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def get(self, key: Hashable, make: Callable[[], Statement | None]) -> Statement | None:
        """The statement of a shape, made where it is not known yet."""
        with self._lock:
            if key in self._statements:
                self._statements.move_to_end(key)
                return self._statements[key]
        made = make()
        with self._lock:
            self._statements[key] = made
            while len(self._statements) > self.most:
                self._statements.popitem(last=False)
        return made

    def __len__(self) -> int:
        return len(self._statements)
