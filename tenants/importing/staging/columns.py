"""One text column to one typed column. The usual forms go through vector code, the rest once per distinct value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

from alliance.platform.kernel.money import precision
from alliance.tenants.importing.cells import words
from alliance.tenants.importing.cells.amounts import read_money, read_quantity
from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.contacts import read_email, read_phone
from alliance.tenants.importing.cells.dates import AHEAD, EARLIEST, DateRules, read_date, shape_of
from alliance.tenants.importing.cells.reasons import read_reason
from alliance.tenants.importing.fields import FieldType
from alliance.tenants.importing.staging.evidence import DateEvidence
from alliance.tenants.importing.staging.reading import Reading

Reader = Callable[[str], Cell[Any]]
UTC_TIME = pl.Datetime("us", "UTC")
REMEMBERED = 100_000

_PLAIN_CODE = r"^[A-Za-z0-9][A-Za-z0-9_\-]*$"
_NOT_PLAIN = r"(?i)^(?:null|none|nan|nil|\d+e\d+)$"
_PLAIN_MAIL = r"^[a-z0-9._+\-]{1,64}@[a-z0-9\-]+(?:\.[a-z0-9\-]+)*\.[a-z]{2,24}$"
_MOBILE = r"^1[3-9]\d{9}$"
_COUNT = r"^\d{1,6}$"
_FORMATS = (
    (r"^\d{4}-\d{2}-\d{2}$", "%Y-%m-%d"),
    (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$", "%Y-%m-%d %H:%M:%S"),
    (r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$", "%Y-%m-%dT%H:%M:%S"),
    (r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}$", "%Y-%m-%d %H:%M"),
    (r"^\d{4}/\d{2}/\d{2} \d{2}:\d{2}:\d{2}$", "%Y/%m/%d %H:%M:%S"),
    (r"^\d{4}/\d{2}/\d{2}$", "%Y/%m/%d"),
)
_DTYPES: dict[FieldType, Any] = {
    FieldType.DATE: UTC_TIME,
    FieldType.MONEY: pl.Int64,
    FieldType.QUANTITY: pl.Int64,
    FieldType.FLAG: pl.Boolean,
}


@dataclass(frozen=True)
class Typed:
    """The values of a column, and the codes of faults and notes where there are any (else None)."""

    values: pl.Series
    faults: pl.Series | None = None
    notes: pl.Series | None = None


@dataclass
class ColumnReader:
    """Reads one field's columns of an import, chunk after chunk, remembering the distinct values it has met."""

    reading: Reading
    name: str
    evidence: DateEvidence
    remembered: dict[str, Cell[Any]] = field(default_factory=dict)

    def read(self, column: pl.Series) -> Typed:
        """The typed column of a chunk."""
        kind = self.reading.field_of(self.name).type
        dtype = _DTYPES.get(kind, pl.String)
        empty = column == ""
        values = self._fast(kind, column, dtype)
        rest = values.is_null() & ~empty
        if not rest.any():
            return Typed(values)
        return self._slow(column, values, rest, dtype, _reader(kind, self.name, self.reading))

    def _fast(self, kind: FieldType, column: pl.Series, dtype: Any) -> pl.Series:
        match kind:
            case FieldType.NUMBER | FieldType.CODE:
                plain = column.str.contains(_PLAIN_CODE) & ~column.str.contains(_NOT_PLAIN)
                return _where(plain, column)
            case FieldType.TEXT:
                return _where(~column.str.contains(words.SUSPECT) & (column.str.len_chars() <= 2000), column)
            case FieldType.DATE:
                return self._fast_dates(column)
            case FieldType.MONEY:
                return _fast_money(column, self.reading.currency)
            case FieldType.QUANTITY:
                return _where(column.str.contains(_COUNT), column).cast(pl.Int64, strict=False)
            case FieldType.EMAIL:
                return _where(column.str.contains(_PLAIN_MAIL), column)
            case FieldType.PHONE if self.reading.region == "CN":
                return _where(column.str.contains(_MOBILE), "+86" + column)
            case _:
                return pl.Series(column.name, [None] * len(column), dtype=dtype)

    def _fast_dates(self, column: pl.Series) -> pl.Series:
        sample = next((value for value in column.head(200) if value), "")
        chosen = next((form for pattern, form in _FORMATS if pl.Series([sample]).str.contains(pattern)[0]), None)
        if chosen is None:
            return pl.Series(column.name, [None] * len(column), dtype=UTC_TIME)
        local = column.str.to_datetime(chosen, strict=False, time_unit="us")
        zoned = local.dt.replace_time_zone(self.reading.zone.key, ambiguous="earliest", non_existent="null")
        moments = zoned.dt.convert_time_zone("UTC")
        inside = (moments >= EARLIEST) & (moments <= self.reading.now + AHEAD - timedelta(days=1))
        read = _where(inside, moments)
        if read.null_count() < len(read):
            self._count({shape_of(sample): len(read) - read.null_count()})
        return read

    def _count(self, shapes: Mapping[str, int]) -> None:
        self.evidence.add(self.reading.header_of(self.name), shapes)

    def _slow(self, column: pl.Series, values: pl.Series, rest: pl.Series, dtype: Any, read: Reader) -> Typed:
        distinct = column.filter(rest).unique().to_list()
        cells = {value: self._cell(value, read) for value in distinct}
        found = _map(column, {text: cell.value for text, cell in cells.items()}, dtype)
        faults = {text: cell.fault.value for text, cell in cells.items() if cell.fault}
        notes = {text: cell.note.value for text, cell in cells.items() if cell.note}
        if dtype == UTC_TIME:
            for text, count in column.filter(rest).value_counts().iter_rows():
                self._count({shape_of(text): count})
        marked = pl.select(pl.when(rest).then(column).otherwise(None)).to_series()
        return Typed(
            pl.select(pl.when(rest).then(found).otherwise(values)).to_series().rename(self.name),
            _map(marked, faults, pl.String) if faults else None,
            _map(marked, notes, pl.String) if notes else None,
        )

    def _cell(self, value: str, read: Reader) -> Cell[Any]:
        cell = self.remembered.get(value)
        if cell is None:
            cell = read(value)
            if len(self.remembered) < REMEMBERED:
                self.remembered[value] = cell
        return cell


