"""Jobs and handlers for tests, in a module that a worker process can import. They leave marks in the database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.jobs import enqueue, job, report_progress
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork


@job(queue="import", retries=2, backoff=0)
def add_mark(services: Services, scope: Scope, *, mark: str, thing: UUID | None = None) -> dict[str, Any]:
    """Append a line to a file of the installation; answers what it got."""
    _mark(services, mark, f"{scope.shop_id} {thing}")
    return {"thing": str(thing)}


@job(queue="default", retries=2, backoff=0)
def fail_always(services: Services, _scope: Scope, *, mark: str) -> None:
    """A fault of ours, each time."""
    _mark(services, mark, "tried")
    raise RuntimeError("13812345678 must not be shown")


@job(queue="default", retries=5)
def refuse(_services: Services, _scope: Scope) -> None:
    """A refusal that no second attempt would change."""
    raise BadInputError(_("文件超过 %(limit)s MB 的上限", limit=1))


@job(queue="default", retries=3, backoff=0)
def die_once(services: Services, _scope: Scope, *, mark: str) -> dict[str, Any]:
    """Kill its own process at the first attempt, without a word; succeed at the next."""
    if _mark(services, mark, "tried") == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"survived": True}


@job(queue="default", retries=3, backoff=0)
def wait_for_file(services: Services, scope: Scope, *, mark: str, job_id: UUID) -> dict[str, Any]:
    """Report progress until the file `<mark>.go` is there; answers the pid that finished."""
    _mark(services, mark, str(os.getpid()))
    for step in range(600):
        if (services.settings.alliance_home / f"{mark}.go").exists():
            return {"pid": os.getpid()}
        report_progress(services, scope, job_id, step, 600)
        time.sleep(0.05)
    raise TimeoutError(mark)


@job(queue="default", timeout=1, retries=0)
def sleep_long(_services: Services, _scope: Scope) -> None:
    """Far longer than its limit."""
    time.sleep(30)


def die_once_hearing(uow: UnitOfWork, *, mark: str) -> None:
    """A handler that asks for work and kills its own process the first time, before the commit."""
    enqueue(uow, add_mark, key=f"{mark}.done", mark=f"{mark}.done")
    uow.session.flush()
    if _mark(uow.services, mark, "heard") == 1:
        os.kill(os.getpid(), signal.SIGKILL)


EVENTS = {"test.heard": [die_once_hearing]}


def marks(home: Path, mark: str) -> list[str]:
    """The lines that jobs have left under this mark."""
    path = home / f"{mark}.marks"
    return path.read_text().splitlines() if path.exists() else []


def wait_until(condition: Callable[[], Any], *, seconds: float = 20) -> Any:
    """What `condition` answers once it is true; AssertionError after `seconds`."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := condition():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {condition}")


def _mark(services: Services, mark: str, line: str) -> int:
    with (services.settings.alliance_home / f"{mark}.marks").open("a") as stream:
        stream.write(line + "\n")
    return len(marks(services.settings.alliance_home, mark))
