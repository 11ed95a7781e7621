"""From typed columns to what check and commit stage: product keys, sold and returned quantities, axes, line keys."""

from __future__ import annotations

import re
from functools import cache

import polars as pl

from alliance.tenants.importing.cells.statuses import Axes, is_refund_only, read_status, read_wish
from alliance.tenants.importing.cells.words import clean_text
from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.staging.columns import UTC_TIME
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.returns.states import AuthorisationState, LogisticsState, RefundState

_TEXTS = (
    "order_number",
    "line_id",
    "customer_id",
    "customer_name",
    "phone",
    "email",
    "sku",
    "product_id",
    "product_title",
    "category",
    "size",
    "colour",
    "return_number",
    "return_line_id",
    "reason",
    "reason_text",
    "wish",
    "status",
    "waybill",
    "carrier",
    "spec",
    "currency",
)
_DATES = ("placed_at", "shipped_at", "delivered_at", "requested_at", "received_at", "resolved_at", "deadline")
_NUMBERS = (
    "order_total",
    "quantity",
    "price",
    "line_total",
    "stock",
    "return_quantity",
    "refund",
    "return_cost",
    "handling_cost",
)
PLACES = {"authorisation": 0, "logistics": 1, "settlement": 2}
_SIZE = re.compile(r"尺码|尺寸|码数|size|规格", re.I)
_COLOUR = re.compile(r"颜色|色|colou?r", re.I)
_BARE_SIZE = re.compile(r"^(?:[2-9]?X{0,4}[SML]|\d{2,3}|均码|F)(?:码)?$", re.I)


