"""A validated import of return rows against a bare INSERT .. SELECT of the same rows, already staged.

Both go into the tables of returns and return lines, under row-level security, as the app login, each into a shop of
its own with the same known orders, customers and variants. The bare statements start from a staged table and join
what the import must join too: order, sold line and variant. The import reads the encrypted CSV, checks every cell,
stages, links, counts, and writes in one transaction. It works on two cores: it reads the next chunk while PostgreSQL
takes the one before, so its rate is that of the slower of the two. Aim: at least 0.8 of the bare rate, in flat memory.

Rates are by CPU time of the slower side, since machines are shared; the wall clock is printed beside it.
Rows: BENCH_IMPORT_ROWS, a million by default; rounds: BENCH_IMPORT_ROUNDS, one by default.
"""

from __future__ import annotations

import os
import resource
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from measuring import Result, cpu_seconds, show
from sqlalchemy import text
from support.actors import ShopActor, make_shop
from support.database import cloned_database, running_servers, settings_for

from alliance.platform.kernel.files import store_file
from alliance.platform.kernel.services import Services, open_services
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.tenants.importing.committing import write_import
from alliance.tenants.importing.context import get_import, without_time_limit
from alliance.tenants.importing.starting import start_import
from alliance.tenants.importing.states import ImportKind, ImportStatus

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "1000000"))
ROUNDS = int(os.environ.get("BENCH_IMPORT_ROUNDS", "1"))
LIMIT = 1 / 0.8
MEMORY_LIMIT_MB = 400
VARIANTS, CUSTOMERS = 3_000, 50_000
PAGE = resource.getpagesize()

KEY = "('0192a000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid"
FILL = (
    "INSERT INTO tenants.product (shop_id, id, source_key, title, category, created_at) "
    f"SELECT :shop, {KEY}, 'P' || n, 'Style ' || n, '', now() FROM generate_series(0, :variants - 1) n",
    "INSERT INTO tenants.variant (shop_id, id, product_id, sku, stock, created_at) "
    f"SELECT :shop, {KEY}, {KEY}, 'SKU-' || n, 0, now() FROM generate_series(0, :variants - 1) n",
    "INSERT INTO tenants.customer (shop_id, id, source_key, created_at) "
    f"SELECT :shop, {KEY}, 'C' || n, now() FROM generate_series(0, :customers - 1) n",
    "INSERT INTO tenants.orders (shop_id, id, number, channel, placed_at, total_minor, currency, customer_id, "
    f"complete, created_at) SELECT :shop, {KEY}, (202600000000 + n)::text, '', '2026-01-01', 20000, 'CNY', "
    "('0192a000-0000-7000-8000-' || lpad(to_hex(n % :customers), 12, '0'))::uuid, true, now() "
    "FROM generate_series(0, :rows - 1) n",
    "INSERT INTO tenants.order_line (shop_id, id, order_id, line_key, variant_id, quantity, unit_price_minor) "
    f"SELECT :shop, {KEY}, {KEY}, 'SKU-' || (n % :variants), "
    "('0192a000-0000-7000-8000-' || lpad(to_hex(n % :variants), 12, '0'))::uuid, 1, 20000 "
    "FROM generate_series(0, :rows - 1) n",
)
STAGED = """
CREATE TEMP TABLE bare ON COMMIT DROP AS
SELECT n, platform.new_id() AS return_id, 'TH' || lpad(n::text, 9, '0') AS number,
       (202600000000 + n)::text AS order_number, 'SKU-' || (n % :variants) AS sku, 1 AS quantity,
       timestamptz '2026-02-01' + n % 200 * interval '1 day' AS requested_at,
       (ARRAY['size-too-small', 'colour-differs-from-picture', 'quality-other', 'changed-mind'])[1 + n % 4] AS reason,
       (n % 50000)::bigint AS refund
FROM generate_series(0, :rows - 1) n
"""
BARE = (
    """INSERT INTO tenants.returns (shop_id, id, number, channel, order_id, customer_id, authorisation, logistics,
           inspection, settlement, requested_at, listed_at, platform_status, refund_minor, currency, created_at)
       SELECT :shop, s.return_id, s.number, '', o.id, o.customer_id, 'approved', 'received', 'pending', 'refunded',
              s.requested_at, s.requested_at, '退款成功', s.refund, 'CNY', now()
       FROM bare s
       JOIN tenants.orders o ON o.shop_id = :shop AND o.number = s.order_number AND o.channel = '' ORDER BY s.n""",
    """INSERT INTO tenants.return_line (shop_id, id, return_id, line_key, order_line_id, variant_id, quantity, reason,
           inspection, settlement, responsibility, refund_minor)
       SELECT :shop, platform.new_id(), s.return_id, s.sku, l.id, v.id, s.quantity, s.reason, 'pending', 'refunded',
              'undetermined', s.refund
       FROM bare s
       JOIN tenants.orders o ON o.shop_id = :shop AND o.number = s.order_number AND o.channel = ''
       JOIN tenants.variant v ON v.shop_id = :shop AND v.sku = s.sku
       LEFT JOIN tenants.order_line l ON l.shop_id = :shop AND l.order_id = o.id AND l.variant_id = v.id
       ORDER BY s.n""",
)


