"""One installation made ready: its servers run, its databases and logins exist, its settings are written.

With `DATABASE_URL` (an administrative login) and `REDIS_URL` in the environment those servers are used; with
`APP_DATABASE_URL` nothing is made on the database server at all.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alliance.platform.kernel.embedded.places import make_home
from alliance.platform.kernel.embedded.postgres import PostgresServer, start_postgres
from alliance.platform.kernel.embedded.processes import file_lock
from alliance.platform.kernel.embedded.provision import VARIABLES, provision
from alliance.platform.kernel.embedded.redis_server import RedisServer, start_redis
from alliance.platform.kernel.embedded.settings_file import read_settings_file, write_settings_file


@dataclass(frozen=True)
class Installation:
    """The home and the servers that it uses; None for a server that is not ours."""

    home: Path
    postgres: PostgresServer | None
    redis: RedisServer | None

    @property
    def has_started_servers(self) -> bool:
        """Whether this process runs a server that would end with it."""
        return any(server.process is not None for server in (self.postgres, self.redis) if server)

    def stop(self) -> None:
        """Stop what this process started; servers it only attached to go on."""
        if self.redis:
            self.redis.stop()
        if self.postgres:
            self.postgres.stop()

    def is_running(self) -> bool:
        """Whether the embedded servers still answer, whoever started them."""
        return all(server.is_running() for server in (self.postgres, self.redis) if server)


@contextmanager
def installation(home: Path, *, postgres_settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """Make the installation ready for the block. Raises SetupError with what to do where it cannot."""
    opened = open_installation(home, postgres_settings=postgres_settings)
    try:
        yield opened
    finally:
        opened.stop()


def open_installation(home: Path, *, postgres_settings: Mapping[str, str] | None = None) -> Installation:
    """Start or attach to the servers, provision, write `settings.env`. Whoever comes second waits and attaches."""
    make_home(home)
    with file_lock(home / ".lock"):
        known = read_settings_file(home)
        postgres: PostgresServer | None = None
        redis: RedisServer | None = None
        try:
            if "REDIS_URL" not in os.environ:
                redis = start_redis(home)
            if not {"APP_DATABASE_URL", "DATABASE_URL"} & os.environ.keys():
                postgres = start_postgres(home, settings=postgres_settings)
            write_settings_file(home, {**secret_settings(known), **addresses(known, postgres, redis)})
        except BaseException:
            Installation(home=home, postgres=postgres, redis=redis).stop()
            raise
    return Installation(home=home, postgres=postgres, redis=redis)


def addresses(known: Mapping[str, str], postgres: PostgresServer | None, redis: RedisServer | None) -> dict[str, str]:
    """The servers' addresses for `settings.env`: none of those that the environment gives, so none can mix."""
    made = {"REDIS_URL": redis.url} if redis else {}
    if "APP_DATABASE_URL" in os.environ:
        return made
    if postgres and not postgres.process and all(name in known for name in VARIABLES.values()):
        # Whoever started the running server has provisioned it before letting go of the lock.
        return {**made, **{name: known[name] for name in VARIABLES.values()}}
    return {**made, **provision(postgres.url if postgres else os.environ["DATABASE_URL"], known=known)}


def secret_settings(known: Mapping[str, str]) -> dict[str, str]:
    """The secrets of `settings.env`: kept for ever once made. In production they must come from the environment."""
    fresh = {
        "SECRET_KEY": lambda: secrets.token_urlsafe(48),
        "MASTER_KEYS": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    may_make = os.environ.get("ALLIANCE_ENV") != "production"
    kept = {name: known[name] for name in fresh if name in known}
    missing = [name for name in fresh if name not in kept and name not in os.environ]
    return {**kept, **({name: fresh[name]() for name in missing} if may_make else {})}
