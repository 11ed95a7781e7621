"""Work ahead: the next chunk is read and staged in a thread while PostgreSQL takes the one before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
WAIT_SECONDS = 0.2


@dataclass(frozen=True)
class _End:
    """Ends the queue: with the producer's error, if it had one."""

    problem: BaseException | None = None


@dataclass
class _Producer(Generic[T]):
    """A thread that makes the items of `source`, at most one waiting."""

    source: Iterable[T]
    waiting: queue.Queue[T | _End] = field(default_factory=lambda: queue.Queue(maxsize=1))
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Make the items until the end, an error or a stop."""
        try:
            for item in self.source:
                if not self._hand_over(item):
                    return
            self._hand_over(_End())
        except BaseException as problem:  # noqa: BLE001 (raised again in the consumer)
            self._hand_over(_End(problem))

    def items(self) -> Iterator[T]:
        """The items in order; the producer's error where it had one."""
        while True:
            item = self.waiting.get()
            if not isinstance(item, _End):
                yield item
            elif item.problem is not None:
                raise item.problem
            else:
                return

    def _hand_over(self, item: T | _End) -> bool:
        while not self.stopped.is_set():
            try:
                self.waiting.put(item, timeout=WAIT_SECONDS)
            except queue.Full:
                continue
            return True
        return False


@contextmanager
def working_ahead(source: Iterable[T]) -> Iterator[Iterator[T]]:
    """The items of `source`, made in a thread of their own that has ended when the block is left, however it is."""
    producer = _Producer(source)
    thread = threading.Thread(target=producer.run, name="import-staging", daemon=True)
    thread.start()
    try:
        yield producer.items()
    finally:
        producer.stopped.set()
        thread.join()
