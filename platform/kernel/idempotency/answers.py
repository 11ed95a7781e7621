"""Claiming a client's key, keeping the first answer, forgetting it after a day.

The claim is a row of the same transaction as the deed. A second request with the same key waits for the first one's
end: it then finds the answer, or, if the first was rolled back, takes its place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ConflictError
from alliance.platform.kernel.idempotency.models import FirstAnswer
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork

KEPT = timedelta(hours=24)
LONGEST_KEY = 100


def input_hash(values: Mapping[str, Any]) -> bytes:
    """SHA-256 over the canonical JSON of an input; the values must be JSON already."""
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode(errors="surrogatepass")).digest()


def claim(uow: UnitOfWork, *, account_id: UUID, operation: str, key: str, digest: bytes) -> dict[str, Any] | None:
    """Take the key for this request, or return the first answer of the last 24 hours.

    ConflictError where the key came with another input before; BadInputError for an empty key, one of more than 100
    characters or with a NUL.
    """
    if not 0 < len(key) <= LONGEST_KEY or "\x00" in key:
        raise BadInputError(
            _("clientMutationId 须为 1 到 %(most)s 个字符", most=LONGEST_KEY), field=("client_mutation_id",)
        )
    now = clock.now()
    values = {"account_id": account_id, "shop_id": uow.scope.shop_id, "operation": operation, "key": key}
    fresh: dict[str, Any] = {"input_hash": digest, "answer": None, "created_at": now}
    statement = insert(FirstAnswer).values(id=new_id(), **values, **fresh)
    taken = statement.on_conflict_do_update(
        constraint="uq_first_answer_key", set_=fresh, where=FirstAnswer.created_at <= now - KEPT
    ).returning(FirstAnswer.id)
    if uow.session.execute(taken).first() is not None:
        return None
    found = uow.session.execute(
        select(FirstAnswer.input_hash, FirstAnswer.answer).where(*_same(account_id, uow.scope.shop_id, operation, key))
    ).one()
    if bytes(found.input_hash) != digest:
        raise ConflictError(_("这个 clientMutationId 已用于另一个内容不同的请求"), field=("client_mutation_id",))
    return dict(found.answer or {})


def keep(uow: UnitOfWork, *, account_id: UUID, operation: str, key: str, answer: Mapping[str, Any]) -> None:
    """Store the answer of a claimed key; it is there for others once the unit of work commits."""
    uow.session.execute(
        update(FirstAnswer)
        .where(*_same(account_id, uow.scope.shop_id, operation, key))
        .values(answer=dict(answer))
        .execution_options(synchronize_session=False)
    )


def forget_old(uow: UnitOfWork) -> int:
    """Delete the answers that are older than a day; how many there were. System scope."""
    statement = delete(FirstAnswer).where(FirstAnswer.created_at <= clock.now() - KEPT).returning(FirstAnswer.id)
    return len(uow.session.execute(statement).all())


def _same(account_id: UUID, shop_id: UUID | None, operation: str, key: str) -> tuple[Any, ...]:
    return (
        FirstAnswer.account_id == account_id,
        FirstAnswer.shop_id.is_not_distinct_from(shop_id),
        FirstAnswer.operation == operation,
        FirstAnswer.key == key,
    )
