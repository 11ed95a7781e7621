"""Periodic work of the login."""

from __future__ import annotations

from typing import Any

from alliance.platform.auth.sessions import forget_closed
from alliance.platform.auth.throttle import forget_expired
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, system_scope
from alliance.platform.kernel.work import unit_of_work


@job(queue="schedule", timeout=300, retries=1)
def forget_old_logins(services: Services, _scope: Scope) -> dict[str, Any]:
    """Daily: delete sessions closed for a month, devices unused for half a year, and failures that no longer count."""
    with unit_of_work(services, system_scope("forget old logins")) as uow:
        return {"sessions": forget_closed(uow), "failures": forget_expired(uow)}
