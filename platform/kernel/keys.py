"""The key store: a database of its own, apart from the data, so that destroying a key reaches every backup of the data.

One key a shop, wrapped by the master key; one data key a subject (a customer), wrapped by its shop's key. A destroyed
subject key leaves a tombstone without bytes and never comes back. Only unwrapped shop keys are held in memory, few and
for a minute; subject keys never, so that a destruction acts at once in every process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
    create_engine,
    event,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from alliance.platform.kernel import clock
from alliance.platform.kernel.crypto import KEY_ID_BYTES, MasterKeys, new_key, open_sealed, seal
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.texts import _

CACHED_SHOPS = 256
CACHE_SECONDS = 60.0
# Bound parameters of one look-up; SQLite allows 32 766 of them.
BATCH = 5_000

TABLES = MetaData()
SHOP_KEY = Table(
    "shop_key",
    TABLES,
    Column("shop_id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
# The id of the master key that wrapped a shop's key.
KEY_ID = func.substr(SHOP_KEY.c.wrapped, 1, KEY_ID_BYTES, type_=LargeBinary())
SUBJECT_KEY = Table(
    "subject_key",
    TABLES,
    Column("shop_id", Uuid, primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("destroyed_at", DateTime(timezone=True)),
)


@dataclass
class _ShopKeys:
    """Unwrapped shop keys for a minute, bounded."""

    entries: dict[UUID, tuple[float, bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def find(self, shop_id: UUID) -> bytes | None:
        with self.lock:
            until, key = self.entries.get(shop_id, (0.0, b""))
            return key if until > time.monotonic() else None

    def put(self, shop_id: UUID, key: bytes) -> None:
        with self.lock:
            self.entries.pop(shop_id, None)
            while len(self.entries) >= CACHED_SHOPS:
                self.entries.pop(next(iter(self.entries)))
            self.entries[shop_id] = (time.monotonic() + CACHE_SECONDS, key)

    def clear(self) -> None:
        with self.lock:
            self.entries.clear()


@dataclass(frozen=True, repr=False)
class KeyStore:
    """Keys of shops and subjects. Its database is reached on first use; an outage raises UnavailableError.

    It takes no part in the caller's transaction: create a subject's key before its row, destroy it after the commit.
    """

    url: str
    master: MasterKeys
    cache: _ShopKeys = field(default_factory=_ShopKeys)

    @cached_property
    def engine(self) -> Engine:
        """The store's own database, its tables made where they are missing, its master keys checked."""
        engine = _open(self.url)
        with engine.begin() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(7270002)"))
            TABLES.create_all(connection)
            _check_master(connection, self.master)
        return engine

    def verify(self) -> None:
        """Check at start that the store answers and that every key's master key is configured (MasterKeyError)."""
        with self._begin() as connection:
            _check_master(connection, self.master)

    def shop_key(self, shop_id: UUID) -> bytes:
        """The shop's key, made on first use. MasterKeyError where the master key that wrapped it is gone."""
        cached = self.cache.find(shop_id)
        if cached is not None:
            return cached
        with self._begin() as connection:
            key = self._shop_key(connection, shop_id)
        self.cache.put(shop_id, key)
        return key

    def create_subject_key(self, shop_id: UUID, subject_id: UUID) -> bytes:
        """The subject's data key, made if it has none. A destroyed one stays destroyed: LookupError."""
        keys = self.create_many(shop_id, [subject_id])
        if subject_id not in keys:
            raise LookupError(f"the key of subject {subject_id} was destroyed and is never made again")
        return keys[subject_id]

    def create_many(self, shop_id: UUID, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """Keys for many subjects in one write and one read; existing ones are kept, destroyed ones are left out."""
        if not ids:
            return {}
        shop_key, now = self.shop_key(shop_id), clock.now()
        rows = [
            {
                "shop_id": shop_id,
                "subject_id": subject_id,
                "wrapped": seal(shop_key, new_key(), _subject_context(shop_id, subject_id)),
                "created_at": now,
            }
            for subject_id in dict.fromkeys(ids)
        ]
        with self._begin() as connection:
            connection.execute(_insert_missing(connection, SUBJECT_KEY), rows)
            return self._subject_keys(connection, shop_key, shop_id, ids)

    def subject_key(self, shop_id: UUID, subject_id: UUID) -> bytes | None:
        """The subject's data key; None where it was destroyed or never made."""
        return self.subject_keys(shop_id, [subject_id]).get(subject_id)

    def subject_keys(self, shop_id: UUID, ids: Sequence[UUID]) -> dict[UUID, bytes]:
        """The data keys of many subjects; destroyed and unknown ones are left out."""
        if not ids:
            return {}
        shop_key = self.shop_key(shop_id)
        with self._begin() as connection:
            return self._subject_keys(connection, shop_key, shop_id, ids)

    def destroy_subject_key(self, shop_id: UUID, subject_id: UUID) -> None:
        """Destroy a subject's key for good, also one never made: what it sealed is unreadable from now on."""
        self.destroy_many(shop_id, [subject_id])

    def destroy_many(self, shop_id: UUID, ids: Sequence[UUID]) -> None:
        """Destroy the keys of many subjects, all or none."""
        if not ids:
            return
        now = clock.now()
        rows = [{"shop_id": shop_id, "subject_id": one, "created_at": now, "destroyed_at": now} for one in ids]
        with self._begin() as connection:
            connection.execute(_insert_missing(connection, SUBJECT_KEY), rows)
            for start in range(0, len(ids), BATCH):
                connection.execute(
                    update(SUBJECT_KEY)
                    .where(SUBJECT_KEY.c.shop_id == shop_id, SUBJECT_KEY.c.subject_id.in_(ids[start : start + BATCH]))
                    .where(SUBJECT_KEY.c.wrapped.is_not(None))
                    .values(wrapped=None, destroyed_at=now)
                )

    def rotate(self) -> int:
        """Wrap every shop key under the first master key, all or none; afterwards the others can be removed.

        Answers how many were wrapped anew. Subject keys hang on the shop's key and need no change.
        """
        changed = 0
        with self._begin() as connection:
            for shop_id, wrapped in connection.execute(
                select(SHOP_KEY.c.shop_id, SHOP_KEY.c.wrapped).with_for_update()
            ):
                if wrapped[:KEY_ID_BYTES] == self.master.current:
                    continue
                anew = self.master.wrap(self.master.unwrap(wrapped, _shop_context(shop_id)), _shop_context(shop_id))
                connection.execute(update(SHOP_KEY).where(SHOP_KEY.c.shop_id == shop_id).values(wrapped=anew))
                changed += 1
        return changed

    def purge(self) -> None:
        """Let the database overwrite what destroyed keys left in it; the schedule runs it daily."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM subject_key" if connection.dialect.name == "postgresql" else "VACUUM"))

    def dispose(self) -> None:
        """Forget the unwrapped keys and close the connections."""
        self.cache.clear()
        if "engine" in self.__dict__:
            self.engine.dispose()

    def forget_connections(self) -> None:
        """In a forked child: drop the parent's connections without closing them."""
        self.cache.clear()
        if "engine" in self.__dict__:
            self.engine.dispose(close=False)

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self.engine.begin() as connection:
                yield connection
        except (DBAPIError, NoConnectionError) as problem:
            # A statement that the store understood and rejected is a fault of ours.
            if isinstance(problem, DBAPIError) and not isinstance(problem, OperationalError):
                raise
            raise UnavailableError(_("密钥库暂时无法连接，请稍后重试，您的数据没有改变")) from problem

    def _shop_key(self, connection: Connection, shop_id: UUID) -> bytes:
        wanted = select(SHOP_KEY.c.wrapped).where(SHOP_KEY.c.shop_id == shop_id)
        wrapped = connection.scalar(wanted)
        if wrapped is None:
            made = self.master.wrap(new_key(), _shop_context(shop_id))
            row = {"shop_id": shop_id, "wrapped": made, "created_at": clock.now()}
            connection.execute(_insert_missing(connection, SHOP_KEY), [row])
            wrapped = connection.scalar(wanted)
        return self.master.unwrap(wrapped or b"", _shop_context(shop_id))

    def _subject_keys(
        self, connection: Connection, shop_key: bytes, shop_id: UUID, ids: Sequence[UUID]
    ) -> dict[UUID, bytes]:
        found: dict[UUID, bytes] = {}
        for start in range(0, len(ids), BATCH):
            rows = connection.execute(
                select(SUBJECT_KEY.c.subject_id, SUBJECT_KEY.c.wrapped)
                .where(SUBJECT_KEY.c.shop_id == shop_id, SUBJECT_KEY.c.subject_id.in_(ids[start : start + BATCH]))
                .where(SUBJECT_KEY.c.wrapped.is_not(None))
            )
            for subject_id, wrapped in rows:
                found[subject_id] = open_sealed(shop_key, wrapped, _subject_context(shop_id, subject_id))
        return found


def _open(url: str) -> Engine:
    if not url.startswith("sqlite"):
        return open_engine(url, pool_size=5, statement_timeout_ms=15_000)
    engine = create_engine(url, connect_args={"timeout": 15})
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # A destroyed key must not stay in a free page or in a write-ahead log.
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _check_master(connection: Connection, master: MasterKeys) -> None:
    # All ids are looked at: a master key removed too early must show at start, not at the one shop it concerns.
    for key_id in connection.scalars(select(KEY_ID).distinct()):
        master.expect(key_id)


def _insert_missing(connection: Connection, table: Table) -> Any:
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    return insert(table).on_conflict_do_nothing()


def _shop_context(shop_id: UUID) -> bytes:
    return b"shop key\0" + shop_id.bytes


def _subject_context(shop_id: UUID, subject_id: UUID) -> bytes:
    return b"subject key\0" + shop_id.bytes + subject_id.bytes
