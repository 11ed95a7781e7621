"""The first report: what a shopkeeper can act on within ten minutes of arriving with a file.

Money lost = refunds paid, where the source states none the price paid for the returned pieces (said apart), plus what
the way back and the handling cost where the file knows it; rejected and withdrawn returns cost nothing. What a piece
may still bring is not taken off: nobody knows it yet. Returned value over sold value is no return rate: that is
returned pieces over sold pieces of the orders of the months the import is about, where the shop has those orders.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text

from alliance.platform.grading.reasons import REASONS, UNKNOWN, ReasonLevel1
from alliance.platform.kernel import clock
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.queries import get_shop
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.context import get_import
from alliance.tenants.insights.intervals import Share, wilson

# Fewer sold (or, without sales, returned) pieces than this say nothing about a product.
LEAST_SOLD, LEAST_RETURNED, WORST = 10, 5, 3
RETURN_WINDOW_DAYS = 30
_LINES = """
    FROM tenants.return_line l
    JOIN tenants.returns r ON r.shop_id = :shop AND r.id = l.return_id
     AND r.authorisation NOT IN ('rejected', 'cancelled', 'expired')
    LEFT JOIN tenants.order_line ol ON ol.shop_id = :shop AND ol.id = l.order_line_id
    WHERE l.shop_id = :shop AND l.import_id = :import
"""
# What the returned pieces were sold for: their part of what the line came to, rounded to the minor unit.
_PAID = "round(l.quantity * coalesce(ol.total_minor::numeric / ol.quantity, ol.unit_price_minor))"
_REASONS = "SELECT coalesce(l.reason, ''), sum(l.quantity)" + _LINES + "GROUP BY 1"
_MONEY = (
    f"""SELECT coalesce(sum(l.refund_minor), 0) AS refunds,
       coalesce(sum({_PAID}) FILTER (WHERE l.refund_minor IS NULL), 0) AS estimated,
       coalesce(sum(l.quantity) FILTER (WHERE l.refund_minor IS NULL AND ol.id IS NOT NULL), 0) AS estimated_units,
       coalesce(sum(l.quantity) FILTER (WHERE l.refund_minor IS NULL AND ol.id IS NULL), 0) AS unknown_units"""
    + _LINES
)
_COSTS = """
SELECT count(*) AS returns, coalesce(sum(r.return_cost_minor), 0) AS way_back,
       coalesce(sum(r.handling_cost_minor), 0) AS handling,
       count(*) FILTER (WHERE r.deadline > :now AND r.settlement IN ('none', 'pending')) AS deadlines
FROM tenants.returns r WHERE r.shop_id = :shop AND r.import_id = :import
  AND r.authorisation NOT IN ('rejected', 'cancelled', 'expired')
"""
_PERIOD = """
SELECT date_trunc('month', min(o.placed_at) AT TIME ZONE :zone) AT TIME ZONE :zone AS first,
       (date_trunc('month', max(o.placed_at) AT TIME ZONE :zone) + interval '1 month') AT TIME ZONE :zone AS after,
       max(o.placed_at) AS last
FROM tenants.orders o
WHERE o.shop_id = :shop AND o.complete AND (o.import_id = :import OR EXISTS (
    SELECT FROM tenants.returns r WHERE r.shop_id = :shop AND r.order_id = o.id AND r.import_id = :import))
"""
_PRODUCTS = """
WITH sold AS (
    SELECT v.product_id, sum(ol.quantity) AS pieces FROM tenants.orders o
    JOIN tenants.order_line ol ON ol.shop_id = :shop AND ol.order_id = o.id
    JOIN tenants.variant v ON v.shop_id = :shop AND v.id = ol.variant_id
    WHERE o.shop_id = :shop AND o.complete AND o.placed_at >= :first AND o.placed_at < :after GROUP BY v.product_id
), back AS (
    SELECT v.product_id, sum(l.quantity) AS pieces, mode() WITHIN GROUP (ORDER BY l.reason) AS reason
    FROM tenants.return_line l
    JOIN tenants.returns r ON r.shop_id = :shop AND r.id = l.return_id
     AND r.authorisation NOT IN ('rejected', 'cancelled', 'expired')
    JOIN tenants.variant v ON v.shop_id = :shop AND v.id = l.variant_id
    JOIN tenants.orders o ON o.shop_id = :shop AND o.id = r.order_id
    WHERE l.shop_id = :shop AND o.complete AND o.placed_at >= :first AND o.placed_at < :after GROUP BY v.product_id
)
SELECT p.id, p.title, coalesce(back.pieces, 0) AS returned, sold.pieces AS sold, back.reason
FROM sold JOIN tenants.product p ON p.shop_id = :shop AND p.id = sold.product_id
LEFT JOIN back ON back.product_id = sold.product_id
"""
_RETURNED_ONLY = """
SELECT p.id, p.title, sum(l.quantity) AS returned, mode() WITHIN GROUP (ORDER BY l.reason) AS reason
FROM tenants.return_line l
JOIN tenants.returns r ON r.shop_id = :shop AND r.id = l.return_id
 AND r.authorisation NOT IN ('rejected', 'cancelled', 'expired')
