"""The traps of real files, each from the file to what is told and what is written."""

from __future__ import annotations

import pytest
from support.actors import make_shop
from support.importing import bring_in, check, commit, count, csv_bytes, problems, rows, xlsx_bytes

from alliance.platform.kernel.services import Services
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.importing.staging.pipeline import Pipeline
from alliance.tenants.importing.starting import ColumnChoice
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine

ORDER_HEADER = "订单号,SKU,商品名称,数量,单价,下单时间"
ORDER = f"{ORDER_HEADER}\n0012,A-1,连衣裙,1,199.00,2026-10-01 10:00:00"
RETURN_HEADER = "订单号,SKU,退货数量,申请时间,退货原因,退款金额"


def test_scientific_and_rounded_order_numbers_are_refused_with_the_mend(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(ORDER_HEADER, "2.02611E+10,A-1,裙,1,9.00,2026-10-01", "20261103882,A-1,裙,1,9.00,2026-10-01")
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert (checked.rows_accepted, checked.rows_rejected) == (1, 1)
    assert problems(services, shop, checked.id) == {("scientific_number", "订单号"): 1}
    rounded = xlsx_bytes([ORDER_HEADER.split(","), [1234567890123456789, "A-1", "裙", 1, 9, "2026-10-01"]])
    assert problems(services, shop, check(services, shop, rounded, kind=ImportKind.ORDERS).id) == {
        ("scientific_number", "订单号"): 1
    }


def test_leading_zeros_and_spreadsheet_numbers_stay_order_numbers(services: Services) -> None:
    shop = make_shop(services)
    content = xlsx_bytes(
        [ORDER_HEADER.split(","), ["000123", "007", "裙", 1, 9, 46330.5], [20261103882, 8, "裙", 1.0, 9.5, 46331]]
    )
    bring_in(services, shop, content, kind=ImportKind.ORDERS)
    assert [order.number for order in rows(services, shop, Order)] == ["000123", "20261103882"]
    assert sorted(variant.sku for variant in rows(services, shop, Variant)) == ["007", "8"]
    placed = [order.placed_at.isoformat() for order in rows(services, shop, Order)]
    assert placed == ["2026-11-04T04:00:00+00:00", "2026-11-04T16:00:00+00:00"]


def test_an_undecidable_date_column_is_settled_with_one_rule(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(ORDER_HEADER, *(f"{n},A-1,裙,1,9.00,0{n}/04/2026" for n in range(1, 8)))
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert problems(services, shop, checked.id) == {("date_ambiguous", "下单时间"): 6}
    assert (checked.rows_accepted, checked.rows_rejected) == (1, 6)
    settled = check(
        services, shop, content, kind=ImportKind.ORDERS, columns=[ColumnChoice("下单时间", "placed_at", "dmy")]
    )
    assert (settled.rows_accepted, settled.rows_rejected) == (7, 0)
    commit(services, shop, settled.id)
    assert [order.placed_at.date().isoformat() for order in rows(services, shop, Order)][:2] == [
        "2026-03-31",
        "2026-04-01",
    ]


def test_one_certain_date_decides_for_its_column_and_says_so(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(
        ORDER_HEADER, "1,A,裙,1,9.00,03/04/2026", "2,A,裙,1,9.00,25/04/2026", "3,A,裙,1,9.00,2026-04-26"
    )
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert problems(services, shop, checked.id) == {
        ("date_order_guessed", "下单时间"): 1,
        ("date_formats_mixed", "下单时间"): 1,
    }
    assert checked.rows_accepted == 3
    commit(services, shop, checked.id)
    first = rows(services, shop, Order)[0]
    assert first.placed_at.isoformat() == "2026-04-02T16:00:00+00:00"


def test_another_currency_is_a_problem_of_the_row(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(
        f"{ORDER_HEADER},币种",
        "1,A,裙,1,$9.00,2026-10-01,CNY",
        "2,A,裙,1,9.00,2026-10-01,USD",
        "3,A,裙,1,9,2026-10-01,人民币",
    )
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert problems(services, shop, checked.id) == {
        ("currency_mismatch", "单价"): 1,
        ("currency_mismatch", "币种"): 1,
    }
    assert checked.rows_accepted == 1


def test_several_products_in_one_cell_become_lines(services: Services) -> None:
    shop = make_shop(services)
    bring_in(
        services,
        shop,
        csv_bytes(ORDER_HEADER, "1,A,裙,2,50,2026-10-01", "1,B,裤,1,80,2026-10-01"),
        kind=ImportKind.ORDERS,
    )
    content = csv_bytes(
        "RMA number,Order number,Items,Refund amount,Return reason",
        'R1,1,"A x 2; B x 1",180.01,too small',
        'R2,1,"A; B * 5x",10,too small',
    )
    row = check(services, shop, content, kind=ImportKind.RETURNS, columns=[ColumnChoice("Items", "items")])
    assert problems(services, shop, row.id)[("items_exploded", "")] == 2
    commit(services, shop, row.id)
    first = rows(services, shop, Return)[0]
    lines = [line for line in rows(services, shop, ReturnLine) if line.return_id == first.id]
    assert [(line.quantity, line.refund_minor, line.order_line_id is not None) for line in lines] == [
        (2, 9001, True),
        (1, 9000, True),
    ]
    assert first.refund_minor == 18_001


def test_uneven_lists_are_refused(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(ORDER_HEADER, '1,"A;B;C",裙,"1;2",9.00,2026-10-01')
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert problems(services, shop, checked.id) == {("items_uneven", ""): 1}


def test_repeated_rows_are_duplicates_and_alike_ones_are_lines(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(
        ORDER_HEADER, "1,A,裙,1,50,2026-10-01", "1,A,裙,1,50,2026-10-01", "1,A,裙,1,40,2026-10-01", "合计,,,3,140,"
    )
    done = bring_in(services, shop, content, kind=ImportKind.ORDERS)
    assert (done.rows_total, done.rows_accepted, done.rows_duplicate, done.rows_rejected) == (3, 2, 1, 0)
    assert [(line.line_key, line.unit_price_minor) for line in rows(services, shop, OrderLine)] == [
        ("A", 5_000),
        ("A#2", 4_000),
    ]
    assert rows(services, shop, Order)[0].total_minor == 9_000


def test_a_return_dated_long_before_its_order_is_refused(services: Services) -> None:
    shop = make_shop(services)
    bring_in(services, shop, csv_bytes(*ORDER.split("\n")), kind=ImportKind.ORDERS)
    content = csv_bytes(RETURN_HEADER, "0012,A-1,1,2026-09-01,色差,1", "0012,A-1,1,2026-10-01 03:00:00,色差,1")
    checked = check(services, shop, content, kind=ImportKind.RETURNS)
    assert problems(services, shop, checked.id) == {("date_before_order", "申请时间"): 1}
    done = commit(services, shop, checked.id)
    assert (done.created["returns"], count(services, shop, Return)) == (1, (1,))


def test_broken_rows_are_named_and_the_rest_is_imported(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(ORDER_HEADER, "1,A,裙,1,9.00,2026-10-01").rstrip(b"\n")
    content += "\n2,B,\u0007裤,1,9.00,2026-10-01\n".encode() + b"3,C,\xff\xfe,1,9.00,2026-10-01\n"
    content += "4,D,裙,黑,1,9.00,2026-10-01\n5,E,裙\n,,,,,\n".encode()
    checked = check(services, shop, content, kind=ImportKind.ORDERS)
    assert problems(services, shop, checked.id) == {
        ("row_control", ""): 1,
        ("row_undecodable", ""): 1,
        ("row_too_long", ""): 1,
    }
    assert (checked.rows_total, checked.rows_accepted, checked.rows_rejected) == (5, 2, 3)


def test_gb18030_files_keep_their_characters(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(ORDER_HEADER, "1,A,𠮷祥连衣裙,1,9.00,2026-10-01", encoding="gb18030")
    bring_in(services, shop, content, kind=ImportKind.ORDERS)
    assert [product.title for product in rows(services, shop, Product)] == ["𠮷祥连衣裙"]


def test_one_file_may_hold_sales_and_returns(services: Services) -> None:
    shop = make_shop(services, currency="USD")
    content = csv_bytes(
        "id,order_id,user_id,product_id,created_at,shipped_at,returned_at,sale_price",
        "1,10,7,P1,2026-09-01 10:00:00 UTC,2026-08-31 10:00:00 UTC,2026-09-09 10:00:00 UTC,40.0",
        "1,10,7,P1,2026-09-01 10:00:00 UTC,2026-08-31 10:00:00 UTC,2026-09-09 10:00:00 UTC,40.0",
        "2,10,7,P2,2026-09-01 10:00:00 UTC,,,60.5",
    )
    checked = check(services, shop, content, kind=None)
    assert (checked.kind, checked.preset) == ("combined", "free")
    assert problems(services, shop, checked.id) == {("shipped_before_order", "shipped_at"): 1}
    done = commit(services, shop, checked.id)
    assert (done.created["orders"], done.created["order_lines"], done.created["returns"]) == (1, 2, 1)
    assert (done.rows_accepted, done.rows_duplicate) == (2, 1)
    assert rows(services, shop, Order)[0].total_minor == 10_050
    (line,) = rows(services, shop, ReturnLine)
    assert line.order_line_id is not None


def test_negative_quantities_are_returns(services: Services) -> None:
    shop = make_shop(services)
    content = csv_bytes(
        "订单号,商品名称,数量,单价,日期", "1,裙,2,50,2026-10-01", "1,裙,-1,50,2026-10-08", "2,裤,1,80,2026-10-02"
    )
    columns = [ColumnChoice("日期", "placed_at")]
    done = bring_in(services, shop, content, kind=ImportKind.COMBINED, columns=columns)
    assert (done.created["orders"], done.created["order_lines"], done.created["returns"]) == (2, 2, 1)
    (line,) = rows(services, shop, ReturnLine)
    assert (line.quantity, line.order_line_id is not None) == (1, True)


def test_a_return_without_an_order_number_finds_the_customers_sale(services: Services) -> None:
    shop = make_shop(services)
    orders = csv_bytes(
        "订单号,SKU,商品名称,数量,单价,下单时间,手机号",
        "1,A,裙,1,50,2026-09-01,13800138000",
        "2,A,裙,1,50,2026-10-01,13800138000",
        "3,A,裙,1,50,2026-10-02,13900139000",
    )
    bring_in(services, shop, orders, kind=ImportKind.ORDERS)
    content = csv_bytes(
        "手机号,SKU,退货数量,申请时间,退货原因",
        "138 0013 8000,A,1,2026-10-09,色差",
        "13700137000,A,1,2026-10-09,色差",
    )
    checked = check(services, shop, content, kind=ImportKind.RETURNS)
    assert problems(services, shop, checked.id) == {("sale_not_found", ""): 1}
    assert (checked.rows_accepted, checked.rows_rejected) == (1, 1)
    done = commit(services, shop, checked.id)
    assert done.created["returns"] == 1
    numbers = {order.id: order.number for order in rows(services, shop, Order)}
    (found,) = rows(services, shop, Return)
    assert (numbers[found.order_id], found.number) == ("2", "2-R20261009")


def test_a_return_of_a_whole_order_names_no_product(services: Services) -> None:
    shop = make_shop(services)
    bring_in(
        services,
        shop,
        csv_bytes(ORDER_HEADER, "1,A,裙,2,50,2026-10-01", "1,B,裤,1,80,2026-10-01"),
        kind=ImportKind.ORDERS,
    )
    content = csv_bytes("Order ID,Return reason,Return date", "1,wrong item,2026-10-09", "9,wrong item,2026-10-09")
    checked = check(services, shop, content, kind=ImportKind.RETURNS)
    assert problems(services, shop, checked.id)[("product_unnamed", "")] == 2
    done = commit(services, shop, checked.id)
    assert (done.created["returns"], done.created["return_lines"], done.created["inferred_orders"]) == (2, 3, 1)
    assert sorted(line.quantity for line in rows(services, shop, ReturnLine)) == [1, 1, 2]


def test_an_order_known_only_from_a_return_is_completed(services: Services) -> None:
    shop = make_shop(services)
    back = csv_bytes(RETURN_HEADER, "0012,A-1,1,2026-10-05,色差,199")
    bring_in(services, shop, back, kind=ImportKind.RETURNS, columns=[])
    assert [(order.complete, order.total_minor) for order in rows(services, shop, Order)] == [(False, 0)]
    done = bring_in(services, shop, csv_bytes(*ORDER.split("\n")), kind=ImportKind.ORDERS)
    assert (done.created["orders"], done.created["completed_orders"], done.created["order_lines"]) == (0, 1, 1)
    (order,) = rows(services, shop, Order)
    assert (order.complete, order.total_minor) == (True, 19_900)
    assert order.placed_at.isoformat() == "2026-10-01T02:00:00+00:00"


def test_order_fields_on_the_first_row_only_hold_for_all_its_lines(services: Services) -> None:
    shop = make_shop(services, currency="USD")
    content = csv_bytes(
        "Name,Email,Created at,Currency,Total,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku",
        "#1001,a@example.com,2026-10-01 10:00:00 -0400,USD,99.50,1,Dress,50,D-1",
        "#1001,,,,,2,Skirt,20,S-1",
    )
    done = bring_in(services, shop, content, kind=None)
    assert (done.preset, done.channel, done.created["order_lines"]) == ("shopify_orders", "shopify", 2)
    (order,) = rows(services, shop, Order)
    assert (order.number, order.total_minor, order.placed_at.isoformat()) == (
        "1001",
        9_950,
        "2026-10-01T14:00:00+00:00",
    )


@pytest.mark.parametrize("size", [1, 2, 3, 50])
def test_chunks_of_any_size_come_to_the_same(services: Services, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    shop = make_shop(services)
    content = csv_bytes(
        ORDER_HEADER,
        *(f"{n // 3},A-{n % 2},裙,1,{10 + n % 2}.00,2026-10-01" for n in range(20)),
        "0,A-0,裙,1,10.00,2026-10-01",
    )
    from alliance.tenants.importing import layout  # noqa: PLC0415 (only this test changes its size)

    monkeypatch.setattr(layout.read_file, "__kwdefaults__", {"size": size})
    done = bring_in(services, shop, content, kind=ImportKind.ORDERS)
    assert (done.rows_total, done.rows_duplicate, done.created["orders"]) == (21, 7, 7)
    assert done.created["order_lines"] == 14
    assert {order.number: order.total_minor for order in rows(services, shop, Order)} == {
        str(n): 2_100 for n in range(7)
    }
    assert Pipeline is not None


def test_signs_that_mean_something_to_a_database_stay_signs(services: Services) -> None:
    shop = make_shop(services)
    word = "50% 'x'; \\ \"y\" %s {z}"
    content = csv_bytes(
        "订单号,SKU,退货数量,申请时间,退货原因,售后状态,退货快递公司",
        *(f'{n},A,1,2026-10-05,色差,"{word.replace(chr(34), chr(34) * 2)}",顺丰\'%' for n in range(3)),
    )
    bring_in(services, shop, content, kind=ImportKind.RETURNS)
    assert {(found.platform_status, found.carrier) for found in rows(services, shop, Return)} == {(word, "顺丰'%")}
