"""Uploaded files do not stay longer than their import needs them; the samples of their problems go with them."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, or_, select, update

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.files import delete_file
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, as_shop
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.models import Shop
from alliance.tenants.importing.models import Import, ImportProblem
from alliance.tenants.importing.states import ImportStatus

KEPT_DONE = timedelta(days=7)
KEPT_OPEN = timedelta(days=30)
_ENDED = (ImportStatus.DONE.value, ImportStatus.UNDONE.value)
_UNDER_WAY = (ImportStatus.CHECKING.value, ImportStatus.COMMITTING.value)


@job(queue="schedule", timeout=3600, retries=1)
def forget_all_files(services: Services, scope: Scope) -> dict[str, Any]:
    """Every shop's files that are past their time, shop by shop in its own scope. Runs as the system, daily."""
    with unit_of_work(services, scope) as uow:
        shops = list(uow.session.scalars(select(Shop.id)))
    forgotten = failed = 0
    for shop_id in shops:
        try:
            with unit_of_work(services, as_shop(scope, shop_id)) as uow:
                forgotten += forget_files(uow)
        except Exception as problem:  # noqa: BLE001 (one shop's fault must not keep another shop's files)
            report_fault(problem, room=__name__)
            failed += 1
    return {"forgotten": forgotten, "failed": failed}


def forget_files(uow: UnitOfWork) -> int:
    """Delete the files of this shop's imports that are past their time; how many. Never one that is being read."""
    now, shop = clock.now(), uow.scope.shop
    over = or_(
        Import.status.in_(_ENDED) & (Import.committed_at < now - KEPT_DONE),
        Import.status.not_in((*_ENDED, *_UNDER_WAY)) & (Import.created_at < now - KEPT_OPEN),
    )
    rows = uow.session.execute(
        select(Import.id, Import.file_id).where(Import.shop_id == shop, Import.file_id.is_not(None), over)
    ).all()
    for import_id, file_id in rows:
        uow.session.execute(
            delete(ImportProblem).where(ImportProblem.shop_id == shop, ImportProblem.import_id == import_id)
        )
        uow.session.execute(update(Import).where(Import.shop_id == shop, Import.id == import_id).values(file_id=None))
        if file_id is not None:
            # One that is gone already must not keep the others.
            with suppress(NotFoundError):
                delete_file(uow, file_id)
    return len(rows)
