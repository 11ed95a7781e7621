"""Events: written with what caused them, handled after the commit, once in the database, and never lost in silence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from alliance.platform.kernel import clock, events
from alliance.platform.kernel.events import (
    MAX_ATTEMPTS,
    bind_handlers,
    dispatch_events,
    emit,
    list_dead_events,
    purge_old_events,
    retry_dead_event,
)
from alliance.platform.kernel.jobs import Job, enqueue, job
from alliance.platform.kernel.models import EventState, OutboxEvent
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, account_scope, alliance_scope, shop_scope, system_scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work

SYSTEM = system_scope("tests")


@job()
def noted(_services: Services, _scope: Scope) -> None:
    """Stands for work of a higher room."""


@pytest.fixture
def heard(monkeypatch):
    """What the bound handlers have heard, in order; a test binds its own."""
    monkeypatch.setattr(events, "_BOUND", [])
    return []


def listener(heard: list[Any], *, name: str = "listen", effect: Callable[..., None] | None = None):
    def handler(uow: UnitOfWork, **payload: Any) -> None:
        heard.append((name, uow.scope.shop_id, payload))
        if effect is not None:
            effect(uow, **payload)

    handler.__qualname__ = name
    return handler


def send(services, scope: Scope, name: str, **payload: Any) -> UUID:
    with unit_of_work(services, scope) as uow:
        return emit(uow, name, payload)


def state_of(services, event_id: UUID) -> tuple[str, int]:
    with unit_of_work(services, SYSTEM) as uow:
        row = uow.session.get_one(OutboxEvent, event_id)
        return row.state, row.attempts


def test_an_event_reaches_its_handlers_after_the_commit_in_its_scope(services, heard):
    name, scope, thing = uuid4().hex, shop_scope(uuid4()), uuid4()
    bind_handlers({name: [listener(heard, name="first"), listener(heard, name="second")]})
    with unit_of_work(services, scope) as uow:
        event_id = emit(uow, name, {"thing": thing})
        assert heard == []
    expected = {"thing": thing}
    assert heard == [("first", scope.shop_id, expected), ("second", scope.shop_id, expected)]
    assert state_of(services, event_id) == (EventState.DONE, 1)
    dispatch_events(services)
    assert len(heard) == 2


def test_a_rolled_back_event_is_never_heard(services, heard):
    name, scope = uuid4().hex, shop_scope(uuid4())
    bind_handlers({name: [listener(heard)]})

    def emit_and_fail() -> None:
        with unit_of_work(services, scope) as uow:
            emit(uow, name, {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        emit_and_fail()
    dispatch_events(services)
    assert heard == []


def test_a_process_without_bindings_leaves_events_alone(services, heard):
    name, scope = uuid4().hex, shop_scope(uuid4())
    event_id = send(services, scope, name)
    assert state_of(services, event_id) == (EventState.PENDING, 0)
    bind_handlers({name: [listener(heard)]})
    dispatch_events(services)
    assert heard == [("listen", scope.shop_id, {})]


def test_a_failing_handler_is_tried_again_alone_and_its_work_is_rolled_back(services, heard):
    name, scope, broken = uuid4().hex, shop_scope(uuid4()), [True]

    def effect(uow: UnitOfWork) -> None:
        enqueue(uow, noted, key=name, delay=timedelta(hours=1))
        if broken:
            raise RuntimeError("broken")

    bind_handlers({name: [listener(heard, name="good"), listener(heard, name="bad", effect=effect)]})
    event_id = send(services, scope, name)
    assert [one[0] for one in heard] == ["good", "bad"]
    assert state_of(services, event_id) == (EventState.PENDING, 1)
    assert queued(services, scope, name) == 0
    broken.clear()
    with clock.at(clock.now() + timedelta(minutes=1)):
        dispatch_events(services)
    assert [one[0] for one in heard] == ["good", "bad", "bad"]
    assert state_of(services, event_id) == (EventState.DONE, 2)
    assert queued(services, scope, name) == 1


def test_a_poison_event_ends_with_the_dead_and_lets_the_others_pass(services, heard):
    poison, name, scope = uuid4().hex, uuid4().hex, shop_scope(uuid4())
    healed: list[bool] = []

    def fail(_uow: UnitOfWork) -> None:
        if not healed:
            raise RuntimeError("poison")

    bind_handlers({poison: [listener(heard, name="poison", effect=fail)], name: [listener(heard, name="other")]})
    event_id = send(services, scope, poison)
    for attempt in range(1, MAX_ATTEMPTS):
        with clock.at(clock.now() + timedelta(hours=attempt)):
            dispatch_events(services)
    send(services, scope, name)
    assert state_of(services, event_id) == (EventState.DEAD, MAX_ATTEMPTS)
    assert [one[0] for one in heard] == ["poison"] * MAX_ATTEMPTS + ["other"]
    with unit_of_work(services, scope) as uow:
        (dead,) = list_dead_events(uow.session)
        assert (dead.id, len(dead.error_id)) == (event_id, 10)
    with unit_of_work(services, shop_scope(uuid4())) as uow:
        assert list_dead_events(uow.session) == []
        assert not retry_dead_event(uow, event_id=event_id)
    healed.append(True)
    with unit_of_work(services, scope) as uow:
        assert retry_dead_event(uow, event_id=event_id)
    assert state_of(services, event_id) == (EventState.DONE, 1)


def test_events_of_no_shop_are_handled_in_their_own_scope(services, heard):
    name = uuid4().hex
    bind_handlers({name: [listener(heard)]})
    for scope in (account_scope(uuid4()), alliance_scope(uuid4()), SYSTEM):
        assert state_of(services, send(services, scope, name)) == (EventState.DONE, 1)
    assert len(heard) == 3


def test_an_event_carries_ids_only(services, heard):
    with pytest.raises(TypeError), unit_of_work(services, shop_scope(uuid4())) as uow:
        emit(uow, "x", {"customer": {"email": "a@b.cn"}})


def test_handled_events_go_after_a_month(services, heard):
    name, scope = uuid4().hex, shop_scope(uuid4())
    bind_handlers({name: [listener(heard)]})
    with clock.at(clock.now() - timedelta(days=40)):
        old = send(services, scope, name)
    fresh = send(services, scope, name)
    assert purge_old_events(services) >= 1
    with unit_of_work(services, scope) as uow:
        assert uow.session.scalars(select(OutboxEvent.id)).all() == [fresh]
    assert old != fresh


def queued(services, scope: Scope, key: str) -> int:
    with unit_of_work(services, scope) as uow:
        return len(uow.session.scalars(select(Job.id).where(Job.key == key)).all())
