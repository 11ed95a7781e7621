"""The operator sees dead events on the command line and gives one its attempts again."""

from __future__ import annotations

from contextlib import contextmanager
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert
from support.actors import SYSTEM, make_shop

from alliance.platform.kernel import clock
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.models import EventState, OutboxEvent
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.web.cli import shops as shops_module
from alliance.web.cli.events import events


@pytest.fixture
def run(services: Services, monkeypatch: pytest.MonkeyPatch):
    @contextmanager
    def ready():
        yield services

    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(events, arguments)

    monkeypatch.setattr(shops_module, "ready_services", ready)
    return invoke


def test_a_dead_event_is_listed_until_it_is_retried(services: Services, run):
    shop, event_id = make_shop(services), new_id()
    row = {"id": event_id, "shop_id": shop.id, "name": "test.dead", "payload": {}, "scope": shop.scope.to_payload()}
    with unit_of_work(services, SYSTEM) as uow:
        values = {"state": EventState.DEAD.value, "attempts": 9, "error_id": "ABCD2345", "available_at": clock.now()}
        uow.session.execute(insert(OutboxEvent).values(**row, **values))
    line = f"{event_id}\ttest.dead\t{shop.id}\t9\tABCD2345"
    assert line in run("dead").output.splitlines()
    assert run("retry", str(event_id)).exit_code == 0
    assert str(event_id) not in run("dead").output


def test_an_event_that_is_not_dead_is_refused(run):
    found = run("retry", str(uuid4()))
    assert (found.exit_code, "No dead event has the id" in found.output) == (1, True)