JOIN tenants.variant v ON v.shop_id = :shop AND v.id = l.variant_id
JOIN tenants.product p ON p.shop_id = :shop AND p.id = v.product_id
WHERE l.shop_id = :shop AND l.import_id = :import GROUP BY p.id, p.title
"""


@dataclass(frozen=True, slots=True)
class ReasonShare:
    """Returned pieces of one reason, and their share of all."""

    handle: str
    units: int
    share: float


@dataclass(frozen=True, slots=True)
class MoneyLost:
    """Minor units. `estimated` stands for refunds the source does not state; `unknown_units` have no price at all."""

    refunds: int
    estimated: int
    estimated_units: int
    unknown_units: int
    way_back: int
    handling: int

    @property
    def total(self) -> int:
        """Refunds known and estimated, way back and handling."""
        return self.refunds + self.estimated + self.way_back + self.handling


@dataclass(frozen=True, slots=True)
class WorstProduct:
    """A product that comes back much: by its return rate with interval, or by pieces where sales are not known."""

    product_id: UUID
    title: str
    returned: int
    sold: int | None
    rate: Share | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class FirstReport:
    """The report of one import. `rate` is None where the shop's sales of the period or its returns are not known.

    Shares of reasons are of the pieces with a stated reason; `unstated` counts the others.
    """

    currency: str
    returns: int
    units: int
    unstated: int
    levels: tuple[tuple[ReasonLevel1, int, float], ...]
    reasons: tuple[ReasonShare, ...]
    unmapped: Share | None
    money: MoneyLost
    rate: Share | None
    sold: int
    not_final: bool
    worst: tuple[WorstProduct, ...]
    deadlines: int

    @property
    def is_reported(self) -> bool:
        """Whether the source reported any return at all; if not, there is nothing to compute, least of all 0 %."""
        return self.units > 0


def first_report(uow: UnitOfWork, import_id: UUID) -> FirstReport:
    """The report of a committed import of this shop, in six queries. Needs `imports:read`."""
    require(uow, Permission.IMPORTS_READ)
    row, shop = get_import(uow, import_id), get_shop(uow)
    session = uow.session
    values: dict[str, Any] = {"shop": uow.scope.shop, "import": row.id, "now": clock.now(), "zone": shop.timezone}
    counts: Counter[str] = Counter()
    unstated = 0
    for handle, units in session.execute(text(_REASONS), values):
        if handle:
            counts[handle if handle in REASONS else UNKNOWN] += int(units)
        else:
            unstated += int(units)
    units = counts.total() + unstated
    costs = session.execute(text(_COSTS), values).one()
    money = session.execute(text(_MONEY), values).one()
    period = session.execute(text(_PERIOD), values).one()
    sales = _sales(uow, values, period)
    returned = sum(product.returned for product in sales)
    sold = sum(product.sold or 0 for product in sales)
    rate = wilson(min(returned, sold), sold) if units and returned else None
    age = (clock.now() - period.last).days if period.last else None
    return FirstReport(
        currency=shop.currency,
        returns=int(costs.returns),
        units=units,
        unstated=unstated,
        levels=_levels(counts),
        reasons=_shares(counts),
        unmapped=wilson(counts[UNKNOWN], counts.total()) if counts.total() else None,
        money=_money(money, costs),
        rate=rate,
        sold=sold,
        not_final=age is not None and age < RETURN_WINDOW_DAYS,
        worst=_worst(uow, values, sales),
        deadlines=int(costs.deadlines),
    )


def _money(lines: Any, returns: Any) -> MoneyLost:
    return MoneyLost(
        refunds=int(lines.refunds),
        estimated=int(lines.estimated),
        estimated_units=int(lines.estimated_units),
        unknown_units=int(lines.unknown_units),
        way_back=int(returns.way_back),
        handling=int(returns.handling),
    )


def _shares(counts: Counter[str]) -> tuple[ReasonShare, ...]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(ReasonShare(handle, units, units / counts.total()) for handle, units in ranked)


def _levels(counts: Counter[str]) -> tuple[tuple[ReasonLevel1, int, float], ...]:
    by_level: Counter[ReasonLevel1] = Counter()
    for handle, units in counts.items():
        if handle != UNKNOWN:
            by_level[REASONS[handle].level1] += units
    return tuple((level, by_level[level], by_level[level] / counts.total()) for level in ReasonLevel1 if counts)


def _sales(uow: UnitOfWork, values: dict[str, Any], period: Any) -> list[WorstProduct]:
    """Sold and returned pieces of every product in the period; none where the shop has no complete order in it."""
    if period.first is None:
        return []
    rows = uow.session.execute(text(_PRODUCTS), {**values, "first": period.first, "after": period.after})
    return [WorstProduct(row.id, row.title, int(row.returned), int(row.sold), _rate(row), row.reason) for row in rows]


def _rate(row: Any) -> Share | None:
    return wilson(min(int(row.returned), int(row.sold)), int(row.sold))


def _worst(uow: UnitOfWork, values: dict[str, Any], sales: list[WorstProduct]) -> tuple[WorstProduct, ...]:
    """By the lower end of the rate's interval, so that a small product needs a high rate to stand here."""
    enough = [product for product in sales if (product.sold or 0) >= LEAST_SOLD and product.returned > 1]
    if sales:
        ranked = sorted(enough, key=lambda item: (-(item.rate.low if item.rate else 0), item.title))
        return tuple(ranked[:WORST])
    rows = uow.session.execute(text(_RETURNED_ONLY), values)
    found = [
        WorstProduct(row.id, row.title, int(row.returned), None, None, row.reason)
        for row in rows
        if int(row.returned) >= LEAST_RETURNED
    ]
    return tuple(sorted(found, key=lambda item: (-item.returned, item.title))[:WORST])
