"""What a process of the installation has at hand, composed once at start and passed on; no module-level connections."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis

from alliance.platform.kernel.blobs import MEGABYTE, BlobStore
from alliance.platform.kernel.config import Settings, SettingsError
from alliance.platform.kernel.crypto import parse_master_keys
from alliance.platform.kernel.db import Database
from alliance.platform.kernel.keys import KeyStore
from alliance.platform.kernel.messages import Messenger, open_messenger


@dataclass(frozen=True)
class Services:
    """Settings, database, Redis, key store, stored bytes and outgoing messages."""

    settings: Settings
    database: Database
    redis: Redis
    keys: KeyStore
    blobs: BlobStore
    messenger: Messenger

    def close(self) -> None:
        """Give back every connection."""
        self.dispose()
        self.redis.close()

    def dispose(self) -> None:
        """Close the databases' connections; the next use opens new ones. Before a fork."""
        self.database.dispose()
        self.keys.dispose()

    def forget_connections(self) -> None:
        """After a fork, in the child: drop the parent's connections without closing them under it."""
        self.database.forget_connections()
        self.keys.forget_connections()
        self.redis.connection_pool.reset()


def open_services(settings: Settings) -> Services:
    """Compose a process's services. Nothing is connected yet; wrong settings raise SettingsError at once."""
    if settings.is_production and settings.jobs == "inline":
        raise SettingsError("JOBS=inline is for tests and demonstrations; in production run a worker")
    return Services(
        settings=settings,
        database=Database(settings),
        redis=open_redis(settings),
        keys=KeyStore(settings.keys_url.get_secret_value(), parse_master_keys(settings.master_keys.get_secret_value())),
        blobs=BlobStore(settings.alliance_home / "blobs", max_bytes=settings.max_upload_mb * MEGABYTE),
        messenger=open_messenger(settings),
    )


def open_redis(settings: Settings) -> Redis:
    """A client that gives up within seconds, so that a page does not hang on a dead Redis."""
    return Redis.from_url(
        settings.redis_url.get_secret_value(),
        socket_connect_timeout=3,
        socket_timeout=10,
        health_check_interval=30,
    )
