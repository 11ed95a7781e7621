"""What customers wrote about returned pieces, sealed before it reaches a table that lasts."""

from __future__ import annotations

import polars as pl
from sqlalchemy import text

from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.writing.stage import copy_columns
from alliance.tenants.returns.reason_texts import seal_reason_text

_MAKE = "CREATE TEMP TABLE IF NOT EXISTS alliance_sealed (n integer, sealed bytea) ON COMMIT DROP"
# A text opens with the key of its return's customer: the one a known return has, a new one's first row's.
_WRITTEN = """
SELECT n, customer_id, reason_text FROM (
    SELECT s.n, s.reason_text, CASE WHEN r.id IS NOT NULL THEN r.customer_id
           ELSE first_value(l.customer_id) OVER (PARTITION BY s.return_number ORDER BY s.n) END AS customer_id
    FROM alliance_stage s JOIN alliance_link l ON l.n = s.n
    LEFT JOIN tenants.returns r ON r.shop_id = :shop AND r.number = s.return_number AND r.channel = :channel
    WHERE s.is_return
) staged WHERE reason_text IS NOT NULL
"""


def seal_staged(uow: UnitOfWork, *, channel: str) -> bool:
    """Seal the stage's texts under their returns' customers' keys, the shop's where nobody is named; whether any are.

    The text of a customer whose key was destroyed is dropped: erased stays erased.
    """
    session, shop, keys = uow.session, uow.scope.shop, uow.services.keys
    session.execute(text(_MAKE))
    session.execute(text("TRUNCATE alliance_sealed"))
    rows = session.execute(text(_WRITTEN), {"shop": shop, "channel": channel}).all()
    if not rows:
        return False
    people = list({row.customer_id for row in rows if row.customer_id is not None})
    known = keys.subject_keys(shop, people)
    shop_key = keys.shop_key(shop)
    numbers, values = [], []
    for row in rows:
        key = shop_key if row.customer_id is None else known.get(row.customer_id)
        sealed = seal_reason_text(key, row.reason_text, shop_id=shop, customer_id=row.customer_id) if key else None
        if sealed is not None:
            numbers.append(row.n)
            values.append("\\x" + sealed.hex())
    copy_columns(session, pl.DataFrame({"n": numbers, "sealed": values}), "alliance_sealed", ["n", "sealed"])
    return bool(numbers)
