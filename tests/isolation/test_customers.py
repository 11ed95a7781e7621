"""A customer's scope names its shop and still reads and makes none of the shop's rows."""

from __future__ import annotations

import pytest
from isolation.matrix.owners import Party
from isolation.matrix.rows import shop_tables
from sqlalchemy import Table, func, insert, select
from sqlalchemy.exc import DBAPIError

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import customer_scope
from alliance.platform.kernel.work import unit_of_work

TENANTS = [table for table in shop_tables() if table.schema == "tenants"]


@pytest.mark.parametrize("table", TENANTS, ids=lambda table: table.name)
def test_a_customers_scope_holds_no_row_of_the_shop(
    services: Services, parties: tuple[Party, Party, Party], table: Table
):
    shop = parties[0]
    row = shop.rows[table.fullname]
    scope = customer_scope(shop.id, shop.rows["tenants.customer"]["id"])
    with unit_of_work(services, shop.scope) as uow:
        assert uow.session.scalar(select(func.count()).where(table.c.id == row["id"])) == 1
    with unit_of_work(services, scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(table)) == 0
    with pytest.raises(DBAPIError, match="row-level security"), unit_of_work(services, scope) as uow:
        uow.session.execute(insert(table).values(row))
