"""From `make run` to the first page, in a warm environment: installed, migrated, stopped. Aim: three seconds.

The product is started for real, in a home of its own and on a free port, and stopped with Ctrl-C.
"""

from __future__ import annotations

import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from measuring import ROUNDS, Result, show, tree_cpu_seconds
from support.database import temporary_home

ROOT = Path(__file__).resolve().parents[2]
LIMIT_SECONDS = 3.0
PATIENCE_SECONDS = 900.0  # the first start loads the demo alliance, which takes minutes on a busy machine
SERVERS = ("DATABASE_URL", "APP_DATABASE_URL", "MIGRATOR_DATABASE_URL", "KEYS_URL", "REDIS_URL")


@dataclass(frozen=True)
class Start:
    """Seconds from the command to the answer of the first page, and the CPU time of everything it started till then."""

    seconds: float
    cpu: float


@contextmanager
def running(home: Path, port: int) -> Iterator[Start]:
    """The product while it runs."""
    environment = {name: value for name, value in os.environ.items() if name not in SERVERS}
    environment |= {"ALLIANCE_HOME": str(home), "PORT": str(port), "HOST": "127.0.0.1"}
    started = time.monotonic()
    process = subprocess.Popen(
        ["make", "--silent", "run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        seconds = wait_for_page(process, f"http://127.0.0.1:{port}/login", started)
        yield Start(seconds, tree_cpu_seconds(process.pid))
    finally:
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=60)


def wait_for_page(process: subprocess.Popen[str], address: str, started: float) -> float:
    """Seconds until the page answers 200. RuntimeError where the product ends or is never ready."""
    while time.monotonic() - started < PATIENCE_SECONDS:
        try:
            with urlopen(address, timeout=5) as answer:  # noqa: S310 (our own address)
                if answer.status == 200:
                    return time.monotonic() - started
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.02)
        if process.poll() is not None:
            raise RuntimeError(f"`make run` ended: {process.communicate()[1]}")
    raise RuntimeError(f"no page after {PATIENCE_SECONDS:.0f} seconds")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def main() -> bool:
    """Start once to make everything, then five times for the median."""
    port = free_port()
    starts: list[Start] = []
    with temporary_home() as home:
        with running(home, port) as first:
            print(f"\nFirst start, with servers, tables and the demo alliance to be made: {first.seconds:.1f} s")
        for _round in range(ROUNDS):
            with running(home, port) as start:
                starts.append(start)
    wall, cpu = (statistics.median(values) for values in zip(*((s.seconds, s.cpu) for s in starts), strict=True))
    print(f"Load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; CPU of a warm start {cpu:.2f} s")
    result = Result("make run to the first page", wall, LIMIT_SECONDS, wall / LIMIT_SECONDS, limit=1.0)
    return show("Start from a warm environment, wall clock; the baseline is the aim", [result])