def _reader(kind: FieldType, name: str, reading: Reading) -> Reader:
    match kind:
        case FieldType.NUMBER:
            return words.read_number_code
        case FieldType.CODE:
            return words.read_code
        case FieldType.DATE:
            order = reading.date_orders.get(reading.header_of(name))
            rules = DateRules(reading.zone, order, reading.now)
            return lambda value: read_date(value, rules)
        case FieldType.MONEY:
            return lambda value: read_money(value, currency=reading.currency)
        case FieldType.QUANTITY:
            return read_quantity
        case FieldType.FLAG:
            return words.read_flag
        case FieldType.REASON:
            return lambda value: read_reason(value, chosen=reading.reasons)
        case FieldType.PHONE:
            return lambda value: read_phone(value, region=reading.region)
        case FieldType.EMAIL:
            return read_email
        case _:
            return words.read_text


def _where(condition: pl.Series, values: pl.Series) -> pl.Series:
    return pl.select(pl.when(condition).then(values).otherwise(None)).to_series().rename(values.name)


def _map(column: pl.Series, table: Mapping[str, Any], dtype: Any) -> pl.Series:
    known = {text: value for text, value in table.items() if value is not None}
    if not known:
        return pl.Series(column.name, [None] * len(column), dtype=dtype)
    return column.replace_strict(
        pl.Series(list(known), dtype=pl.String),
        pl.Series(list(known.values()), dtype=dtype),
        default=None,
        return_dtype=dtype,
    )


def _fast_money(column: pl.Series, currency: str) -> pl.Series:
    places = precision(currency)
    pattern = rf"^\d{{1,9}}(?:\.\d{{1,{places}}})?$" if places else r"^\d{1,12}$"
    numbers = _where(column.str.contains(pattern), column).cast(pl.Float64, strict=False)
    # At most 11 digits, far inside what a double holds exactly.
    minor: pl.Series = (numbers * 10**places).round().cast(pl.Int64, strict=False)
    return minor.rename(column.name)
