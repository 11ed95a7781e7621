"""A process that makes an installation ready and holds it, for tests that kill it or run it as another user."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from alliance.platform.kernel.embedded.installation import installation
from alliance.platform.kernel.embedded.processes import servers_in, wait_until

HOLDER = """
import sys
from pathlib import Path
from alliance.platform.kernel.embedded.installation import installation
with installation(Path(sys.argv[1])) as opened:
    ours = [server.process is not None for server in (opened.postgres, opened.redis)]
    print(*ours, flush=True)
    sys.stdin.readline()
print("stopped", flush=True)
"""
GIVEN = ("DATABASE_URL", "REDIS_URL", "APP_DATABASE_URL", "ALLIANCE_HOME")


def without_servers(**extra: str) -> dict[str, str]:
    """The environment without servers that were given: these tests are about the embedded ones."""
    return {**{name: value for name, value in os.environ.items() if name not in GIVEN}, **extra}


def start_holder(home: Path, **options: Any) -> subprocess.Popen[str]:
    """Start the holder; its first line tells for PostgreSQL and Redis whether it has started them itself."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env=without_servers(),
        **options,
    )


@contextmanager
def held(home: Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """A holder that is asked to stop at the end, and killed if it does not."""
    holder = start_holder(home, **options)
    try:
        yield holder
        if holder.poll() is None:
            holder.communicate("\n", timeout=60)
    finally:
        holder.kill()
        holder.wait()


def hold_as(uid: int, home: Path, pipe: Connection) -> None:
    """What a forked process does as another user: hold the installation until told. Answers like the holder.

    A fork, because our interpreter may lie in a directory that is closed to that user; its modules are loaded by now.
    """
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
    for name in GIVEN:
        os.environ.pop(name, None)
    try:
        with installation(home) as opened:
            pipe.send([server is not None and server.process is not None for server in (opened.postgres, opened.redis)])
            pipe.recv()
    except Exception as problem:
        pipe.send(repr(problem))
        raise


def told(holder: subprocess.Popen[str]) -> str:
    """The holder's next line; what it printed instead when it failed."""
    line = holder.stdout.readline() if holder.stdout else ""
    return line.strip()


def live_servers(base: Path) -> list[int]:
    """The server processes that work in the data directories below `base`."""
    return servers_in(base / "postgres" / "data", ("postgres",)) + servers_in(
        base / "redis" / "data", ("redis-server", "valkey-server")
    )


def all_gone(base: Path) -> bool:
    """Whether every server process has ended soon."""
    return wait_until(lambda: not live_servers(base), seconds=30)