def with_all_fields(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with a null column for every field that is not mapped."""
    missing: list[pl.Expr] = []
    for names, dtype in ((_TEXTS, pl.String), (_DATES, UTC_TIME), (_NUMBERS, pl.Int64), (("returned",), pl.Boolean)):
        missing += [pl.lit(None, dtype).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(missing)


def with_products(frame: pl.DataFrame) -> pl.DataFrame:
    """Size and colour out of a combined variant, a SKU for what has none, and the key of the style."""
    if frame["spec"].null_count() < frame.height:
        table = {text: read_spec(text) for text in frame["spec"].drop_nulls().unique().to_list()}
        for index, name in enumerate(("size", "colour")):
            read = pl.col("spec").replace_strict(
                list(table), [pair[index] for pair in table.values()], default=None, return_dtype=pl.String
            )
            frame = frame.with_columns(pl.coalesce(name, read).alias(name))
    style = pl.coalesce("product_id", "product_title")
    made = pl.when(style.is_not_null()).then(pl.concat_str([style, "colour", "size"], separator="/", ignore_nulls=True))
    return frame.with_columns(
        pl.coalesce("sku", made).alias("sku"),
        pl.coalesce("product_id", "product_title", "sku").alias("product_key"),
        pl.coalesce("product_title", "sku", "product_id").alias("title"),
    )


def read_spec(text: str) -> tuple[str | None, str | None]:
    """Size and colour of a variant text such as "颜色分类:军绿色;尺码:XS" or "军绿色/XS"; None for what it lacks."""
    size = colour = None
    for piece in re.split(r"[;；,，/|\n]+", clean_text(text)):
        label, separator, value = piece.replace("：", ":").partition(":")
        if separator and _COLOUR.search(label):
            colour = value.strip() or None
        elif separator and _SIZE.search(label):
            size = value.strip() or None
        elif not separator and _BARE_SIZE.match(piece.strip()):
            size = piece.strip()
        elif not separator and piece.strip() and colour is None:
            colour = piece.strip()
    return size, colour


def with_quantities(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Which rows are sales, which are returns, and how many pieces of each; unit price and refund in minor units."""
    quantity, back = pl.col("quantity"), pl.col("return_quantity")
    negative = quantity.fill_null(0) < 0
    match reading.kind:
        case ImportKind.RETURNS:
            sale, came_back = pl.lit(value=False), pl.lit(value=True)
            pieces = pl.coalesce(back, quantity, pl.lit(1)).abs()
        case ImportKind.COMBINED:
            sale = ~negative
            came_back = negative | _came_back(reading)
            pieces = pl.coalesce(back, quantity, pl.lit(1)).abs()
        case _:
            sale, came_back, pieces = pl.lit(value=True), pl.lit(value=False), pl.lit(None, pl.Int64)
    sold = quantity.fill_null(1).abs() if reading.kind is ImportKind.COMBINED else quantity.fill_null(1)
    each = (pl.col("line_total").abs().cast(pl.Float64) / sold.abs().clip(1)).round().cast(pl.Int64)
    return frame.with_columns(
        sale.alias("is_sale"),
        came_back.alias("is_return"),
        sold.alias("quantity"),
        pl.coalesce(pl.col("price").abs(), each).alias("unit_price"),
        pieces.alias("return_quantity"),
        pl.col("refund").abs().alias("refund"),
        negative.alias("_negative"),
    )


def _came_back(reading: Reading) -> pl.Expr:
    """Whether a row of a combined file tells of a return: by its flag where mapped, else by what only returns have."""
    counted = pl.col("return_quantity").fill_null(0) > 0
    if reading.has("returned"):
        return pl.col("returned").fill_null(value=False) | counted
    told = [pl.col(name).is_not_null() for name in ("requested_at", "received_at", "return_number", "reason")]
    return pl.any_horizontal(*told, counted, pl.col("refund").fill_null(0) != 0)


def with_axes(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Authorisation, logistics and settlement, from the platform's word, else from dates and refund."""
    states = frame["status"].drop_nulls().unique().to_list() if reading.has("status") else []
    known = {text: axes for text in states if (axes := reading.preset.statuses.get(text) or read_status(text))}
    received = pl.col("received_at").is_not_null()
    paid = pl.col("resolved_at").is_not_null() | (pl.col("refund").fill_null(0) > 0)
    history = reading.kind is ImportKind.COMBINED
    default = reading.preset.default
    guesses = {
        "authorisation": _either(
            received | paid | pl.lit(history), AuthorisationState.APPROVED, AuthorisationState.REQUESTED
        ),
        "logistics": _either(received | pl.lit(history), LogisticsState.RECEIVED, LogisticsState.AWAITING_PARCEL),
        "settlement": _either(paid | pl.lit(history), RefundState.REFUNDED, RefundState.NONE),
    }
    columns = []
    for name in PLACES:
        fallback = pl.lit(getattr(default, name).value) if default else guesses[name]
        columns.append(pl.coalesce(_axis(known, name), fallback).alias(name))
    frame = frame.with_columns(columns).with_columns(pl.col("status").alias("platform_status"))
    return _with_wishes(frame)


def _axis(known: dict[str, Axes], name: str) -> pl.Expr:
    if not known:
        return pl.lit(None, pl.String)
    values = [str(getattr(axes, name)) for axes in known.values()]
    return pl.col("status").replace_strict(list(known), values, default=None, return_dtype=pl.String)


def _either(condition: pl.Expr, yes: str, no: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(str(yes))).otherwise(pl.lit(str(no)))


def _with_wishes(frame: pl.DataFrame) -> pl.DataFrame:
    distinct = frame["wish"].drop_nulls().unique().to_list()
    if not distinct:
        return frame
    wishes = [_wish(text) for text in distinct]
    alone = [text for text in distinct if is_refund_only(text)]
    nothing_back = pl.col("wish").is_in(alone) & (pl.col("logistics") == str(LogisticsState.RECEIVED))
    return frame.with_columns(
        pl.when(nothing_back)
        .then(pl.lit(str(LogisticsState.AWAITING_PARCEL)))
        .otherwise("logistics")
        .alias("logistics"),
        pl.col("wish").replace_strict(distinct, wishes, default=None, return_dtype=pl.String).alias("wish"),
    )


@cache
def _wish(text: str) -> str | None:
    return read_wish(text)


def unknown_statuses(frame: pl.DataFrame, reading: Reading) -> list[str]:
    """Status texts of a chunk that nobody knows."""
    if not reading.has("status"):
        return []
    return [
        text
        for text in frame["status"].drop_nulls().unique().to_list()
        if text.strip() and not reading.preset.statuses.get(text) and read_status(text) is None
    ]


def with_return_numbers(frame: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """A number for returns whose source gives none: the order's, and the day where one is known.

    The same file, or a later export of the same returns, comes to the same numbers.
    """
    day = pl.coalesce("requested_at", "received_at", "resolved_at").dt.convert_time_zone(reading.zone.key)
    suffix = pl.concat_str([pl.lit("-R"), day.dt.strftime("%Y%m%d").fill_null("")])
    return frame.with_columns(
        suffix.alias("return_suffix"),
        pl.coalesce("return_number", pl.col("order_number") + suffix).alias("return_number"),
    )


def required_faults(frame: pl.DataFrame, reading: Reading) -> list[tuple[pl.Expr, Problem, str]]:
    """The conditions under which a row lacks what it cannot do without: condition, problem, field it is shown at."""
    empty = {name: pl.col(name).is_null() for name in ("order_number", "customer_id", "phone", "email")}
    product = pl.all_horizontal(pl.col(name).is_null() for name in ("sku", "product_id", "product_title"))
    faults: list[tuple[pl.Expr, Problem, str]] = []
    if reading.kind is not ImportKind.PRODUCTS:
        nobody = pl.all_horizontal(empty.values())
        if reading.kind is not ImportKind.RETURNS:
            # A sale needs its number; a return may find its sale by customer and product.
            nobody = nobody | (empty["order_number"] & pl.col("is_sale"))
        faults.append((nobody, Problem.REQUIRED_MISSING, "order_number"))
    if reading.kind is ImportKind.RETURNS:
        faults.append((empty["order_number"] & product, Problem.PRODUCT_MISSING, "sku"))
    else:
        faults.append((product, Problem.PRODUCT_MISSING, "sku"))
    return faults
