"""How a file is laid out: encoding, delimiter, sheet, where its header stands, and a second sheet of returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.cells.words import clean_text
from alliance.tenants.importing.presets.registry import guess_free, guess_preset
from alliance.tenants.importing.readers.delimited import probe_delimited, read_delimited
from alliance.tenants.importing.readers.probing import probe_workbook
from alliance.tenants.importing.readers.rows import Block, Row, UnreadableFileError, in_blocks
from alliance.tenants.importing.readers.sheets import Workbook, check_width
from alliance.tenants.importing.readers.sniff import detect_format
from alliance.tenants.importing.states import FileFormat, ImportKind

BLOCK_ROWS = 50_000
LOOK_AHEAD = 20
SAMPLES = 5
_RETURNED = frozenset({"returned", "reason", "requested_at", "received_at", "refund", "status", "return_number"})
_SOLD = frozenset({"sku", "product_id", "product_title", "price", "line_total", "quantity"})


@dataclass(frozen=True, slots=True)
class Join:
    """A second sheet whose columns are added to the first sheet's rows of the same order."""

    sheet: str
    header_row: int
    key: int
    into: int
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layout:
    """All that must be known to read the file again exactly like the first time. Kept with the import as JSON."""

    format: FileFormat
    headers: tuple[str, ...] = ()
    header_row: int = 1
    header_rows: int = 1
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    join: Join | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def layout_from_json(stored: Mapping[str, Any]) -> Layout:
    """The layout that was kept."""
    join = stored.get("join")
    return Layout(
        format=FileFormat(stored["format"]),
        headers=tuple(stored["headers"]),
        header_row=stored["header_row"],
        header_rows=stored["header_rows"],
        encoding=stored["encoding"],
        delimiter=stored["delimiter"],
        sheet=stored["sheet"],
        join=Join(**{**join, "columns": tuple(join["columns"])}) if join else None,
    )


@dataclass(frozen=True, slots=True)
class Header:
    """A header found among the first rows: where, over how many rows, its texts and how much of it is known."""

    row: int
    rows: int
    texts: tuple[str, ...]
    known: int


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a first look at a file finds: its layout, the first data rows, and the orders its second sheet misses."""

    layout: Layout
    samples: tuple[tuple[str, ...], ...] = field(default=())


def inspect_file(stream: BinaryIO, kind: ImportKind | None) -> Inspection:
    """Find out how a file is laid out. UnreadableFileError for no table, an empty file, a header without rows."""
    file_format = detect_format(stream)
    if file_format is FileFormat.CSV:
        encoding, delimiter = probe_delimited(stream)
        with closing(
            read_delimited(stream, encoding=encoding, delimiter=delimiter, size=LOOK_AHEAD + SAMPLES)
        ) as blocks:
            first = next(blocks, Block([], [], []))
        stream.seek(0)
        check_width(max(map(len, first.rows), default=0))
        head = [Row(number, cells) for number, cells in zip(first.numbers, first.rows, strict=True)]
        header = find_header(head, kind)
        layout = Layout(file_format, header.texts, header.row, header.rows, encoding, delimiter)
    else:
        probe_workbook(stream, file_format)
        book = Workbook(stream, file_format)
        layout, head = _inspect_workbook(book, file_format, kind)
    last = layout.header_row + layout.header_rows - 1
    samples = tuple(tuple(row.cells) for row in head if row.number > last and any(row.cells))[:SAMPLES]
    if not samples:
        raise UnreadableFileError(_("文件只有表头，没有数据行"))
    return Inspection(layout, samples)


def read_file(stream: BinaryIO, layout: Layout, *, size: int = BLOCK_ROWS) -> Iterator[Block]:
    """The data rows below the header in blocks, each with the second sheet's columns appended where there is one."""
    last = layout.header_row + layout.header_rows - 1
    stream.seek(0)
    if layout.format is FileFormat.CSV:
        yield from read_delimited(stream, encoding=layout.encoding, delimiter=layout.delimiter, size=size, skip=last)
        return
    book = Workbook(stream, layout.format)
    joined = _joined(book, layout.join) if layout.join else {}
    rows = (row for row in book.rows(layout.sheet) if row.number > last)
    yield from in_blocks((_with_join(row, layout, joined) for row in rows), size)


def missing_in_first(stream: BinaryIO, layout: Layout) -> list[tuple[int, str]]:
    """Rows of the second sheet whose order the first one does not have: row number and order number."""
    if layout.join is None:
        return []
    book = Workbook(stream, layout.format)
    known = {clean_text(_at(row.cells, layout.join.into)) for row in book.rows(layout.sheet)}
    rows = [row for row in book.rows(layout.join.sheet) if row.number > layout.join.header_row]
    numbers = [(row.number, clean_text(_at(row.cells, layout.join.key))) for row in rows]
    return [(number, key) for number, key in numbers if key and key not in known]


