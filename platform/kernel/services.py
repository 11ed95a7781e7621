"""What a process of the installation has at hand, composed once at start and passed on; no module-level connections."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis

from alliance.platform.kernel.blobs import BlobStore
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.db import Database
from alliance.platform.kernel.keys import KeyStore
from alliance.platform.kernel.messages import Messenger


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
        self.database.dispose()
        self.keys.dispose()
        self.redis.close()
