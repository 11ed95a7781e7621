"""The one way from rows to staged chunks, the same for check, commit and the download of bad rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import polars as pl

from alliance.tenants.importing.fields import FIELDS, FieldType
from alliance.tenants.importing.problems import Problem, Severity, severity_of
from alliance.tenants.importing.readers.rows import Block
from alliance.tenants.importing.staging import derive
from alliance.tenants.importing.staging.chunks import ROW, Chunk, read_chunks
from alliance.tenants.importing.staging.columns import ColumnReader
from alliance.tenants.importing.staging.duplicates import CONTENT, IDENTITY, POSITION, SEED, Duplicates
from alliance.tenants.importing.staging.evidence import DateEvidence
from alliance.tenants.importing.staging.findings import Finding
from alliance.tenants.importing.staging.items import PART, explode_items
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import ImportKind

# A return may be dated this much before its order: time zones, no more.
SLACK = timedelta(days=1)


@dataclass
class Staged:
    """One chunk: clean rows to stage, what was found, and how the file's rows divide. Rejected rows by number."""

    frame: pl.DataFrame
    findings: list[Finding]
    rows: int
    rejected: set[int]
    duplicates: set[int]


@dataclass
class Pipeline:
    """Stages a file chunk by chunk. Holds what later chunks need of earlier ones; use it for one pass only."""

    reading: Reading
    evidence: DateEvidence = field(default_factory=DateEvidence)

    def __post_init__(self) -> None:
        names = [
            name
            for name in self.reading.columns
            if FIELDS[name].type not in (FieldType.ITEMS, FieldType.STATUS, FieldType.WISH)
        ]
        self._readers = {name: ColumnReader(self.reading, name, self.evidence) for name in names}
        self._lines, self._returns = Duplicates(), Duplicates()
        self._carried: pl.DataFrame | None = None

    def run(self, blocks: Iterable[Block]) -> Iterator[Staged]:
        """Every chunk of a file."""
        for chunk in read_chunks(blocks, self.reading):
            yield self.stage(chunk)

    def stage(self, chunk: Chunk) -> Staged:
        """One chunk, in the file's order."""
        findings = [Finding(number, Problem(code)) for number, code in chunk.broken]
        raw, several = explode_items(chunk.frame, self.reading)
        if ROW in raw.columns:
            raw = raw.with_columns(raw.drop(ROW).hash_rows(SEED).alias(CONTENT))
        findings += [Finding(row, problem) for row, problem in several.items()]
        uneven = [row for row, problem in several.items() if problem is Problem.ITEMS_UNEVEN]
        if uneven:
            raw = raw.filter(~pl.col(ROW).is_in(uneven))
        typed, found = self._typed(raw)
        findings += found
        typed = self._filled(typed)
        frame = derive.with_all_fields(typed)
        frame = derive.with_quantities(frame, self.reading)
        faulty = {(item.row, item.column) for item in findings}
        # A number that could not be read is told of once, not as missing too.
        findings += [item for item in self._missing(frame) if (item.row, item.column) not in faulty]
        frame = derive.with_axes(derive.with_products(frame), self.reading)
        found, frame = self._checked(frame, raw)
        findings += found
        rejected = {finding.row for finding in findings if severity_of(finding.problem) is Severity.ERROR}
        if rejected:
            frame = frame.filter(~pl.col(ROW).is_in(list(rejected)))
        frame = derive.with_return_numbers(frame, self.reading)
        frame, duplicates = self._deduplicated(frame)
        findings = [
            item for item in findings if item.row not in duplicates or severity_of(item.problem) is Severity.ERROR
        ]
        return Staged(frame, findings, chunk.rows, rejected, duplicates - rejected)

    def _typed(self, raw: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
        columns, findings = [raw[ROW], raw[PART], raw[CONTENT]], []
        for name in (name for name in raw.columns if name in FIELDS):
            reader = self._readers.get(name)
            if reader is None and FIELDS[name].type in (FieldType.STATUS, FieldType.WISH):
                text = raw[name].str.strip_chars()
                columns.append(pl.select(pl.when(text != "").then(text)).to_series().rename(name))
                continue
            reader = reader or self._readers.setdefault(name, ColumnReader(self.reading, name, self.evidence))
            read = reader.read(raw[name])
            columns.append(read.values.rename(name))
            for codes in (read.faults, read.notes):
                if codes is not None:
                    findings += self._found(raw, name, codes)
        return pl.DataFrame(columns), findings

    def _found(self, raw: pl.DataFrame, name: str, codes: pl.Series) -> list[Finding]:
        header = self.reading.header_of(name)
        marked = raw.select(ROW, name).with_columns(codes.alias("_code")).filter(pl.col("_code").is_not_null())
        return [Finding(row, Problem(code), header, value) for row, value, code in marked.iter_rows()]

    def _filled(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Order fields that stand on an order's first row only, spread over all its rows, also across chunks."""
        names = [name for name in frame.columns if name in FIELDS and FIELDS[name].per_order]
        if "order_number" not in frame.columns or not names or not frame.height:
            return frame
        last = frame.tail(1)
        if self._carried is not None:
            frame = pl.concat([self._carried.with_columns(pl.lit(-1, pl.Int64).alias(ROW)), frame])
        holes = [name for name in names if frame[name].null_count()]
        if holes:
            firsts = frame.group_by("order_number").agg(
                pl.col(name).drop_nulls().first().alias(f"_{name}") for name in holes
            )
            frame = frame.join(firsts, on="order_number", how="left", maintain_order="left")
            frame = frame.with_columns(pl.coalesce(name, f"_{name}").alias(name) for name in holes)
            frame = frame.drop([f"_{name}" for name in holes])
            last = frame.tail(1)
        self._carried = last
        return frame.filter(pl.col(ROW) >= 0)

    def _missing(self, frame: pl.DataFrame) -> list[Finding]:
        findings = []
        for condition, problem, name in derive.required_faults(frame, self.reading):
            header = self.reading.header_of(name)
            findings += [Finding(row, problem, header) for row in frame.filter(condition)[ROW].unique().to_list()]
        return findings

    def _checked(self, frame: pl.DataFrame, raw: pl.DataFrame) -> tuple[list[Finding], pl.DataFrame]:
        """What only several columns together show: currency, quantities, signs, dates before the order."""
        findings = self._flagged(
            frame, raw, pl.col("currency").is_not_null() & ~self._own_currency(), Problem.CURRENCY_MISMATCH, "currency"
        )
        back = pl.col("is_return")
        if self.reading.kind in (ImportKind.ORDERS, ImportKind.PRODUCTS):
            findings += self._flagged(frame, raw, pl.col("quantity") <= 0, Problem.QUANTITY_NOT_POSITIVE, "quantity")
            findings += self._flagged(frame, raw, pl.col("price") < 0, Problem.MONEY_NEGATIVE, "price")
            findings += self._flagged(frame, raw, pl.col("line_total") < 0, Problem.MONEY_NEGATIVE, "line_total")
        else:
            name = "return_quantity" if self.reading.has("return_quantity") else "quantity"
            findings += self._flagged(
                frame, raw, back & (pl.col("return_quantity") == 0), Problem.QUANTITY_NOT_POSITIVE, name
            )
            sold = pl.col("is_sale") & (pl.col("quantity") == 0)
            findings += self._flagged(frame, raw, sold, Problem.QUANTITY_NOT_POSITIVE, "quantity")
        if self.reading.has("refund"):
            findings += self._signs(raw, frame)
        statuses = derive.unknown_statuses(frame, self.reading)
        if statuses:
            findings += self._flagged(frame, raw, pl.col("status").is_in(statuses), Problem.STATUS_UNKNOWN, "status")
        early = pl.min_horizontal("shipped_at", "delivered_at") < pl.col("placed_at")
        findings += self._flagged(frame, raw, early, Problem.SHIPPED_BEFORE_ORDER, "shipped_at")
        frame = frame.with_columns(
            pl.when(pl.col("delivered_at") < pl.col("placed_at"))
            .then(None)
            .otherwise("delivered_at")
            .alias("delivered_at")
        )
        return findings + self._before_order(frame, raw), frame

    def _own_currency(self) -> pl.Expr:
        names = [self.reading.currency] + (
            ["人民币", "RMB", "元", "￥", "¥", "CN¥"] if self.reading.currency == "CNY" else []
        )
        return pl.col("currency").str.to_uppercase().is_in(names)

    def _signs(self, raw: pl.DataFrame, frame: pl.DataFrame) -> list[Finding]:
        negative = raw["refund"].str.contains(r"^\s*(?:-|\().*\d")
        if self.reading.kind is ImportKind.COMBINED or not negative.any():
            return []
        header = self.reading.header_of("refund")
        marked = raw.filter(negative)
        return [
            Finding(row, Problem.MONEY_SIGN_DROPPED, header, value)
            for row, value in marked.select(ROW, "refund").iter_rows()
        ]

    def _before_order(self, frame: pl.DataFrame, raw: pl.DataFrame) -> list[Finding]:
        if not (self.reading.has("placed_at") and self.reading.has("requested_at", "received_at")):
            return []
        name = "requested_at" if self.reading.has("requested_at") else "received_at"
        gap = pl.col("placed_at") - pl.min_horizontal("requested_at", "received_at")
        back = pl.col("is_return")
        findings = self._flagged(frame, raw, back & (gap > SLACK), Problem.DATE_BEFORE_ORDER, name)
        slight = back & (gap > timedelta(0)) & (gap <= SLACK)
        return findings + self._flagged(frame, raw, slight, Problem.DATE_BEFORE_ORDER_SAME_DAY, name)

    def _flagged(
        self, frame: pl.DataFrame, raw: pl.DataFrame, condition: pl.Expr, problem: Problem, name: str
    ) -> list[Finding]:
        marked = frame.select(condition.fill_null(value=False).alias("_bad"))["_bad"]
        if not marked.any():
            return []
        header = self.reading.header_of(name)
        values = raw[name] if name in raw.columns else pl.Series([None] * raw.height, dtype=pl.String)
        pairs = zip(frame[ROW].filter(marked), values.filter(marked), strict=True)
        return [Finding(row, problem, header, value) for row, value in pairs]

    def _deduplicated(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, set[int]]:
        """Rows that are new to the file, with `line_key` and `return_line_key`; the numbers of those that repeat."""
        kind = self.reading.kind
        item = pl.coalesce("line_id", "sku", "title").fill_null("")
        # Rows without a number stand for themselves: the same customer, product and day.
        nobody = pl.concat_str(["customer_id", "phone", "email", "return_suffix"], separator="|", ignore_nulls=True)
        if kind is ImportKind.PRODUCTS:
            identity, unique = [pl.col("sku")], pl.lit(value=True)
        elif kind is ImportKind.RETURNS:
            identity = [pl.coalesce("return_number", nobody), pl.coalesce("return_line_id", item)]
            unique = pl.col("return_line_id").is_not_null() | pl.col("line_id").is_not_null()
        else:
            identity = [pl.coalesce("order_number", nobody), item, pl.col("_negative").cast(pl.String)]
            unique = pl.col("line_id").is_not_null()
        hashed = pl.struct(*[expr.alias(f"_k{i}") for i, expr in enumerate(identity)]).hash(SEED)
        fresh, again = self._lines.take(frame.with_columns(hashed.alias(IDENTITY)), unique=unique)
        place = (
            pl.when(pl.col(POSITION) > 0)
            .then(pl.concat_str([pl.lit("#"), (pl.col(POSITION) + 1).cast(pl.String)]))
            .otherwise(pl.lit(""))
        )
        plain = pl.coalesce("sku", "title", pl.lit(""))
        fresh = fresh.with_columns(
            pl.coalesce("line_id", pl.concat_str([plain, place])).alias("line_key"),
            pl.coalesce("return_line_id", "line_id", pl.concat_str([plain, place])).alias("return_line_key"),
        )
        return fresh, set(again[ROW].to_list()) - set(fresh[ROW].to_list())