def find_header(head: Sequence[Row], kind: ImportKind | None) -> Header:
    """The row among the first ones that most looks like a header, alone or filled up from the row above it.

    Titles, notes and group headings above it are passed over. UnreadableFileError where there is no row at all.
    """
    candidates: list[Header] = []
    for index, row in enumerate(head[:LOOK_AHEAD]):
        texts = _header_texts(row.cells)
        if not any(texts):
            continue
        candidates.append(Header(row.number, 1, texts, _known(texts, kind)))
        if index + 1 < len(head) and head[index + 1].number == row.number + 1:
            below = _header_texts(head[index + 1].cells)
            merged = tuple(low or high for high, low in zip(*_padded(texts, below), strict=True))
            if any(not low and high for high, low in zip(*_padded(texts, below), strict=True)):
                candidates.append(Header(row.number, 2, merged, _known(merged, kind)))
    if not candidates:
        raise UnreadableFileError(_("文件是空的，没有任何内容"))
    best = max(candidates, key=lambda header: (header.known, -header.rows, -header.row))
    if best.known == 0:
        best = max(candidates, key=lambda header: (header.rows == 1, sum(map(bool, header.texts)), -header.row))
    return Header(best.row, best.rows, unique_headers(best.texts), best.known)


def unique_headers(texts: Sequence[str]) -> tuple[str, ...]:
    """Header texts, each one different: a repeated one gets its occurrence, an empty one its column's letter."""
    seen: dict[str, int] = {}
    result = []
    for index, text in enumerate(texts):
        name = text or f"({_letters(index)})"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(result)


def _inspect_workbook(book: Workbook, file_format: FileFormat, kind: ImportKind | None) -> tuple[Layout, list[Row]]:
    found: list[tuple[str, Header, list[Row]]] = []
    for name in book.sheet_names:
        head = list(book.rows(name, limit=LOOK_AHEAD + SAMPLES))
        if head:
            found.append((name, find_header(head, kind), head))
    if not found:
        raise UnreadableFileError(_("文件是空的，没有任何内容"))
    name, header, head = max(found, key=lambda item: item[1].known)
    layout = Layout(file_format, header.texts, header.row, header.rows, sheet=name)
    if kind in (None, ImportKind.COMBINED):
        layout = _with_second_sheet(layout, [item for item in found if item[0] != name])
    return layout, head


def _with_second_sheet(layout: Layout, others: list[tuple[str, Header, list[Row]]]) -> Layout:
    """The layout joined with a sheet that names returned orders and no product of its own."""
    into = next(
        (i for i, name in guess_free(layout.headers, ImportKind.COMBINED).fields.items() if name == "order_number"),
        None,
    )
    for name, header, _head in others:
        fields = guess_free(header.texts, ImportKind.COMBINED).fields
        key = next((index for index, field_name in fields.items() if field_name == "order_number"), None)
        meant = set(fields.values())
        if into is None or key is None or not meant & _RETURNED or meant & _SOLD:
            continue
        columns = tuple(index for index in range(len(header.texts)) if index != key)
        headers = unique_headers([*layout.headers, *(header.texts[index] for index in columns)])
        return Layout(
            layout.format,
            headers,
            layout.header_row,
            layout.header_rows,
            sheet=layout.sheet,
            join=Join(name, header.row + header.rows - 1, key, into, columns),
        )
    return layout


def _joined(book: Workbook, join: Join) -> dict[str, list[str]]:
    return {
        clean_text(_at(row.cells, join.key)): [_at(row.cells, index) for index in join.columns]
        for row in book.rows(join.sheet)
        if row.number > join.header_row
    }


def _with_join(row: Row, layout: Layout, joined: Mapping[str, list[str]]) -> Row:
    if layout.join is None:
        return row
    width = len(layout.headers) - len(layout.join.columns)
    cells = (row.cells + [""] * width)[:width]
    extra = joined.get(clean_text(_at(cells, layout.join.into)), [""] * len(layout.join.columns))
    return Row(row.number, cells + extra, row.fault)


def _known(texts: Sequence[str], kind: ImportKind | None) -> int:
    named = sum(map(bool, texts))
    guess = guess_preset(texts, kind)
    return max(
        round(guess.score * named), len(guess_free(texts, kind or ImportKind.COMBINED).fields), len(guess.fields)
    )


def _header_texts(cells: Sequence[str]) -> tuple[str, ...]:
    texts = [" ".join(clean_text(cell).split()) for cell in cells]
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


def _padded(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    width = max(len(one), len(two))
    return one + ("",) * (width - len(one)), two + ("",) * (width - len(two))


def _at(cells: Sequence[str], index: int) -> str:
    return cells[index] if index < len(cells) else ""


def _letters(index: int) -> str:
    name = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        name = chr(65 + rest) + name
    return name
