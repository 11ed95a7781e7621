"""GraphQL reads through one server process, beside a hand-written endpoint and plain Strawberry with DataLoaders.

All three answer the same data from the same database with row-level security on, authenticate by the same cookie and
set the scope; ours also has its limits, permissions, CSRF token and rate limit on. A ratio is the other's CPU a
request over ours, of the server's process; PostgreSQL's own is printed beside it. Interleaved, median of five.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import reads_data
from first_page import free_port
from pydantic import SecretStr
from support.database import administrator, cloned_database, running_servers, settings_for

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.services import open_services

ROUNDS = int(os.environ.get("BENCH_READS_ROUNDS", "5"))
PAGE = (
    "query Page($n: Int!) { shop { id name returns(first: $n) { nodes { id number settlement requestedAt "
    "refund { amount currency } order { number placedAt total { amount currency } } customer { id } } } } }"
)
REASONS = 'query { shop { id name kpis(from: "2026-01", to: "2026-12") { byReason { key count share } } } }'
PLAIN_REASONS = "query { shop { id name kpis { byReason { key count share } } } }"
# How many requests a block has, and what the hand-written endpoint and DataLoaders are aimed at.
SIZES = {1: (60, 0.7, 5.0), 50: (30, 0.8, 12.0), 500: (8, 1.0, 50.0)}


@dataclass
class Variant:
    """One server process and how it is asked."""

    name: str
    target: str
    path: str
    body: Callable[[int | None], dict[str, Any]]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None
    csrf: dict[str, str] = field(default_factory=dict)
    connection: http.client.HTTPConnection | None = None

    def ask(self, token: str, size: int | None) -> bytes:
        """The answer's body; RuntimeError where it is no answer."""
        headers = {"Content-Type": "application/json", "Cookie": f"sid={token}"}
        if token in self.csrf:
            headers["X-CSRFToken"] = self.csrf[token]
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.connection.request("POST", self.path, json.dumps(self.body(size)), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{self.name}: {answer.status} {text[:300]!r}")
        return text


@dataclass
class Measured:
    """What a block took: CPU of server and PostgreSQL a request, and the seconds of each request."""

    cpu: float
    postgres: float
    seconds: list[float]


def variants() -> dict[str, Variant]:
    """The three of them."""
    return {
        "ours": Variant(
            "ours",
            "alliance.web.entry.wsgi:app",
            "/graphql",
            lambda size: {"query": REASONS} if size is None else {"query": PAGE, "variables": {"n": size}},
        ),
        "hand": Variant("hand", "handwritten:app", "/read", lambda size: {} if size is None else {"n": size}),
        "loader": Variant(
            "loader",
            "dataloading:app",
            "/graphql",
            lambda size: {"query": PLAIN_REASONS} if size is None else {"query": PAGE, "variables": {"n": size}},
        ),
    }


@contextmanager
def serving(variant: Variant, settings: Settings) -> Iterator[Variant]:
    """The variant's server while it runs: granian with one process and one thread for requests."""
    values = {name: getattr(settings, name) for name in type(settings).model_fields}
    environment = {
        name.upper(): value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        for name, value in values.items()
        if isinstance(value, SecretStr | str | Path | bool | int)
    }
    folders = os.pathsep.join((str(Path(__file__).parent), str(Path(__file__).parents[1])))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"]
    command += ["--port", str(variant.port), "--blocking-threads", "1", "--log-level", "warning", variant.target]
    environment = {**os.environ, **environment, "PYTHONPATH": folders, "PUBLIC_URL": f"http://127.0.0.1:{variant.port}"}
    variant.process = subprocess.Popen(command, env=environment, start_new_session=True)
    try:
        wait_for(variant)
        yield variant
    finally:
        os.killpg(variant.process.pid, signal.SIGTERM)
        variant.process.wait(30)


def wait_for(variant: Variant) -> None:
    """Until the server listens. RuntimeError after a minute."""
    for _attempt in range(600):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", variant.port, timeout=5)
            connection.request("GET", "/health/live")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{variant.name} does not listen")


def get_csrf(variant: Variant, token: str) -> str:
    """The session's CSRF token, from the editor's page."""
    connection = http.client.HTTPConnection("127.0.0.1", variant.port, timeout=30)
    connection.request("GET", "/graphiql", headers={"Cookie": f"sid={token}"})
    found = re.search(rb'data-token="([^"]+)"', connection.getresponse().read())
    if found is None:
        raise RuntimeError("the editor has no token")
    return found[1].decode()


def tree_cpu(pid: int) -> float:
    """CPU seconds of a process, its threads and its children."""
    total = 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        total += int((task / "schedstat").read_text().split()[0]) / 1e9
        children = (task / "children").read_text().split()
        total += sum(tree_cpu(int(child)) for child in children)
    return total


def postgres_cpu(admin: psycopg.Connection[Any]) -> float:
    """CPU seconds of the database's connections but this one."""
    rows = admin.execute(
        "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    ).fetchall()
    return sum(tree_cpu(int(row[0])) for row in rows)


def measured(variant: Variant, tokens: Iterator[str], size: int | None, count: int, admin: Any) -> Measured:
    """One block of requests."""
    assert variant.process is not None
    server, database = tree_cpu(variant.process.pid), postgres_cpu(admin)
    seconds = []
    for _request in range(count):
        started = time.perf_counter()
        variant.ask(next(tokens), size)
        seconds.append(time.perf_counter() - started)
    return Measured((tree_cpu(variant.process.pid) - server) / count, (postgres_cpu(admin) - database) / count, seconds)


def check_same(running: dict[str, Variant], token: str, size: int | None) -> None:
    """RuntimeError where the three do not answer the same data."""
    answers = {name: json.loads(variant.ask(token, size))["data"] for name, variant in running.items()}
    if len({json.dumps(answer, sort_keys=True) for answer in answers.values()}) != 1:
        raise RuntimeError(f"they differ: { {name: str(answer)[:400] for name, answer in answers.items()} }")


def compare(running: dict[str, Variant], tokens: Iterator[str], size: int | None, count: int, admin: Any) -> bool:
    """Blocks of all three in turn; prints a line for each, and says whether the aims were met."""
    check_same(running, next(tokens), size)
    for variant in running.values():
        measured(variant, tokens, size, max(8, count // 2), admin)
    blocks: dict[str, list[Measured]] = {name: [] for name in running}
    shuffled = random.Random(0)  # noqa: S311 (an order, no secret)
    for _round in range(ROUNDS):
        for name in shuffled.sample(list(running), len(running)):
            blocks[name].append(measured(running[name], tokens, size, count, admin))
    title = "aggregate" if size is None else f"{size} row{'s' if size > 1 else ''}"
    for name, found in blocks.items():
        print(line(title, name, found))
    ratios = {
        name: statistics.median(other.cpu / own.cpu for other, own in zip(blocks[name], blocks["ours"], strict=True))
        for name in ("hand", "loader")
    }
    aims = SIZES[size][1:] if size is not None else (0.0, 0.0)
    met = [ratio >= aim for ratio, aim in zip(ratios.values(), aims, strict=True)]
    told = ", ".join(
        f"{ratio:.2f} of {name} (aim {aim}{'' if ok else ', MISSED'})"
        for (name, ratio), aim, ok in zip(ratios.items(), aims, met, strict=True)
    )
    print(f"{title:<10} speed by CPU of the server: {told}\n")
    return all(met)


def line(title: str, name: str, blocks: list[Measured]) -> str:
    """A variant's numbers."""
    seconds = sorted(second for block in blocks for second in block.seconds)
    p99 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]
    p50 = statistics.median(seconds)
    return (
        f"{title:<10} {name:<8} {len(seconds) / sum(seconds):8.0f} req/s  p50 {p50 * 1e3:7.2f} ms"
        f"  p99 {p99 * 1e3:7.2f} ms  CPU {statistics.median(block.cpu for block in blocks) * 1e3:7.3f} ms"
        f"  PostgreSQL {statistics.median(block.postgres for block in blocks) * 1e3:7.3f} ms"
    )


def main() -> bool:
    """Measure, print, and say whether the aims were met."""
    with ExitStack() as stack:
        servers = stack.enter_context(running_servers())
        addresses = stack.enter_context(cloned_database(servers))
        home = Path(stack.enter_context(TemporaryDirectory()))
        settings = settings_for(addresses, servers.redis_url, home)
        services = open_services(settings)
        stack.callback(services.close)
        tokens = reads_data.tokens(services, reads_data.fill(services, addresses["MIGRATOR_DATABASE_URL"]))
        running = {name: stack.enter_context(serving(one, settings)) for name, one in variants().items()}
        running["ours"].csrf = {token: get_csrf(running["ours"], token) for token in tokens}
        admin = stack.enter_context(administrator(servers.admin_url))
        turn = cycle(tokens)
        print()
        kept = [compare(running, turn, size, SIZES[size][0], admin) for size in SIZES]
        compare(running, turn, None, 10, admin)
        return all(kept)
