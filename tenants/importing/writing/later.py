"""Returns that name no order: linked at the end of the file to the customer's latest sale of the product."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
from sqlalchemy import text

from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.importing.writing.catalog import Catalog
from alliance.tenants.importing.writing.customers import Contact, Customers
from alliance.tenants.importing.writing.stage import LATER, STAGE, affected, analyze, copy_frame

_SALES = "CREATE TEMP TABLE IF NOT EXISTS alliance_file_sale (customer_key text, sku text) ON COMMIT DROP"
_REMEMBER = """
INSERT INTO alliance_file_sale SELECT DISTINCT customer_key, sku FROM alliance_stage
WHERE is_sale AND customer_key IS NOT NULL AND sku IS NOT NULL
"""
_SALE = """
    SELECT o.id, o.number, o.customer_id, o.placed_at
    FROM tenants.orders o
    JOIN tenants.order_line l ON l.shop_id = :shop AND l.order_id = o.id AND l.variant_id = s.variant_id
    WHERE o.shop_id = :shop AND o.customer_id = s.customer_id
      AND o.placed_at <= coalesce(s.requested_at, s.received_at, s.resolved_at, :now) + interval '1 day'
    ORDER BY o.placed_at DESC, o.id DESC LIMIT 1
"""
_LOST = """
SELECT s.row FROM alliance_stage_later s
WHERE NOT EXISTS ({sale})
  AND NOT EXISTS (SELECT FROM alliance_file_sale f WHERE f.customer_key = s.customer_key AND f.sku = s.sku)
"""
_BRING_BACK = """
INSERT INTO alliance_stage ({columns})
SELECT {values} FROM alliance_stage_later s JOIN LATERAL ({sale}) f ON true ORDER BY s.n
"""
_COLUMNS = (
    "row",
    "sku",
    "variant_id",
    "is_sale",
    "is_return",
    "return_line_key",
    "return_quantity",
    "requested_at",
    "received_at",
    "resolved_at",
    "deadline",
    "refund",
    "return_cost",
    "handling_cost",
    "reason",
    "reason_text",
    "wish",
    "authorisation",
    "logistics",
    "settlement",
    "platform_status",
    "waybill",
    "carrier",
)


@dataclass
class Later:
    """The rows of this file that wait for its end."""

    uow: UnitOfWork
    reading: Reading
    customers: Customers
    catalog: Catalog
    rows: int = 0

    def prepare(self) -> None:
        """Empty what an earlier pass of this transaction has left."""
        self.uow.session.execute(text(_SALES))
        self.uow.session.execute(text("TRUNCATE alliance_file_sale, alliance_stage_later"))
        self.rows = 0

    def set_apart(self, frame: pl.DataFrame, *, dry: bool = False) -> pl.DataFrame:
        """Put returns without an order number aside; the others. `dry`: the frame's variants are not real ones."""
        frame = self._with_customer_key(frame)
        waiting = frame.filter(pl.col("is_return") & pl.col("order_number").is_null())
        if not waiting.height:
            return frame
        if dry:
            self.catalog.unknown_skus(waiting)
            known = self.catalog.known
            ids = [str(known[sku]) if sku in known else None for sku in waiting["sku"].to_list()]
            waiting = waiting.with_columns(pl.Series("variant_id", ids, dtype=pl.String))
        found = [
            self.customers.find(Contact(source, phone, email, None))
            for source, phone, email in waiting.select("customer_id", "phone", "email").iter_rows()
        ]
        people = pl.Series("stage_customer_id", [str(item) if item else None for item in found], dtype=pl.String)
        copy_frame(self.uow.session, waiting.with_columns(people), table=LATER)
        self.rows += waiting.height
        return frame.filter(~(pl.col("is_return") & pl.col("order_number").is_null()))

    def remember_sales(self) -> None:
        """In a check: the sales of this file, which are not in the shop's tables yet."""
        if self.reading.kind is ImportKind.COMBINED:
            self.uow.session.execute(text(_REMEMBER))

    def rows_without_sale(self) -> list[int]:
        """Rows whose customer never bought the product, in the shop or in this file."""
        if not self.rows:
            return []
        values = {"shop": self.uow.scope.shop, "now": self.reading.now}
        return list(self.uow.session.scalars(text(_LOST.format(sale=_SALE)), values))

    def bring_back(self) -> int:
        """Into the empty stage: the rows whose sale is found, with its order's number; how many. The others stay."""
        chosen = {name: f"s.{name}" for name in _COLUMNS}
        chosen["order_number"] = "f.number"
        chosen["return_number"] = "coalesce(s.return_number, f.number || s.return_suffix)"
        statement = _BRING_BACK.format(sale=_SALE, columns=", ".join(chosen), values=", ".join(chosen.values()))
        moved = affected(self.uow.session, statement, {"shop": self.uow.scope.shop, "now": self.reading.now})
        analyze(self.uow.session, STAGE)
        return moved

    def _with_customer_key(self, frame: pl.DataFrame) -> pl.DataFrame:
        if not self.reading.has("customer_id", "phone", "email"):
            return frame
        return frame.with_columns(pl.coalesce("customer_id", "phone", "email").alias("stage_customer_key"))
