"""Returns and their lines from staged rows, linked to the orders they name."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from alliance.tenants.importing.writing.stage import LINK, affected, analyze

_LINK = """
INSERT INTO alliance_link (n, order_id, customer_id, too_early, order_line_id)
SELECT s.n, o.id, coalesce(o.customer_id, s.customer_id),
       coalesce(o.complete AND o.placed_at - interval '1 day' > least(s.requested_at, s.received_at), false), ol.id
FROM alliance_stage s {orders}
LEFT JOIN tenants.order_line ol ON ol.shop_id = :shop AND ol.order_id = o.id AND ol.variant_id = s.variant_id
WHERE s.is_return {rows}
"""
_SAME_CHANNEL = "JOIN tenants.orders o ON o.shop_id = :shop AND o.number = s.order_number AND o.channel = :channel"
# A return portal does not know which platform an order came through; any channel's order of that number will do.
_ANY_CHANNEL = """JOIN LATERAL (
    SELECT o.* FROM tenants.orders o WHERE o.shop_id = :shop AND o.number = s.order_number
    ORDER BY o.complete DESC, o.id LIMIT 1
) o ON true"""
_LEFT_OVER = "AND NOT EXISTS (SELECT FROM alliance_link l WHERE l.n = s.n)"
# An order with the same variant on two lines links twice; the line with the return's own key is meant, else the first.
_ONLY_ONE = """
DELETE FROM alliance_link l USING (
    SELECT l.ctid AS place, row_number() OVER (
        PARTITION BY l.n ORDER BY ol.line_key IS DISTINCT FROM s.return_line_key, ol.line_key) AS position
    FROM alliance_link l JOIN alliance_stage s ON s.n = l.n
    LEFT JOIN tenants.order_line ol ON ol.shop_id = :shop AND ol.id = l.order_line_id
) ranked
WHERE l.ctid = ranked.place AND ranked.position > 1
"""
_LINKED = (
    "SELECT count(DISTINCT n) AS rows, count(*) AS links, count(*) FILTER (WHERE too_early) AS early FROM alliance_link"
)
_UNLINKED = (
    "SELECT s.row FROM alliance_stage s WHERE s.is_return AND NOT EXISTS (SELECT FROM alliance_link l WHERE l.n = s.n)"
)
_INFERRED = """
INSERT INTO tenants.orders (shop_id, id, number, channel, placed_at, total_minor, currency, customer_id, complete,
                            import_id, created_at)
SELECT :shop, platform.new_id(), s.number, :channel, s.placed_at, 0, :currency, s.customer_id, false, :import, :now
FROM (
    SELECT order_number AS number, min(n) AS n,
           coalesce(min(placed_at), min(requested_at), min(received_at), min(resolved_at), :now) AS placed_at,
           (array_agg(customer_id ORDER BY n) FILTER (WHERE customer_id IS NOT NULL))[1] AS customer_id
    FROM alliance_stage s
    WHERE is_return AND order_number IS NOT NULL AND NOT EXISTS (SELECT FROM alliance_link l WHERE l.n = s.n)
    GROUP BY order_number
) s ORDER BY s.n
ON CONFLICT DO NOTHING
"""
_TOO_EARLY = """
WITH early AS (DELETE FROM alliance_link WHERE too_early RETURNING n)
DELETE FROM alliance_stage s USING early WHERE s.n = early.n RETURNING s.row
"""
_SHARED = """(shop_id, id, number, channel, order_id, customer_id, authorisation, logistics, inspection, settlement,
    requested_at, listed_at, deadline, received_at, resolved_at, platform_status, carrier, waybill, return_cost_minor,
    refund_minor, handling_cost_minor, currency, import_id, created_at)"""
# Known returns are left out by a look-up: ON CONFLICT would nearly double the cost of every row. Whoever else writes
# the same number at the same moment makes the import fail and run again.
_ONE_LINE = """
INSERT INTO tenants.returns {columns}
SELECT :shop, s.return_id, s.return_number, :channel, l.order_id, l.customer_id, s.authorisation, s.logistics,
       'pending', s.settlement, s.requested_at, coalesce(s.requested_at, s.received_at, :now), s.deadline,
       s.received_at, s.resolved_at, s.platform_status, s.carrier, s.waybill, s.return_cost, s.refund,
       s.handling_cost, :currency, :import, :now
