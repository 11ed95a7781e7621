"""What every reader yields, and the refusals they share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import Text

FIELD = ("upload",)


class Row(NamedTuple):
    """One row of a file. `number` counts from 1 as a spreadsheet shows it; `fault` is a problem code or None."""

    number: int
    cells: list[str]
    fault: str | None = None


class Block(NamedTuple):
    """Many rows at once, as the reader had them: their numbers beside them; `broken` rows are named, not held."""

    numbers: Sequence[int]
    rows: list[list[str]]
    broken: list[tuple[int, str]]


def in_blocks(rows: Iterable[Row], size: int) -> Iterator[Block]:
    """Single rows gathered into blocks."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        good = [row for row in batch if row.fault is None]
        broken = [(row.number, row.fault) for row in batch if row.fault is not None]
        yield Block([row.number for row in good], [row.cells for row in good], broken)


class UnreadableFileError(BadInputError):
    """The file as a whole cannot be read; the text says what it is and what to do instead."""

    def __init__(self, message: Text) -> None:
        super().__init__(message, field=FIELD)
