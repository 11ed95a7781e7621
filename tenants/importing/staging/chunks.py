"""Rows to chunks: text columns of the mapped fields, broken rows set apart, totals and blank rows left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.readers.delimited import REPLACEMENT
from alliance.tenants.importing.readers.rows import Block
from alliance.tenants.importing.staging.reading import Reading

ROW = "_row"
_FIRST = "_first"
_UNPRINTABLE = r"[\x{fffd}\x00-\x08\x0e-\x1f]"
# What spreadsheets and back offices put under a table.
_TOTALS = r"(?i)^\s*(?:合计|总计|小计|共计|(?:grand |sub)?total|sum)\s*[:：]?\s*$"


@dataclass
class Chunk:
    """The rows of one block: one text column a mapped field and `_row`; `broken` holds (row, code) beside them."""

    frame: pl.DataFrame
    broken: list[tuple[int, str]] = field(default_factory=list)
    rows: int = 0


def read_chunks(blocks: Iterable[Block], reading: Reading) -> Iterator[Chunk]:
    """A chunk for each block of a file, in its order. Blank rows and lines of totals are not rows."""
    for block in blocks:
        yield _chunk(block, reading)


def _chunk(block: Block, reading: Reading) -> Chunk:
    width = len(reading.layout.headers)
    numbers, rows, broken = block
    if set(map(len, rows)) - {width}:
        numbers, rows, ragged = _straighten(block, width)
        broken = broken + ragged
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    frame = pl.DataFrame(
        [
            pl.Series(ROW, numbers, dtype=pl.Int64),
            pl.Series(_FIRST, columns[0], dtype=pl.String),
            *(pl.Series(name, columns[index], dtype=pl.String) for name, (index, _header) in reading.columns.items()),
        ]
    )
    names = list(reading.columns)
    frame = _without_blank(frame, names).drop(_FIRST)
    frame, more = _unprintable(frame, names)
    return Chunk(frame, broken + more, frame.height + len(broken) + len(more))


def _without_blank(frame: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    totals = frame[_FIRST].str.contains(_TOTALS)
    if totals.any():
        frame = frame.filter(~totals)
    if (frame[names[0]].str.strip_chars() == "").any():
        frame = frame.filter(pl.any_horizontal(pl.col(name).str.strip_chars() != "" for name in names))
    return frame


def _straighten(block: Block, width: int) -> tuple[list[int], list[list[str]], list[tuple[int, str]]]:
    """Rows of exactly the header's width: missing cells at the end are empty, surplus empty ones are dropped."""
    numbers, straight, broken = [], [], []
    for number, cells in zip(block.numbers, block.rows, strict=True):
        missing = width - len(cells)
        if not any(cells):
            continue
        if missing > 1 and any("\n" in cell for cell in cells):
            broken.append((number, Problem.ROW_QUOTES.value))
        elif missing < 0 and any(cell.strip() for cell in cells[width:]):
            broken.append((number, Problem.ROW_TOO_LONG.value))
        else:
            numbers.append(number)
            straight.append(cells[:width] + [""] * max(missing, 0))
    return numbers, straight, broken


def _unprintable(frame: pl.DataFrame, names: list[str]) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """Set rows with undecodable or control characters apart; both cannot be stored or shown truthfully."""
    bad = frame.select(pl.any_horizontal(pl.col(name).str.contains(_UNPRINTABLE) for name in names)).to_series()
    if not bad.any():
        return frame, []
    broken = []
    for row in frame.filter(bad).iter_rows(named=True):
        undecodable = any(REPLACEMENT in row[name] for name in names)
        broken.append((row[ROW], (Problem.ROW_UNDECODABLE if undecodable else Problem.ROW_CONTROL).value))
    return frame.filter(~bad), broken
