"""What customers wrote opens again, whichever file brought it and whether or not it named the customer."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from support.actors import ShopActor, make_shop
from support.importing import check, commit, csv_bytes

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.returns.models import ReturnLine
from alliance.tenants.returns.reason_texts import open_reason_texts

ORDERS = csv_bytes("订单号,下单时间,商家编码,数量,单价", "O1,2026-10-01 10:00,A-1,1,10", "O1,2026-10-01 10:00,A-2,1,10")
HEAD = "退货单号,订单号,商家编码,数量,退货原因,原因说明,手机号"
NAMED, NAMELESS = "R1,O1,A-1,1,尺码偏小,太紧,13812345678", "R1,O1,A-2,1,尺码偏小,太短,"


def bring(services: Services, shop: ShopActor, content: bytes, kind: ImportKind) -> None:
    commit(services, shop, check(services, shop, content, kind=kind).id)


@pytest.mark.parametrize("rows", [(NAMED, NAMELESS), (NAMELESS, NAMED)], ids=["named first", "named last"])
@pytest.mark.parametrize("files", [1, 2])
@pytest.mark.parametrize("known", [False, True], ids=["order unknown", "order without customer"])
def test_texts_of_one_return_open_whoever_its_rows_name(services: Services, rows, files: int, known: bool):
    shop = make_shop(services)
    if known:
        bring(services, shop, ORDERS, ImportKind.ORDERS)
    for part in [rows] if files == 1 else [rows[:1], rows[1:]]:
        bring(services, shop, csv_bytes(HEAD, *part), ImportKind.RETURNS)
    with unit_of_work(services, shop.scope) as uow:
        lines = uow.session.scalars(select(ReturnLine).where(ReturnLine.shop_id == shop.id)).all()
        assert sorted(open_reason_texts(uow, lines).values()) == ["太短", "太紧"]
