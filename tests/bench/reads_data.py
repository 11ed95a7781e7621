"""Rows for the comparison of reads: several shops' returns lying between each other, and people who may read them."""

from __future__ import annotations

from typing import Any

import psycopg
from support.actors import ShopActor, make_alliance, make_member, make_shop
from support.logins import give_password, log_in_as

from alliance.platform.kernel.services import Services

SHOPS, RETURNS_A_SHOP, PEOPLE = 10, 3_000, 30

KEY = "('0192a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
SHOP = "(%(shops)s::uuid[])[1 + n %% %(count)s]"
AT = "timestamptz '2026-10-01 04:05:06.789+00' - interval '200 days' * ((%(total)s - n) / %(total)s::float)"
REASON = "(ARRAY['size-too-small', 'colour-too-dark', 'stained', 'too-long', 'unknown'])[1 + n %% 5]"
FILL = tuple(
    f"INSERT INTO tenants.{columns} SELECT {values} FROM generate_series(0, %(total)s - 1) AS n"
    for columns, values in (
        ("customer (shop_id, id, source_key, created_at)", f"{SHOP}, {KEY}, 'C' || n, now()"),
        (
            """orders (shop_id, id, number, channel, placed_at, total_minor, currency, customer_id, complete,
            created_at)""",
            f"{SHOP}, {KEY}, 'O' || n, '', {AT}, 19900 + n, 'CNY', {KEY}, true, now()",
        ),
        (
            """returns (shop_id, id, number, channel, order_id, customer_id, authorisation, logistics, inspection,
            settlement, requested_at, listed_at, refund_minor, currency, created_at)""",
            f"""{SHOP}, {KEY}, 'R' || n, '', {KEY}, {KEY}, 'approved', 'received', 'pending', 'refunded', {AT}, {AT},
            19900 + n, 'CNY', now()""",
        ),
        (
            """return_line (shop_id, id, return_id, line_key, order_line_id, variant_id, quantity, reason, inspection,
            settlement, responsibility)""",
            f"{SHOP}, {KEY}, {KEY}, '1', {KEY}, {KEY}, 1 + n %% 2, {REASON}, 'pending', 'pending', 'undetermined'",
        ),
    )
)


def fill(services: Services, migrator: str) -> ShopActor:
    """One of the shops, whose returns have orders, customers and lines."""
    alliance = make_alliance(services)
    shops = [make_shop(services, alliance=alliance) for _unused in range(SHOPS)]
    values: dict[str, Any] = {
        "shops": [shop.id for shop in shops],
        "count": SHOPS,
        "total": SHOPS * RETURNS_A_SHOP,
    }
    with psycopg.connect(migrator, autocommit=True) as connection:
        for statement in FILL:
            connection.execute(statement, values)
        connection.execute("VACUUM ANALYZE")
    return shops[SHOPS // 2]


def tokens(services: Services, shop: ShopActor) -> list[str]:
    """Session tokens of owners of the shop; several, for each of them is limited to so many requests a minute."""
    people = [give_password(services, make_member(services, shop)) for _unused in range(PEOPLE)]
    return [log_in_as(services, person).token for person in people]