FROM alliance_stage s JOIN alliance_link l ON l.n = s.n
WHERE s.is_return AND NOT EXISTS (
    SELECT FROM tenants.returns r WHERE r.shop_id = :shop AND r.number = s.return_number AND r.channel = :channel)
ORDER BY s.n
"""
# Several rows of one return: what stands on any of them holds, money adds up, the least advanced line decides.
_MANY_LINES = """
INSERT INTO tenants.returns {columns}
SELECT :shop, platform.new_id(), s.return_number, :channel,
       (array_agg(l.order_id ORDER BY s.n))[1], (array_agg(l.customer_id ORDER BY s.n))[1],
       (array_agg(s.authorisation ORDER BY s.n))[1], (array_agg(s.logistics ORDER BY s.n))[1], 'pending',
       (array_agg(s.settlement
                  ORDER BY (CASE s.settlement WHEN 'none' THEN 0 WHEN 'pending' THEN 1 ELSE 2 END), s.n))[1],
       min(s.requested_at), coalesce(min(s.requested_at), min(s.received_at), :now), min(s.deadline),
       max(s.received_at), max(s.resolved_at), (array_agg(s.platform_status ORDER BY s.n))[1],
       max(s.carrier), max(s.waybill), sum(s.return_cost), sum(s.refund), sum(s.handling_cost), :currency, :import, :now
FROM alliance_stage s JOIN alliance_link l ON l.n = s.n
WHERE s.is_return GROUP BY s.return_number ORDER BY min(s.n)
ON CONFLICT DO NOTHING
"""
_LINE_COLUMNS = """(shop_id, id, return_id, line_key, order_line_id, variant_id, quantity, reason, reason_text_sealed,
    wish, inspection, settlement, responsibility, refund_minor, import_id)"""
_LINES = """
INSERT INTO tenants.return_line {columns}
SELECT :shop, platform.new_id(), {return_id}, s.return_line_key,
       l.order_line_id, s.variant_id, s.return_quantity, s.reason, {sealed}, s.wish, 'pending', s.settlement,
       'undetermined', s.refund, :import
FROM alliance_stage s JOIN alliance_link l ON l.n = s.n {joins}
WHERE s.is_return AND s.variant_id IS NOT NULL ORDER BY s.n
{conflicts}
"""
_BY_NUMBER = "JOIN tenants.returns r ON r.shop_id = :shop AND r.number = s.return_number AND r.channel = :channel"
_WHOLE_ORDERS = """
INSERT INTO tenants.return_line {columns}
SELECT :shop, platform.new_id(), r.id, ol.line_key, ol.id, ol.variant_id, ol.quantity, s.reason, NULL, s.wish,
       'pending', s.settlement, 'undetermined', NULL, :import
FROM alliance_stage s JOIN alliance_link l ON l.n = s.n {joins}
JOIN tenants.order_line ol ON ol.shop_id = :shop AND ol.order_id = l.order_id
WHERE s.is_return AND s.variant_id IS NULL ORDER BY s.n
ON CONFLICT DO NOTHING
"""
_NAMELESS = """
UPDATE alliance_stage s SET variant_id = :variant FROM alliance_link l
WHERE l.n = s.n AND s.is_return AND s.variant_id IS NULL AND NOT EXISTS (
    SELECT FROM tenants.order_line ol WHERE ol.shop_id = :shop AND ol.order_id = l.order_id)
"""
_REFUNDS = """
UPDATE tenants.returns r SET refund_minor = t.refund
FROM (
    SELECT l.return_id, sum(l.refund_minor) AS refund FROM tenants.return_line l
    WHERE l.shop_id = :shop AND l.import_id = :import GROUP BY l.return_id
) t
WHERE r.shop_id = :shop AND r.id = t.return_id AND r.import_id = :import AND t.refund IS NOT NULL
  AND r.refund_minor IS DISTINCT FROM t.refund
