"""A line's total is kept as the source says it: a price a piece would miss it by rounding."""

from __future__ import annotations

from support.actors import make_shop
from support.importing import bring_in, csv_bytes

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.reporting import first_report
from alliance.tenants.importing.states import ImportKind

SOLD = csv_bytes(
    "订单号,SKU,商品名称,数量,行金额,下单时间",
    "1,D,连衣裙,3,100.00,2026-08-01",
    "2,D,连衣裙,7,100.00,2026-08-02",
)
BACK = csv_bytes(
    "订单号,SKU,退货数量,申请时间,退货原因",
    "1,D,3,2026-08-10,尺码偏小",
    "2,D,2,2026-08-10,尺码偏小",
)


def test_what_came_back_whole_is_worth_what_it_was_sold_for(services: Services) -> None:
    shop = make_shop(services)
    bring_in(services, shop, SOLD, kind=ImportKind.ORDERS, preset="free")
    done = bring_in(services, shop, BACK, kind=ImportKind.RETURNS)
    with unit_of_work(services, shop.scope) as uow:
        money = first_report(uow, done.id).money
    # All three pieces of 100.00, and two of seven of 100.00: 28.57.
    assert (money.refunds, money.estimated, money.estimated_units) == (0, 10_000 + 2_857, 5)
