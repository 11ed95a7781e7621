"""Products and variants of staged rows: known SKUs are looked up once, unknown ones are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import polars as pl
from sqlalchemy import ARRAY, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.catalog.models import Product, Variant

UNNAMED = "未注明商品"
BATCH = 5_000
_PRODUCT = ("sku", "product_key", "title", "category", "size", "colour", "unit_price", "stock")


@dataclass
class Catalog:
    """The shop's variants by SKU as far as this import has met them; `made` those it had to make."""

    uow: UnitOfWork
    import_id: UUID
    now: datetime
    known: dict[str, UUID] = field(default_factory=dict)
    products: int = 0
    variants: int = 0

    def attach(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with `variant_id`; null where a row names no product. Makes what is missing."""
        fresh = self._distinct(frame).filter(~pl.col("sku").is_in(list(self.known)))
        if fresh.height:
            self._look_up(fresh["sku"].to_list())
            missing = fresh.filter(~pl.col("sku").is_in(list(self.known)))
            if missing.height:
                self._make(missing)
        wanted = frame["sku"].drop_nulls().unique()
        ids = pl.Series([str(self.known[sku]) for sku in wanted], dtype=pl.String)
        if not len(wanted):
            return frame.with_columns(pl.lit(None, pl.String).alias("variant_id"))
        return frame.with_columns(
            pl.col("sku").replace_strict(wanted, ids, default=None, return_dtype=pl.String).alias("variant_id")
        )

    def unnamed(self) -> UUID:
        """The variant that stands for a product nobody named; made on first use."""
        if UNNAMED not in self.known:
            self._look_up([UNNAMED])
        if UNNAMED not in self.known:
            values = {name: [None] for name in _PRODUCT} | {name: [UNNAMED] for name in ("sku", "product_key", "title")}
            self._make(pl.DataFrame(values, schema_overrides={"unit_price": pl.Int64, "stock": pl.Int64}))
        return self.known[UNNAMED]

    def unknown_skus(self, frame: pl.DataFrame) -> set[str]:
        """SKUs of a chunk that the shop does not have; makes nothing."""
        fresh = [sku for sku in frame["sku"].drop_nulls().unique().to_list() if sku not in self.known]
        self._look_up(fresh)
        return {sku for sku in fresh if sku not in self.known}

    def _distinct(self, frame: pl.DataFrame) -> pl.DataFrame:
        return (
            frame.filter(pl.col("sku").is_not_null()).select(_PRODUCT).unique("sku", keep="first", maintain_order=True)
        )

    def _look_up(self, skus: list[str]) -> None:
        for start in range(0, len(skus), BATCH):
            wanted = bindparam("skus", skus[start : start + BATCH], type_=ARRAY(Text))
            statement = select(Variant.sku, Variant.id).where(
                Variant.shop_id == self.uow.scope.shop, text("tenants.variant.sku = ANY(:skus)").bindparams(wanted)
            )
            self.known.update((sku, variant_id) for sku, variant_id in self.uow.session.execute(statement))

    def _make(self, missing: pl.DataFrame) -> None:
        products = self._products(missing)
        shop = self.uow.scope.shop
        rows = [
            {
                "shop_id": shop,
                "id": new_id(),
                "product_id": products[row["product_key"]],
                "sku": row["sku"],
                "size": row["size"],
                "colour": row["colour"],
                "price_minor": row["unit_price"],
                "stock": max(row["stock"] or 0, 0),
                "import_id": self.import_id,
                "created_at": self.now,
            }
            for row in missing.iter_rows(named=True)
        ]
        statement = insert(Variant).on_conflict_do_nothing().returning(Variant.sku, Variant.id)
        for start in range(0, len(rows), BATCH):
            chunk, nulls = rows[start : start + BATCH], {"render_nulls": True}
            made = self.uow.session.execute(statement, chunk, execution_options=nulls).all()
            self.known.update((sku, variant_id) for sku, variant_id in made)
            self.variants += len(made)
        # A SKU that another transaction made meanwhile is theirs now.
        self._look_up([row["sku"] for row in rows if row["sku"] not in self.known])

    def _products(self, missing: pl.DataFrame) -> dict[str, UUID]:
        styles = missing.unique("product_key", keep="first", maintain_order=True)
        rows = [
            {
                "shop_id": self.uow.scope.shop,
                "id": new_id(),
                "source_key": row["product_key"],
                "title": row["title"],
                "category": row["category"] or "",
                "import_id": self.import_id,
                "created_at": self.now,
            }
            for row in styles.iter_rows(named=True)
        ]
        statement = insert(Product).on_conflict_do_nothing().returning(Product.id)
        keys = [row["source_key"] for row in rows]
        found: dict[str, UUID] = {}
        for start in range(0, len(rows), BATCH):
            self.products += len(self.uow.session.execute(statement, rows[start : start + BATCH]).all())
            wanted = bindparam("keys", keys[start : start + BATCH], type_=ARRAY(Text))
            known = select(Product.source_key, Product.id).where(
                Product.shop_id == self.uow.scope.shop,
                text("tenants.product.source_key = ANY(:keys)").bindparams(wanted),
            )
            found.update((key, product_id) for key, product_id in self.uow.session.execute(known))
        return found
