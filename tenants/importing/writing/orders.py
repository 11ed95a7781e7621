"""Orders and their lines from staged rows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from alliance.tenants.importing.writing.stage import affected

# An order that a return had only named is completed; another import's complete one stays as it is. Where the file
# states no total, an order whose lines are spread over several chunks grows with each.
_ORDERS = """
WITH written AS (
    INSERT INTO tenants.orders (shop_id, id, number, channel, placed_at, delivered_at, total_minor, currency,
                                customer_id, contact_index, complete, import_id, created_at)
    SELECT :shop, platform.new_id(), s.number, :channel, s.placed_at, s.delivered_at, s.total, :currency,
           s.customer_id, s.contact_index, true, :import, :now
    FROM (
        SELECT order_number AS number, min(n) AS n,
               coalesce(min(placed_at), min(requested_at), min(received_at), :now) AS placed_at,
               max(delivered_at) AS delivered_at,
               coalesce(max(order_total), sum(coalesce(line_total, unit_price * quantity, 0))) AS total,
               (array_agg(customer_id ORDER BY n) FILTER (WHERE customer_id IS NOT NULL))[1] AS customer_id,
               (array_agg(contact_index ORDER BY n) FILTER (WHERE contact_index IS NOT NULL))[1] AS contact_index
        FROM alliance_stage WHERE is_sale AND order_number IS NOT NULL GROUP BY order_number
    ) s
    ORDER BY s.n
    ON CONFLICT (shop_id, number, channel) DO UPDATE SET
        placed_at = least(excluded.placed_at, CASE WHEN orders.complete THEN orders.placed_at END),
        delivered_at = greatest(excluded.delivered_at, orders.delivered_at),
        total_minor = excluded.total_minor + CASE WHEN orders.complete THEN orders.total_minor ELSE 0 END,
        customer_id = coalesce(orders.customer_id, excluded.customer_id),
        contact_index = coalesce(orders.contact_index, excluded.contact_index),
        complete = true
    WHERE NOT orders.complete OR (:adds_up AND orders.import_id = :import)
    RETURNING (xmax = 0) AS made, import_id
)
SELECT count(*) FILTER (WHERE made), count(*) FILTER (WHERE NOT made AND import_id IS DISTINCT FROM :import)
FROM written
"""
_LINES = """
INSERT INTO tenants.order_line
    (shop_id, id, order_id, line_key, variant_id, quantity, unit_price_minor, total_minor, import_id)
SELECT :shop, platform.new_id(), o.id, s.line_key, s.variant_id, s.quantity,
       coalesce(s.unit_price, v.price_minor, 0), s.line_total, :import
FROM alliance_stage s
JOIN tenants.orders o ON o.shop_id = :shop AND o.number = s.order_number AND o.channel = :channel
JOIN tenants.variant v ON v.shop_id = :shop AND v.id = s.variant_id
WHERE s.is_sale ORDER BY s.n
{conflicts}
"""
_KNOWN = """
SELECT DISTINCT s.row FROM alliance_stage s
JOIN tenants.orders o ON o.shop_id = :shop AND o.number = s.order_number AND o.channel = :channel
JOIN tenants.order_line l ON l.shop_id = :shop AND l.order_id = o.id AND l.line_key = s.line_key
WHERE s.is_sale AND NOT s.is_return
"""


def insert_orders(session: Session, *, adds_up: bool, **values: object) -> tuple[int, int]:
    """Write the chunk's orders: how many are new, and how many of earlier imports were completed.

    `adds_up`: totals are the sums of lines, so that a later chunk of the same order adds to it.
    """
    made, completed = session.execute(text(_ORDERS), {**values, "adds_up": adds_up}).one()
    return int(made), int(completed)


def insert_order_lines(session: Session, *, all_new: bool, **values: object) -> int:
    """Write the chunk's order lines; how many are new. `all_new`: their orders have just been made, so all are."""
    return affected(session, _LINES.format(conflicts="" if all_new else "ON CONFLICT DO NOTHING"), values)


def known_rows(session: Session, *, shop: UUID, channel: str) -> set[int]:
    """Rows of the chunk whose order line the shop already has."""
    return set(session.scalars(text(_KNOWN), {"shop": shop, "channel": channel}))
