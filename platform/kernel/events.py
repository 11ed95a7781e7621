"""Events between rooms: what must travel up is written into the outbox, and handlers get it after the commit.

At least once: an event whose process dies comes again. A handler works in one transaction together with the receipt
that it has handled this event, so what it does in the database happens once. An event that keeps failing ends in the
dead-letter list. `web/entry/wiring.py` binds names to handlers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.orm import Session

from alliance.platform.kernel import clock
from alliance.platform.kernel.elevation import own_rows
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.jobs.pushing import push_dispatch
from alliance.platform.kernel.jobs.registry import decode_ids, encode_ids
from alliance.platform.kernel.logging import get_logger, log_context, report_fault
from alliance.platform.kernel.models import EventReceipt, EventState, OutboxEvent
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import scope_from_payload, system_scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work

Handler = Callable[..., None]
MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=30)
KEPT_FOR = timedelta(days=30)
KERNEL = system_scope("events")


@dataclass(frozen=True, slots=True)
class _Event:
    id: UUID
    name: str
    payload: dict[str, Any]
    scope: dict[str, Any]
    attempts: int


# The process's one table, or none: a process without it must not take an event for handled.
_BOUND: list[Mapping[str, Sequence[Handler]]] = []


def bind_handlers(bindings: Mapping[str, Sequence[Handler]]) -> None:
    """Bind event names to `handler(uow, **payload)`; the one table of the process replaces any earlier one."""
    _BOUND[:] = [dict(bindings)]


def emit(uow: UnitOfWork, name: str, payload: Mapping[str, Any]) -> UUID:
    """Write an event into the caller's transaction; answers its id. Ids and short codes only (TypeError)."""
    event_id, now = new_id(), clock.now()
    statement = insert(OutboxEvent).values(
        id=event_id,
        shop_id=uow.scope.shop_id,
        name=name,
        payload=encode_ids(payload),
        scope=uow.scope.to_payload(),
        state=EventState.PENDING.value,
        attempts=0,
        available_at=now,
        created_at=now,
    )
    with own_rows(uow.session, uow.scope):
        uow.session.execute(statement)
    if not uow.session.info.get("emits"):
        uow.session.info["emits"] = True
        uow.on_commit(partial(wake_dispatcher, uow.services))
    return event_id


def wake_dispatcher(services: Services) -> None:
    """Have the outbox looked at: by a worker, or here where the installation has none."""
    if services.settings.jobs == "inline":
        dispatch_events(services)
    else:
        push_dispatch(services)


def dispatch_events(services: Services) -> int:
    """Hand every due event to its handlers, oldest first; answers how many were done.

    Several processes may run it: each event is claimed by one. A process without bindings leaves all events alone.
    """
    done = 0
    while _BOUND and (handled := _dispatch_one(services)) is not None:
        done += handled
    return done


def list_dead_events(session: Session, *, limit: int = 100) -> Sequence[OutboxEvent]:
    """Events that failed too often, newest first; the scope decides which are seen."""
    dead = select(OutboxEvent).where(OutboxEvent.state == EventState.DEAD.value)
    return session.scalars(dead.order_by(OutboxEvent.id.desc()).limit(limit)).all()


def retry_dead_event(uow: UnitOfWork, *, event_id: UUID) -> bool:
    """Give a dead event all its attempts again; whether there was one. Handlers that have succeeded are skipped."""
    found = uow.session.scalar(
        update(OutboxEvent)
        .where(OutboxEvent.id == event_id, OutboxEvent.state == EventState.DEAD.value)
        .values(state=EventState.PENDING.value, attempts=0, available_at=clock.now(), error_id=None)
        .returning(OutboxEvent.id)
    )
    uow.on_commit(partial(wake_dispatcher, uow.services))
    return found is not None


def purge_old_events(services: Services, *, kept_for: timedelta = KEPT_FOR) -> int:
    """Remove handled events and their receipts after a month; answers how many events."""
    before = clock.now() - kept_for
    with unit_of_work(services, KERNEL) as uow:
        gone = uow.session.scalars(
            delete(OutboxEvent)
            .where(OutboxEvent.state == EventState.DONE.value, OutboxEvent.created_at < before)
            .returning(OutboxEvent.id)
        ).all()
        uow.session.execute(delete(EventReceipt).where(EventReceipt.event_id.in_(gone)))
    return len(gone)


def _dispatch_one(services: Services) -> bool | None:
    """Handle one due event under its row lock; whether it succeeded, None if none is due."""
    with unit_of_work(services, KERNEL) as uow:
        row = uow.session.execute(
            select(OutboxEvent.id, OutboxEvent.name, OutboxEvent.payload, OutboxEvent.scope, OutboxEvent.attempts)
            .where(OutboxEvent.state == EventState.PENDING.value, OutboxEvent.available_at <= clock.now())
            .order_by(OutboxEvent.available_at, OutboxEvent.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None:
            return None
        event = _Event(*row)
        error_id = _handle(services, event)
        uow.session.execute(update(OutboxEvent).where(OutboxEvent.id == event.id).values(_after(event, error_id)))
    return error_id is None


def _handle(services: Services, event: _Event) -> str | None:
    """Run each handler that has not handled it yet, each in its own transaction; the error id of the first fault."""
    failed = None
    with log_context(event_id=event.id, event_kind=event.name):
        for handler in _BOUND[0].get(event.name, ()):
            try:
                _handle_once(services, event, handler)
            except Exception as problem:  # noqa: BLE001  # one handler's fault must not keep the others from it
                failed = failed or report_fault(problem, room=__name__)
    return failed


def _handle_once(services: Services, event: _Event, handler: Handler) -> None:
    name = f"{handler.__module__}:{handler.__qualname__}"
    scope = scope_from_payload(event.scope)
    receipt = insert_or_skip(EventReceipt).values(
        event_id=event.id, handler=name, shop_id=scope.shop_id, handled_at=clock.now()
    )
    with unit_of_work(services, scope) as uow:
        with own_rows(uow.session, scope):
            first = uow.session.scalar(receipt.on_conflict_do_nothing().returning(EventReceipt.event_id))
        if first is not None:
            handler(uow, **decode_ids(event.payload))


def _after(event: _Event, error_id: str | None) -> dict[str, Any]:
    attempts = event.attempts + 1
    if error_id is None:
        return {"state": EventState.DONE.value, "attempts": attempts, "error_id": None}
    if attempts >= MAX_ATTEMPTS:
        get_logger(__name__).error("event is dead", event_id=str(event.id), event_kind=event.name)
        return {"state": EventState.DEAD.value, "attempts": attempts, "error_id": error_id}
    wait = min(FIRST_WAIT * 3**event.attempts, LONGEST_WAIT)
    return {"attempts": attempts, "error_id": error_id, "available_at": clock.now() + wait}