"""
_KNOWN = """
SELECT DISTINCT s.row FROM alliance_stage s
JOIN tenants.returns r ON r.shop_id = :shop AND r.number = s.return_number AND r.channel = :channel
WHERE s.is_return AND (s.variant_id IS NULL OR EXISTS (
    SELECT FROM tenants.return_line l
    WHERE l.shop_id = :shop AND l.return_id = r.id AND l.line_key = s.return_line_key))
"""


@dataclass(frozen=True, slots=True)
class Links:
    """How many staged returns found their order, and how many of those are dated more than a day before it."""

    linked: int
    too_early: int


def link_orders(session: Session, *, shop: UUID, channel: str, coming: int) -> Links:
    """Find the order, and the sold line, of each of the `coming` staged returns."""
    session.execute(text("TRUNCATE alliance_link"))
    values = {"shop": shop, "channel": channel}
    session.execute(text(_LINK.format(orders=_SAME_CHANNEL, rows="")), values)
    links = count_links(session, shop=shop)
    if links.linked < coming:
        analyze(session, LINK)
        session.execute(text(_LINK.format(orders=_ANY_CHANNEL, rows=_LEFT_OVER)), values)
        links = count_links(session, shop=shop)
    analyze(session, LINK)
    return links


def count_links(session: Session, *, shop: UUID) -> Links:
    """The links as they stand, one a row."""
    found = session.execute(text(_LINKED)).one()
    if found.links > found.rows:
        analyze(session, LINK)
        session.execute(text(_ONLY_ONE), {"shop": shop})
        found = session.execute(text(_LINKED)).one()
    return Links(int(found.rows), int(found.early))


def unlinked_rows(session: Session) -> list[int]:
    """The rows of staged returns whose order the shop does not have."""
    return list(session.scalars(text(_UNLINKED)))


def infer_orders(session: Session, **values: object) -> int:
    """Make incomplete orders for returns whose order is unknown; how many were made. Link them afterwards."""
    return affected(session, _INFERRED, values)


def refuse_too_early(session: Session) -> list[int]:
    """Take out returns dated more than a day before their order; their rows."""
    return list(session.scalars(text(_TOO_EARLY)))


def insert_returns(session: Session, *, staged: int, single: bool, sealed: bool, **values: object) -> tuple[int, int]:
    """Write the chunk's `staged` linked returns and their lines; how many of each are new.

    `single`: every row is a return of its own, which needs no grouping, and no look-up where all are new.
    """
    made = affected(session, (_ONE_LINE if single else _MANY_LINES).format(columns=_SHARED), values)
    direct = single and made == staged
    lines = _LINES.format(
        columns=_LINE_COLUMNS,
        return_id="s.return_id" if direct else "r.id",
        sealed="t.sealed" if sealed else "NULL",
        # A return that has just been made has no line yet.
        conflicts="" if direct else "ON CONFLICT DO NOTHING",
        joins=("" if direct else _BY_NUMBER) + (" LEFT JOIN alliance_sealed t ON t.n = s.n" if sealed else ""),
    )
    written = affected(session, lines, values)
    return made, written


def insert_whole_orders(session: Session, **values: object) -> int:
    """Lines of returns that name no product: every line of their order; how many are new."""
    return affected(session, _WHOLE_ORDERS.format(columns=_LINE_COLUMNS, joins=_BY_NUMBER), values)


def name_the_nameless(session: Session, *, shop: UUID, variant: UUID) -> None:
    """Give the stand-in variant to returns that name no product and whose order has no lines."""
    session.execute(text(_NAMELESS), {"shop": shop, "variant": variant})


def settle_refunds(session: Session, *, shop: UUID, import_id: UUID) -> None:
    """Add up the refunds of returns whose lines were spread over the file."""
    session.execute(text(_REFUNDS), {"shop": shop, "import": import_id})


def known_rows(session: Session, *, shop: UUID, channel: str) -> set[int]:
    """Rows of the chunk whose return line the shop already has."""
    return set(session.scalars(text(_KNOWN), {"shop": shop, "channel": channel}))
