"""Plain Strawberry with DataLoaders over the same tables and the same authentication, as its documentation shows it."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import strawberry
from flask import Flask, Response, request
from handwritten import REASONS, caller, connection, global_id, moment, money
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache

RETURNS = """
SELECT id, number, settlement, requested_at, refund_minor, currency, order_id, customer_id FROM tenants.returns
WHERE shop_id = %s ORDER BY listed_at DESC, id DESC LIMIT %s
"""
ORDERS = "SELECT id, number, placed_at, total_minor, currency FROM tenants.orders WHERE shop_id = %s AND id = ANY(%s)"
CUSTOMERS = "SELECT id FROM tenants.customer WHERE shop_id = %s AND id = ANY(%s)"


@strawberry.type
class Money:
    amount: str
    currency: str


@strawberry.type
class Customer:
    id: strawberry.ID


@strawberry.type
class Order:
    number: str
    placed_at: str
    total: Money


@strawberry.type
class Return:
    id: strawberry.ID
    number: str
    settlement: str
    requested_at: str
    refund: Money
    order_id: strawberry.Private[Any]
    customer_id: strawberry.Private[Any]

    @strawberry.field
    async def order(self, info: strawberry.Info) -> Order:
        found: Order = await info.context["orders"].load(self.order_id)
        return found

    @strawberry.field
    async def customer(self, info: strawberry.Info) -> Customer:
        found: Customer = await info.context["customers"].load(self.customer_id)
        return found


@strawberry.type
class Returns:
    nodes: list[Return]


@strawberry.type
class CountByKey:
    key: str
    count: int
    share: float


@strawberry.type
class Kpis:
    by_reason: list[CountByKey]


@strawberry.type
class Shop:
    id: strawberry.ID
    name: str
    key: strawberry.Private[Any]

    @strawberry.field
    async def returns(self, first: int) -> Returns:
        rows = connection().execute(RETURNS, [self.key, min(first, 500)])
        return Returns(
            nodes=[
                Return(
                    id=strawberry.ID(global_id("Return", row[0])),
                    number=row[1],
                    settlement=row[2].upper(),
                    requested_at=moment(row[3]),
                    refund=Money(**money(row[4], row[5])),
                    order_id=row[6],
                    customer_id=row[7],
                )
                for row in rows
            ]
        )

    @strawberry.field
    async def kpis(self) -> Kpis:
        found = dict(connection().execute(REASONS, [self.key, self.key, "2025-12-31 16:00Z", "2026-12-31 16:00Z"]))
        whole = sum(found.values())
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return Kpis(by_reason=[CountByKey(key=key, count=count, share=count / whole) for key, count in ranked])


@strawberry.type
class Query:
    @strawberry.field
    async def shop(self, info: strawberry.Info) -> Shop:
        key = info.context["shop"]
        return Shop(id=strawberry.ID(global_id("Shop", key)), name=info.context["name"], key=key)


schema = strawberry.Schema(Query, extensions=[ParserCache(), ValidationCache()])
app = Flask(__name__)


def loaders(shop: Any) -> dict[str, Any]:
    async def orders(keys: list[Any]) -> list[Order]:
        rows = connection().execute(ORDERS, [shop, keys]).fetchall()
        found = {row[0]: Order(number=row[1], placed_at=moment(row[2]), total=Money(**money(*row[3:]))) for row in rows}
        return [found[key] for key in keys]

    async def customers(keys: list[Any]) -> list[Customer]:
        rows = connection().execute(CUSTOMERS, [shop, keys]).fetchall()
        found = {row[0]: Customer(id=strawberry.ID(global_id("Customer", row[0]))) for row in rows}
        return [found[key] for key in keys]

    return {"orders": DataLoader(orders), "customers": DataLoader(customers)}


@app.post("/graphql")
def answer() -> Response:
    """One document in the caller's scope."""
    account, shop, _role, alliance, _locale, name = caller()
    body = request.get_json()

    async def run() -> Any:
        context = {"shop": shop, "name": name, **loaders(shop)}
        return await schema.execute(body["query"], variable_values=body.get("variables"), context_value=context)

    with connection().transaction():
        connection().execute(
            f"SET LOCAL alliance.shop_id = '{shop}'; SET LOCAL alliance.alliance_id = '{alliance}'; "
            f"SET LOCAL alliance.account_id = '{account}'"
        )
        result = asyncio.run(run())
    return Response(orjson.dumps({"data": result.data}), content_type="application/json")
