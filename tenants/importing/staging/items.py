"""Several products in one cell: such a row becomes one row a product, each under the same row number."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from alliance.platform.kernel.money import split_largest_remainder
from alliance.tenants.importing.cells.amounts import read_quantity
from alliance.tenants.importing.cells.words import clean_code, clean_text
from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.staging.chunks import ROW
from alliance.tenants.importing.staging.reading import Reading

PART = "_part"
_SEPARATORS = re.compile(r"[\n;；]+")
_SOFT_SEPARATORS = re.compile(r"[\n;；,，、]+")
_COUNTED = re.compile(
    r"^(?P<name>.+?)\s*(?:[x×*＊]\s*(?P<a>\d{1,5})|[(（]\s*(?P<b>\d{1,5})\s*(?:件|个)?\s*[)）])$", re.I
)
_SKU_IN_TEXT = re.compile(r"\bSKU\s*[:：]?\s*(?P<sku>[A-Za-z0-9][\w\-./]*)", re.I)
_CODE = re.compile(r"^[A-Za-z0-9][\w\-./]*$")
_SHARED_MONEY = ("refund", "line_total", "return_cost", "handling_cost")
_PER_LINE = (
    "sku",
    "product_title",
    "product_id",
    "size",
    "colour",
    "spec",
    "quantity",
    "return_quantity",
    "price",
    "line_id",
)
_MULTIPLE = r"[\n;；]"


def explode_items(frame: pl.DataFrame, reading: Reading) -> tuple[pl.DataFrame, dict[int, Problem]]:
    """The frame with rows of several products taken apart, `_part` counting them, and the rows concerned.

    A row whose counts do not match is left whole and carries ITEMS_UNEVEN; the others ITEMS_EXPLODED.
    """
    frame = frame.with_columns(pl.lit(0, pl.Int64).alias(PART))
    if reading.has("items"):
        frame = _with_product_columns(frame)
    marks = []
    if "sku" in frame.columns:
        marks.append(pl.col("sku").str.strip_chars().str.contains(_MULTIPLE))
    if "product_title" in frame.columns:
        # A title beside a SKU of its own may hold any sign; alone it may be a list.
        alone = pl.col("sku").str.strip_chars() == "" if "sku" in frame.columns else pl.lit(value=True)
        marks.append(alone & pl.col("product_title").str.strip_chars().str.contains(_MULTIPLE))
    if "items" in frame.columns:
        marks.append(pl.col("items").str.strip_chars() != "")
    if not marks:
        return frame, {}
    several = frame.filter(pl.any_horizontal(marks))
    if not several.height:
        return frame.drop("items", strict=False), {}
    rows: list[dict[str, Any]] = []
    found: dict[int, Problem] = {}
    for row in several.iter_rows(named=True):
        parts = _parts(row)
        if parts is None:
            found[row[ROW]] = Problem.ITEMS_UNEVEN
            rows.append(row)
        else:
            if len(parts) > 1:
                found[row[ROW]] = Problem.ITEMS_EXPLODED
            rows += parts
    exploded = pl.DataFrame(rows, schema=frame.schema)
    whole = pl.concat([frame.filter(~pl.any_horizontal(marks)), exploded]).sort(ROW, PART)
    return whole.drop("items", strict=False), found


def _with_product_columns(frame: pl.DataFrame) -> pl.DataFrame:
    missing = [name for name in ("sku", "product_title", "quantity") if name not in frame.columns]
    return frame.with_columns(pl.lit("").alias(name) for name in missing)


def _parts(row: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of one row; None where the counts of products and quantities differ."""
    listed = bool(row.get("items") and clean_text(row["items"]))
    parts: list[dict[str, Any]] | None = [*map(_item, _pieces(row["items"]))] if listed else _parallel(row)
    if parts is None:
        return None
    shared = {name: _share(row[name], len(parts)) for name in _SHARED_MONEY if row.get(name)}
    return [
        {**row, **part, PART: index, **{name: values[index] for name, values in shared.items()}}
        for index, part in enumerate(parts)
    ]


def _pieces(cell: str) -> list[str]:
    pieces = [piece.strip() for piece in _SEPARATORS.split(cell) if piece.strip()]
    if len(pieces) == 1:
        soft = [piece.strip() for piece in _SOFT_SEPARATORS.split(pieces[0]) if piece.strip()]
        # A comma may stand inside a title; it separates only where every piece is counted or a code.
        if len(soft) > 1 and all(_COUNTED.match(piece) or _CODE.match(piece) for piece in soft):
            return soft
    return pieces


def _item(piece: str) -> dict[str, str]:
    counted = _COUNTED.match(piece)
    name = counted["name"].strip() if counted else piece
    quantity = (counted["a"] or counted["b"]) if counted else "1"
    sku = _SKU_IN_TEXT.search(name)
    if sku:
        return {"sku": sku["sku"], "product_title": name[: sku.start()].strip(" -|(（:：,，"), "quantity": quantity}
    return {
        "sku": name if _CODE.match(name) else "",
        "product_title": "" if _CODE.match(name) else name,
        "quantity": quantity,
    }


def _parallel(row: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Columns that hold as many values as there are SKUs (or titles), side by side."""
    lead = "sku" if len(_split(row.get("sku", ""))) > 1 else "product_title"
    count = len(_split(row.get(lead, "")))
    if lead == "product_title" and "\n" not in row[lead].strip() and not _split(row.get("quantity") or "")[1:]:
        return [row]
    parts: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in _PER_LINE:
        values = _split(row.get(name) or "")
        if len(values) == count:
            for part, value in zip(parts, values, strict=True):
                part[name] = value
        elif name in ("quantity", "return_quantity") and values:
            if len(values) != 1 or read_quantity(values[0]).value not in (1, count):
                return None
            for part in parts:
                part[name] = "1"
        elif len(values) > 1:
            return None
    return parts


def _split(cell: str) -> list[str]:
    return [piece.strip() for piece in _SEPARATORS.split(cell) if piece.strip()]


def _share(value: str, parts: int) -> list[str]:
    """One amount for all pieces, split evenly to the last minor unit; as many amounts as pieces stay as they are."""
    values = _split(value)
    if len(values) == parts:
        return values
    text = clean_code(value)
    if parts == 1 or not re.fullmatch(r"-?\d+(?:\.\d{1,2})?", text):
        return [value] + [""] * (parts - 1)
    whole, _point, fraction = text.lstrip("-").partition(".")
    shares = split_largest_remainder(int(whole) * 100 + int(fraction.ljust(2, "0") or 0), [1] * parts)
    sign = "-" if text.startswith("-") else ""
    return [f"{sign}{share // 100}.{share % 100:02d}" for share in shares]
