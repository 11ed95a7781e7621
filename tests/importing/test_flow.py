"""Upload, map, check, commit, undo: what reaches the shop's tables, and what never does."""

from __future__ import annotations

from support.actors import make_shop
from support.importing import bring_in, check, commit, count, csv_bytes, problems, rows

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.customers.models import Customer
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.importing.undoing import undo_import
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine

TABLES = (Order, OrderLine, Return, ReturnLine, Product, Variant, Customer)
ORDERS = csv_bytes(
    "订单号,SKU,商品名称,尺码,颜色,数量,单价,下单时间,手机号,顾客姓名",
    "0012,A-1,连衣裙,2XL,黑,1,199.00,2026-10-01 10:00:00,13800138000,王小明",
    "0012,A-2,连衣裙,3XL,黑,2,199.00,2026-10-01 10:00:00,13800138000,王小明",
    '0013,B-1,衬衫,均码,白,1,"1,268元",2026-10-02 10:00:00,13900139000,李红',
)
RETURNS = csv_bytes(
    "订单号,SKU,退货数量,申请时间,退货原因,售后状态,退款金额",
    "0012,A-1,1,2026-10-05 09:00:00,尺码偏小,退款成功,199.00",
    "0013,B-1,1,2026-10-06 09:00:00,色差,待商家处理,0",
    "0099,A-1,1,2026-10-06 09:00:00,说不清,退款成功,10",
)


def test_nothing_is_written_before_the_commit(services: Services) -> None:
    shop = make_shop(services)
    checked = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    assert (checked.status, checked.rows_total, checked.rows_accepted, checked.rows_rejected) == ("checked", 3, 3, 0)
    assert count(services, shop, *TABLES) == (0, 0, 0, 0, 0, 0, 0)


def test_orders_then_returns_are_linked_and_counted(services: Services) -> None:
    shop = make_shop(services)
    done = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    assert done.status == "done"
    assert done.created == {
        "orders": 2,
        "order_lines": 3,
        "completed_orders": 0,
        "inferred_orders": 0,
        "returns": 0,
        "return_lines": 0,
        "products": 2,
        "variants": 3,
        "customers": 2,
        "duplicates": 0,
    }
    orders = {order.number: order for order in rows(services, shop, Order)}
    assert {number: order.total_minor for number, order in orders.items()} == {"0012": 59_700, "0013": 126_800}
    back = bring_in(services, shop, RETURNS, kind=ImportKind.RETURNS)
    assert (back.created["returns"], back.created["return_lines"], back.created["inferred_orders"]) == (3, 3, 1)
    found = {line.order_id: line for line in rows(services, shop, Return)}
    linked = found[orders["0012"].id]
    assert (linked.number, linked.authorisation, linked.logistics, linked.settlement, linked.refund_minor) == (
        "0012-R20261005",
        "approved",
        "received",
        "refunded",
        19_900,
    )
    assert linked.customer_id == orders["0012"].customer_id
    assert sorted(line.reason for line in rows(services, shop, ReturnLine)) == [
        "colour-differs-from-picture",
        "size-too-small",
        "unknown",
    ]
    assert sorted(line.order_line_id is None for line in rows(services, shop, ReturnLine)) == [False, False, True]
    assert [order.complete for order in rows(services, shop, Order) if order.number == "0099"] == [False]


def test_the_same_file_twice_changes_nothing(services: Services) -> None:
    shop = make_shop(services)
    for content, kind in ((ORDERS, ImportKind.ORDERS), (RETURNS, ImportKind.RETURNS)):
        bring_in(services, shop, content, kind=kind)
        before = count(services, shop, *TABLES)
        again = check(services, shop, content, kind=kind)
        assert (again.rows_accepted, again.rows_duplicate) == (0, 3)
        done = commit(services, shop, again.id)
        assert {key: n for key, n in done.created.items() if n} == {"duplicates": 3}
        assert count(services, shop, *TABLES) == before


def test_an_import_is_undone_whole(services: Services) -> None:
    shop = make_shop(services)
    orders = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    before = count(services, shop, *TABLES)
    back = bring_in(services, shop, RETURNS, kind=ImportKind.RETURNS)
    with unit_of_work(services, shop.scope) as uow:
        undo_import(uow, back.id)
    assert count(services, shop, *TABLES) == before
    customers = [customer.id for customer in rows(services, shop, Customer)]
    assert len(services.keys.subject_keys(shop.id, customers)) == 2
    with unit_of_work(services, shop.scope) as uow:
        undo_import(uow, orders.id)
    assert count(services, shop, *TABLES) == (0, 0, 0, 0, 0, 0, 0)
    assert services.keys.subject_keys(shop.id, customers) == {}


def test_warnings_name_what_will_be_made(services: Services) -> None:
    shop = make_shop(services)
    bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    checked = check(services, shop, RETURNS, kind=ImportKind.RETURNS)
    assert problems(services, shop, checked.id) == {
        ("order_unknown", "订单号"): 1,
        ("reason_unmapped", "退货原因"): 1,
    }
    assert checked.rows_warned == 1


def test_known_products_are_duplicates_too(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes("SKU,商品名称,尺码,颜色,单价,库存", "A-1,连衣裙,2XL,黑,199,3", "A-2,连衣裙,3XL,黑,199,0")
    done = bring_in(services, shop, content, kind=ImportKind.PRODUCTS)
    assert (done.created["products"], done.created["variants"]) == (1, 2)
    assert sorted((item.sku, item.size, item.price_minor, item.stock) for item in rows(services, shop, Variant)) == [
        ("A-1", "2XL", 19_900, 3),
        ("A-2", "3XL", 19_900, 0),
    ]
    again = check(services, shop, content, kind=ImportKind.PRODUCTS)
    assert (again.rows_accepted, again.rows_duplicate) == (0, 2)
