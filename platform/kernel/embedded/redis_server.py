"""The embedded Redis of one installation: a private socket, no network, no dangerous commands, writes kept on disk."""

from __future__ import annotations

import hashlib
import secrets
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from alliance.platform.kernel.embedded.binaries import redis_program
from alliance.platform.kernel.embedded.places import Place, open_place
from alliance.platform.kernel.embedded.processes import (
    SetupError,
    servers_in,
    spawn,
    stop,
    tail,
    wait_until,
    write_private,
)

PASSWORD_FILE = "redis.password"  # noqa: S105 (a file's name)
NAMES = ("redis-server", "valkey-server")
START_SECONDS = 60

# Scripts stay allowed: the job scheduler needs them. Everything that reads files or changes the server is not.
CONFIG = """\
port 0
unixsocket {run}/redis.sock
unixsocketperm 700
dir {data}
daemonize no
loglevel warning
save ""
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
user default on #{digest} ~* &* +@all -@dangerous +info +flushall +keys +client
"""


@dataclass(frozen=True)
class RedisServer:
    """A running server. `process` is None where another process of ours started it."""

    place: Place
    url: str
    process: subprocess.Popen[bytes] | None

    def is_running(self) -> bool:
        """Whether it still answers, whoever started it."""
        return answers(self.url)

    def stop(self) -> None:
        """Shut it down in order, if we started it."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM)


def start_redis(home: Path) -> RedisServer:
    """Start the home's Redis, or attach to it when it runs; the caller holds the home's lock."""
    place = open_place(home, "redis")
    if not place.data.exists():
        place.data.mkdir(mode=0o700)
        place.identity.own(place.data, 0o700)
    url = redis_url(home, place)
    if answers(url):
        return RedisServer(place=place, url=url, process=None)
    if not wait_until(lambda: not servers_in(place.data, NAMES), seconds=10):
        raise SetupError(f"A Redis in {place.data} does not answer: processes {servers_in(place.data, NAMES)}.")
    process = launch(home, place, url)
    return RedisServer(place=place, url=url, process=process)


def launch(home: Path, place: Place, url: str) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers. Raises SetupError with the end of its log."""
    digest = hashlib.sha256(password(home).encode()).hexdigest()
    config = place.run / "redis.conf"
    write_private(config, CONFIG.format(run=quoted(place.run), data=quoted(place.data), digest=digest))
    place.identity.own(config, 0o600)
    program = str(redis_program(place.identity))
    process = spawn([program, str(config)], log=place.log, identity=place.identity, death_signal=signal.SIGTERM)
    ready = wait_until(lambda: process.poll() is not None or answers(url), seconds=START_SECONDS)
    if not ready or process.poll() is not None:
        stop(process, signal.SIGTERM)
        raise SetupError(f"Redis did not start. The end of {place.log}:\n{tail(place.log)}")
    return process


def answers(url: str) -> bool:
    """Whether the server at this address answers a ping; one that is still loading does not yet."""
    client = Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
    try:
        return bool(client.ping())
    except (RedisConnectionError, RedisError, OSError):
        return False
    finally:
        client.close()


def redis_url(home: Path, place: Place) -> str:
    """The server's address with its password."""
    return f"unix://{quote(str(place.run))}/redis.sock?db=0&password={quote(password(home))}"


def password(home: Path) -> str:
    """The server's random password, made at first use and kept readable by us alone."""
    kept = home / PASSWORD_FILE
    if not kept.is_file():
        write_private(kept, secrets.token_urlsafe(24))
    return kept.read_text().strip()


def quoted(path: Path) -> str:
    """A path as Redis reads it in its configuration."""
    text = str(path)
    if any(mark in text for mark in "\"'\\\n ") or not text.isascii():
        return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'
    return text
