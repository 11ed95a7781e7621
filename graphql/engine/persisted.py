"""Documents by their hash, so that a client sends a long query once: the protocol of automatic persisted queries.

Kept in Redis, per shop (else per person), the least recently used going first. Losing them loses nothing: the client
is told that the document is not known and sends it again. Without Redis every document is unknown.
"""

from __future__ import annotations

import hashlib
import logging
import re

from redis import Redis
from redis.exceptions import RedisError

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import Text, _

log = logging.getLogger(__name__)

MAX_DOCUMENTS = 500
MAX_STORED_BYTES = 16 * 1024
KEPT_SECONDS = 30 * 24 * 3600
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class PersistedQueryNotFoundError(NotFoundError):
    """No document of that hash is stored. Clients know this one by its exact English text."""

    def __init__(self) -> None:
        super().__init__(Text("PersistedQueryNotFound"))


def document_hash(text: str) -> str:
    """The SHA-256 of a document's UTF-8 bytes, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()


def find_document(redis: Redis, scope: Scope, digest: str) -> str:
    """The stored document. PersistedQueryNotFoundError where there is none, BadInputError for what is no hash."""
    _check_hash(digest)
    owner = _owner(scope)
    try:
        raw = redis.get(f"{owner}:{digest}")
        if raw is not None:
            _touch(redis, owner, digest)
    except RedisError:
        log.warning("persisted documents cannot be read", exc_info=True)
        raw = None
    text = raw.decode() if isinstance(raw, bytes) else None
    if text is None or document_hash(text) != digest:
        raise PersistedQueryNotFoundError
    return text


def check_document(digest: str, text: str) -> None:
    """Refuse a document sent under another document's hash with BadInputError."""
    _check_hash(digest)
    if document_hash(text) != digest:
        raise BadInputError(_("查询文本与其散列值不符"), field=("extensions", "persistedQuery", "sha256Hash"))


def store_document(redis: Redis, scope: Scope, digest: str, text: str) -> None:
    """Keep a checked and valid document; one beyond 16 kB is served and not kept."""
    if len(text.encode()) > MAX_STORED_BYTES:
        return
    owner = _owner(scope)
    try:
        redis.set(f"{owner}:{digest}", text.encode(), ex=KEPT_SECONDS)
        _touch(redis, owner, digest)
        beyond = redis.zrange(owner, 0, -(MAX_DOCUMENTS + 1))
        old = [item.decode() for item in beyond if isinstance(item, bytes)] if isinstance(beyond, list) else []
        if old:
            redis.delete(*[f"{owner}:{item}" for item in old])
            redis.zrem(owner, *old)
    except RedisError:
        log.warning("persisted documents cannot be stored", exc_info=True)


def _touch(redis: Redis, owner: str, digest: str) -> None:
    redis.zadd(owner, {digest: clock.now().timestamp()})
    redis.expire(owner, KEPT_SECONDS)


def _owner(scope: Scope) -> str:
    return f"graphql:documents:{scope.shop_id or scope.alliance_id or scope.account_id}"


def _check_hash(digest: str) -> None:
    if not _HASH.fullmatch(digest):
        raise BadInputError(_("查询的散列值须为 64 位十六进制数"), field=("extensions", "persistedQuery", "sha256Hash"))
