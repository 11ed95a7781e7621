"""The endpoint that somebody would write by hand for one screen: Flask, psycopg and orjson, no schema, no limits.

It authenticates by the same cookie and tables, asks for the role, and sets the scope of every transaction.
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from flask import Flask, Response, abort, request

CALLER = """
SELECT s.account_id, s.active_shop_id, g.role, m.alliance_id, a.locale, p.name
FROM platform.login_session s JOIN platform.account a ON a.id = s.account_id
JOIN platform.access_grant g ON g.account_id = a.id AND g.until IS NULL AND g.scope_id = s.active_shop_id
JOIN platform.shop p ON p.id = g.scope_id
LEFT JOIN platform.alliance_membership m ON m.shop_id = g.scope_id AND m.left_at IS NULL
WHERE s.token_hash = %s AND s.revoked_at IS NULL AND s.expires_at > now() AND a.disabled_at IS NULL
"""
PAGE = """
SELECT r.id, r.number, r.settlement, r.requested_at, r.refund_minor, r.currency, o.number, o.placed_at, o.total_minor,
       o.currency, r.customer_id
FROM tenants.returns r JOIN tenants.orders o ON o.shop_id = r.shop_id AND o.id = r.order_id
WHERE r.shop_id = %s ORDER BY r.listed_at DESC, r.id DESC LIMIT %s
"""
REASONS = """
SELECT coalesce(l.reason, 'unknown'), sum(l.quantity)::int FROM tenants.return_line l
JOIN tenants.returns r ON r.shop_id = l.shop_id AND r.id = l.return_id
WHERE r.shop_id = %s AND l.shop_id = %s AND r.authorisation IN ('requested', 'approved') AND r.listed_at >= %s
  AND r.listed_at < %s
GROUP BY 1
"""
app = Flask(__name__)
held = threading.local()


def connection() -> psycopg.Connection[Any]:
    """This thread's connection."""
    if not hasattr(held, "connection"):
        options = "-c timezone=UTC -c statement_timeout=15000 -c application_name=handwritten"
        held.connection = psycopg.connect(os.environ["APP_DATABASE_URL"], options=options)
    found: psycopg.Connection[Any] = held.connection
    return found


def caller() -> Any:
    """Account, shop and role of the cookie's session; 401 for nobody, 403 for who may not read returns."""
    token = hashlib.sha256(request.cookies.get("sid", "").encode()).digest()
    db = connection()
    with db.transaction():
        db.execute("SET LOCAL alliance.system = 'on'")
        row = db.execute(CALLER, [token]).fetchone()
    if row is None:
        abort(401)
    if row[2] not in {"owner", "manager", "staff"}:
        abort(403)
    return row


def global_id(kind: str, key: Any) -> str:
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def money(minor: int, currency: str) -> dict[str, str]:
    return {"amount": f"{minor // 100}.{minor % 100:02d}", "currency": currency}


@app.post("/read")
def read() -> Response:
    """The screen's data, for `{"n": ...}` a page and for `{}` the reasons."""
    account, shop, _role, alliance, _locale, name = caller()
    size = (request.get_json() or {}).get("n")
    db = connection()
    with db.transaction():
        db.execute(
            f"SET LOCAL alliance.shop_id = '{shop}'; SET LOCAL alliance.alliance_id = '{alliance}'; "
            f"SET LOCAL alliance.account_id = '{account}'"
        )
        rows: Any = reasons(db, shop) if size is None else page(db, shop, min(int(size), 500))
    return Response(
        orjson.dumps({"data": {"shop": {"id": global_id("Shop", shop), "name": name, **rows}}}),
        content_type="application/json",
    )


def page(db: psycopg.Connection[Any], shop: Any, size: int) -> dict[str, Any]:
    return {"returns": {"nodes": [node(*row) for row in db.execute(PAGE, [shop, size])]}}


def node(
    key: Any,
    number: str,
    settlement: str,
    requested_at: datetime,
    refund: int,
    currency: str,
    order: str,
    placed_at: datetime,
    total: int,
    order_currency: str,
    customer: Any,
) -> dict[str, Any]:
    return {
        "id": global_id("Return", key),
        "number": number,
        "settlement": settlement.upper(),
        "requestedAt": moment(requested_at),
        "refund": money(refund, currency),
        "order": {"number": order, "placedAt": moment(placed_at), "total": money(total, order_currency)},
        "customer": {"id": global_id("Customer", customer)},
    }


def reasons(db: psycopg.Connection[Any], shop: Any) -> dict[str, Any]:
    first, beyond = datetime(2025, 12, 31, 16, tzinfo=UTC), datetime(2026, 12, 31, 16, tzinfo=UTC)
    found = dict(db.execute(REASONS, [shop, shop, first, beyond]).fetchall())
    whole = sum(found.values())
    ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {"kpis": {"byReason": [{"key": key, "count": count, "share": count / whole} for key, count in ranked]}}
