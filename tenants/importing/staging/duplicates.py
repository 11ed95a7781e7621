"""Rows that a file holds more than once, and the position of each line among those that look alike.

A row with an id of its own repeats when its id does; any other row when all its mapped cells do. State is 16 bytes a
row: 64-bit hashes, whose chance of a false match is below one in ten million for a million rows.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

IDENTITY, CONTENT, POSITION = "_identity", "_content", "_position"
SEED = 20_261


@dataclass
class Duplicates:
    """Remembers what the chunks before have brought."""

    seen: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema={IDENTITY: pl.UInt64, CONTENT: pl.UInt64}))

    def take(self, frame: pl.DataFrame, *, unique: pl.Expr) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The rows that are new, with `_position` among alike ones, and those that repeat an earlier row.

        `frame` carries `_identity` and `_content`; where `unique` is true the identity alone decides.
        """
        marked = frame.with_columns(pl.when(unique).then(pl.col(IDENTITY)).otherwise(pl.col(CONTENT)).alias(CONTENT))
        first = marked.is_empty() or marked[CONTENT].n_unique() == marked.height
        repeated = pl.lit(value=False) if first else ~pl.col(CONTENT).is_first_distinct()
        if self.seen.height:
            known = self.seen.join(marked.select(CONTENT), on=CONTENT, how="semi")
            if known.height:
                repeated = repeated | pl.col(CONTENT).is_in(known[CONTENT].implode())
        marked = marked.with_columns(repeated.alias("_again"))
        fresh = marked.filter(~pl.col("_again"))
        fresh = self._with_positions(fresh)
        self.seen = pl.concat([self.seen, fresh.select(IDENTITY, CONTENT)])
        return fresh.drop("_again"), marked.filter(pl.col("_again"))

    def _with_positions(self, fresh: pl.DataFrame) -> pl.DataFrame:
        if not fresh.height or fresh[IDENTITY].n_unique() == fresh.height:
            position = pl.lit(0, pl.Int64)
        else:
            position = (pl.int_range(pl.len()).over(IDENTITY)).cast(pl.Int64)
        fresh = fresh.with_columns(position.alias(POSITION))
        if not self.seen.height:
            return fresh
        alike = self.seen.join(fresh.select(IDENTITY), on=IDENTITY, how="semi")
        if not alike.height:
            return fresh
        before = alike.group_by(IDENTITY).len().with_columns(pl.col("len").cast(pl.Int64))
        joined = fresh.join(before, on=IDENTITY, how="left", maintain_order="left")
        return joined.with_columns(pl.col(POSITION) + pl.col("len").fill_null(0)).drop("len")
