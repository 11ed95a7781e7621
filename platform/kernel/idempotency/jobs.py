"""Periodic work: first answers are kept for a day."""

from __future__ import annotations

from typing import Any

from alliance.platform.kernel.idempotency.answers import forget_old
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, system_scope
from alliance.platform.kernel.work import unit_of_work


@job(queue="schedule", timeout=300, retries=1)
def forget_old_answers(services: Services, _scope: Scope) -> dict[str, Any]:
    """Daily: delete the answers that no repeat can ask for any more."""
    with unit_of_work(services, system_scope("forget old answers")) as uow:
        return {"answers": forget_old(uow)}