@contextmanager
def database() -> Iterator[tuple[Services, str]]:
    """Services on a fresh database, and its migrator's address."""
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers())
        addresses = stack.enter_context(cloned_database(servers))
        home = Path(stack.enter_context(TemporaryDirectory()))
        services = open_services(settings_for(addresses, servers.redis_url, home))
        stack.callback(services.close)
        yield services, addresses["MIGRATOR_DATABASE_URL"]


def filled_shop(services: Services, migrator: str) -> ShopActor:
    """A shop with known orders, customers and variants."""
    shop = make_shop(services)
    values = {"shop": shop.id, "rows": ROWS, "variants": VARIANTS, "customers": CUSTOMERS}
    with unit_of_work(services, shop.scope) as uow:
        without_time_limit(uow)
        for statement in FILL:
            uow.session.execute(text(statement), values)
    with psycopg.connect(migrator, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return shop


def write_file(path: Path) -> None:
    """The returns as a CSV in our template."""
    reasons = ("尺码偏小", "色差", "质量问题", "不想要了")
    with path.open("w", encoding="utf-8-sig") as out:
        out.write("订单号,SKU,退货数量,退货单号,申请时间,退货原因,售后状态,退款金额\n")
        for n in range(ROWS):
            day = f"2026-{2 + n % 8:02d}-{1 + n % 28:02d} 10:{n % 60:02d}:00"
            out.write(
                f"{202600000000 + n},SKU-{n % VARIANTS},1,TH{n:09d},{day},{reasons[n % 4]},退款成功,"
                f"{n % 50000 / 100:.2f}\n"
            )


def bare(services: Services, shop: ShopActor) -> tuple[float, float]:
    """Seconds by the wall, and of the server's CPU, for the statements alone."""
    values = {"shop": shop.id, "rows": ROWS, "variants": VARIANTS}
    with unit_of_work(services, shop.scope) as uow:
        without_time_limit(uow)
        uow.session.execute(text(STAGED), values)
        uow.session.execute(text("ANALYZE bare"))
        backend = backend_pid(uow)
        started, used = time.monotonic(), cpu_seconds(backend)
        for statement in BARE:
            uow.session.execute(text(statement), values)
        return time.monotonic() - started, cpu_seconds(backend) - used


@dataclass(frozen=True)
class Spent:
    """Seconds by the wall, of the server's CPU and of the client's, and the bytes the client grew by."""

    wall: float
    server: float
    client: float
    growth: int

    @property
    def slower(self) -> float:
        """The side that the other one waits for."""
        return max(self.server, self.client)


def imported(services: Services, shop: ShopActor, path: Path) -> Spent:
    """The commit of the file."""
    with unit_of_work(services, shop.scope) as uow, path.open("rb") as stream:
        file = store_file(uow, stream=stream, name="returns.csv", content_type="text/csv")
        row = start_import(uow, file_id=file.id, kind=ImportKind.RETURNS, preset="template_returns")
        row.status = ImportStatus.COMMITTING.value
        import_id = row.id
    with unit_of_work(services, shop.scope) as uow, watched_memory() as peak:
        backend = backend_pid(uow)
        started, server, client = time.monotonic(), cpu_seconds(backend), time.process_time()
        created = write_import(uow, get_import(uow, import_id), progress=lambda _done: None)
        client = time.process_time() - client
        spent = Spent(time.monotonic() - started, cpu_seconds(backend) - server, client, peak[0])
    if (created["returns"], created["return_lines"], created["inferred_orders"]) != (ROWS, ROWS, 0):
        raise RuntimeError(f"the import wrote something else: {created}")
    return spent


@contextmanager
def watched_memory() -> Iterator[list[int]]:
    """The most this process grew inside the block, in bytes."""
    before, peak, ended = resident(), [0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            peak[0] = max(peak[0], resident() - before)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    yield peak
    ended.set()
    thread.join()


def resident() -> int:
    """Resident bytes of this process."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def backend_pid(uow: UnitOfWork) -> int:
    """The server process of this transaction."""
    return int(uow.session.scalar(text("SELECT pg_backend_pid()")) or 0)


def main() -> bool:
    """Measure, print, and say whether the limits were kept."""
    rounds: list[tuple[Spent, tuple[float, float]]] = []
    with database() as (services, migrator), TemporaryDirectory() as folder:
        path = Path(folder) / "returns.csv"
        write_file(path)
        for _round in range(ROUNDS):
            base = bare(services, filled_shop(services, migrator))
            rounds.append((imported(services, filled_shop(services, migrator), path), base))
    result = Result(
        "CPU of the slower side",
        ours=statistics.median(ours.slower for ours, _base in rounds),
        baseline=statistics.median(base[1] for _ours, base in rounds),
        ratio=statistics.median(ours.slower / base[1] for ours, base in rounds),
        limit=LIMIT,
    )
    kept = show(f"Import of {ROWS:,} returns against a bare INSERT .. SELECT (1.25 is 0.8 of its rate)", [result])
    wall = statistics.median(ours.wall / base[0] for ours, base in rounds)
    client = statistics.median(ours.client / ours.server for ours, _base in rounds)
    memory = max(ours.growth for ours, _base in rounds) / 1024 / 1024
    print(f"By the wall clock: {wall:.2f}; the client's CPU is {client:.2f} of the server's")
    print(f"Rows a CPU second: {ROWS / result.ours:,.0f}, bare {ROWS / result.baseline:,.0f}")
    print(f"The client grew by at most {memory:.0f} MB (limit {MEMORY_LIMIT_MB})")
    return kept and memory <= MEMORY_LIMIT_MB


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
