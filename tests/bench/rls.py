"""What row-level security costs: the product's own statements as the app login, against the same as a login that
bypasses it. Both name the shop in their WHERE and run in the same kind of transaction. Aim: at most 1.1.

Measured is the CPU time of each connection's own server process, so the servers must be on this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import psycopg
from measuring import Result, compare, cpu_seconds, show
from sqlalchemy import event
from support.actors import ShopActor, make_shop
from support.database import cloned_database, running_servers, settings_for

from alliance.platform.kernel import clock
from alliance.platform.kernel.paging import PageRequest
from alliance.platform.kernel.services import Services, open_services
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.tenants.insights.kpis import figures_by_month
from alliance.tenants.insights.months import month_of
from alliance.tenants.returns.filters import ReturnFilter
from alliance.tenants.returns.queries import get_return, list_returns
from alliance.tenants.returns.states import LogisticsState
from alliance.tenants.returns.workbench import count_desks

SHOPS, RETURNS_A_SHOP = 20, 5_000
LIMIT = 1.1
ZONE = "Asia/Shanghai"
# How often a statement runs in one block; enough before the first to have its plan and its pages at hand.
TIMES = {"one return": 60, "list of 50, newest": 30, "list of 50, filtered": 30, "workbench counts": 4, "months": 1}
WARM_UP = 10

# Rows of all shops lie between each other, as they would after years of everybody's imports; ids are in time order.
KEY = "('0192a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
SHOP = "(%(shops)s::uuid[])[1 + n %% %(count)s]"
AT = "now() - interval '355 days' * ((%(total)s - n) / %(total)s::float)"
FILL = tuple(
    f"INSERT INTO tenants.{columns} SELECT {values} FROM generate_series(0, %(total)s - 1) AS n"
    for columns, values in (
        (
            "orders (shop_id, id, number, channel, placed_at, total_minor, currency, complete, created_at)",
            f"{SHOP}, {KEY}, 'O' || n, '', {AT} - interval '5 days', 20000, 'CNY', true, now()",
        ),
        (
            "order_line (shop_id, id, order_id, line_key, variant_id, quantity, unit_price_minor)",
            f"{SHOP}, {KEY}, {KEY}, '1', {KEY}, 1, 20000",
        ),
        (
            """returns (shop_id, id, number, channel, order_id, authorisation, logistics, inspection, settlement,
            requested_at, listed_at, refund_minor, currency, created_at)""",
            f"""{SHOP}, {KEY}, 'R' || n, '', {KEY}, 'approved',
            CASE WHEN n %% 7 = 0 THEN 'in_transit' ELSE 'received' END, 'pending',
            CASE WHEN n %% 9 = 0 THEN 'pending' ELSE 'refunded' END, {AT}, {AT}, 20000, 'CNY', now()""",
        ),
        (
            """return_line (shop_id, id, return_id, line_key, order_line_id, variant_id, quantity, reason, inspection,
            settlement, responsibility)""",
            f"""{SHOP}, {KEY}, {KEY}, '1', {KEY}, {KEY}, 1, 'size-too-small', 'pending', 'pending', 'undetermined'""",
        ),
    )
)


@dataclass(frozen=True)
class Statement:
    """A statement as the product has sent it."""

    text: str
    values: dict[str, Any]


@contextmanager
def filled_database() -> Iterator[tuple[Services, ShopActor, str]]:
    """Services on a database full of returns, one of its shops, and the address of the bypassing login."""
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers())
        addresses = stack.enter_context(cloned_database(servers))
        home = Path(stack.enter_context(TemporaryDirectory()))
        services = open_services(settings_for(addresses, servers.redis_url, home))
        stack.callback(services.close)
        shops = [make_shop(services) for _ in range(SHOPS)]
        values = {"shops": [shop.id for shop in shops], "count": SHOPS, "total": SHOPS * RETURNS_A_SHOP}
        with psycopg.connect(addresses["MIGRATOR_DATABASE_URL"], autocommit=True) as connection:
            for fill in FILL:
                connection.execute(fill, values)
            connection.execute("VACUUM ANALYZE")
        yield services, shops[SHOPS // 2], addresses["MIGRATOR_DATABASE_URL"]


def sent_by(services: Services, shop: ShopActor, ask: Callable[[UnitOfWork], object]) -> list[Statement]:
    """The statements of a query of the product, without those that set the scope."""
    found: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            found.append(Statement(statement, dict(parameters)))

    engine = services.database.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        with unit_of_work(services, shop.scope) as uow:
            ask(uow)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return found


def questions(now_month: Any) -> dict[str, Callable[[UnitOfWork], object]]:
    """What is asked, as pages ask it."""
    first = now_month
    for _ in range(11):
        first = type(first)(first.year - (first.number == 1), (first.number - 2) % 12 + 1)
    on_the_way = ReturnFilter(logistics=(LogisticsState.IN_TRANSIT,))
    return {
        "one return": lambda uow: get_return(uow, number=f"R{SHOPS * 50 + SHOPS // 2}"),
        "list of 50, newest": lambda uow: list_returns(uow, request=PageRequest(first=50)),
        "list of 50, filtered": lambda uow: list_returns(uow, request=PageRequest(first=50), chosen=on_the_way),
        "workbench counts": count_desks,
        "months": lambda uow: figures_by_month(uow, first=first, last=now_month, zone=ZONE),
    }


class Login:
    """One login's connection, which measures what its server process spends."""

    def __init__(self, url: str, shop_id: UUID) -> None:
        self.connection = psycopg.connect(url)
        self.shop_id = shop_id
        self.pid = self.connection.info.backend_pid

    def ask(self, statements: list[Statement]) -> list[list[Any]]:
        """One transaction as the product makes it, and its rows."""
        with self.connection.transaction():
            self.connection.execute(f"SET LOCAL alliance.shop_id = '{UUID(str(self.shop_id))}'")
            return [self.connection.execute(found.text, found.values).fetchall() for found in statements]

    def run(self, statements: list[Statement], times: int) -> float:
        """Server CPU seconds of one transaction with these statements, as the mean of `times`."""
        before = cpu_seconds(self.pid)
        for _ in range(times):
            self.ask(statements)
        return (cpu_seconds(self.pid) - before) / times


def measure(ours: Login, bypassing: Login, name: str, statements: list[Statement]) -> Result:
    """Both logins on the same statements; AssertionError where they do not see the same rows."""
    times = TIMES[name]
    answers = [[login.ask(statements) for _ in range(WARM_UP)][-1] for login in (ours, bypassing)]
    if answers[0] != answers[1] or not all(answers[0]):
        raise AssertionError(f"{name}: the two logins do not see the same rows")
    return compare(name, lambda: ours.run(statements, times), lambda: bypassing.run(statements, times), limit=LIMIT)


def main() -> bool:
    """Measure everything; whether every limit was kept."""
    with filled_database() as (services, shop, bypassing_url):
        app_url = services.settings.app_database_url.get_secret_value()
        ours, bypassing = Login(app_url, shop.id), Login(bypassing_url, shop.id)
        results = [
            measure(ours, bypassing, name, sent_by(services, shop, ask))
            for name, ask in questions(month_of(clock.now(), ZONE)).items()
        ]
        for login in (ours, bypassing):
            login.connection.close()
    return show(f"Row-level security, {SHOPS} shops of {RETURNS_A_SHOP} returns: server CPU per transaction", results)
