"""Uploaded files go after their time, with the samples of their problems; a younger one stays."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update
from support.actors import make_shop
from support.importing import bring_in, check, count, csv_bytes, read

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ConflictError
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.tenants.importing import retention
from alliance.tenants.importing.checking import check_import
from alliance.tenants.importing.models import Import, ImportProblem
from alliance.tenants.importing.retention import forget_all_files, forget_files
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.importing.telling import write_bad_rows

CONTENT = csv_bytes("订单号,SKU,数量,单价,下单时间", "1,A,1,50,2026-10-01", "2,A,1,$5,2026-10-01")


def files_of(services: Services, shop_id: object) -> int:
    with unit_of_work(services, system_scope("tests")) as uow:
        return uow.session.scalar(select(func.count()).select_from(File).where(File.shop_id == shop_id)) or 0


def test_files_are_forgotten_a_week_after_the_import_and_a_month_without(services: Services) -> None:
    shop = make_shop(services)
    done = bring_in(services, shop, CONTENT, kind=ImportKind.ORDERS)
    waiting = check(services, shop, CONTENT, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        assert forget_files(uow) == 0
    with clock.at(clock.now() + timedelta(days=8)), unit_of_work(services, shop.scope) as uow:
        assert forget_files(uow) == 1
    assert (read(services, shop, done.id).file_id, files_of(services, shop.id)) == (None, 1)
    assert count(services, shop, ImportProblem) == (1,)
    with clock.at(clock.now() + timedelta(days=31)):
        forget_all_files(services, system_scope("schedule"))
    assert (read(services, shop, waiting.id).file_id, files_of(services, shop.id)) == (None, 0)
    assert count(services, shop, ImportProblem) == (0,)
    with pytest.raises(ConflictError, match="保存期限"), unit_of_work(services, shop.scope) as uow:
        list(write_bad_rows(uow, waiting.id, locale="zh_CN"))
    with unit_of_work(services, shop.scope) as uow:
        check_import(uow, waiting.id)
    assert read(services, shop, waiting.id).status == "failed"


def test_a_file_that_is_gone_already_keeps_no_other(services: Services) -> None:
    shop = make_shop(services)
    broken = bring_in(services, shop, CONTENT, kind=ImportKind.ORDERS)
    whole = check(services, shop, CONTENT, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        uow.session.execute(
            update(Import).where(Import.shop_id == shop.id, Import.id == broken.id).values(file_id=uuid4())
        )
    with clock.at(clock.now() + timedelta(days=31)):
        assert forget_all_files(services, system_scope("schedule"))["failed"] == 0
    assert [read(services, shop, row.id).file_id for row in (broken, whole)] == [None, None]


def test_one_shops_fault_keeps_no_other_shops_files(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    rows = {shop: bring_in(services, shop, CONTENT, kind=ImportKind.ORDERS) for shop in (ours, theirs)}

    def fails_for_theirs(uow: UnitOfWork) -> int:
        if uow.scope.shop == theirs.id:
            raise RuntimeError("a fault of one shop")
        return forget_files(uow)

    monkeypatch.setattr(retention, "forget_files", fails_for_theirs)
    with clock.at(clock.now() + timedelta(days=31)):
        assert forget_all_files(services, system_scope("schedule"))["failed"] == 1
    assert read(services, ours, rows[ours].id).file_id is None
    assert read(services, theirs, rows[theirs].id).file_id is not None
