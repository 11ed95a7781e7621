"""Who may import, whose file it is, what a step refuses, and what stands in the way of an undo."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from support.actors import make_shop
from support.factories import make_event
from support.importing import bring_in, check, commit, count, csv_bytes, read, rows, start, upload

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ConflictError, ForbiddenError, NotFoundError
from alliance.platform.kernel.files import delete_file
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole, permissions_of
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.models import Import, ImportMapping, ImportProblem, ImportProblemGroup
from alliance.tenants.importing.starting import ColumnChoice, map_import, start_import
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.importing.telling import list_groups, write_bad_rows
from alliance.tenants.importing.undoing import undo_import
from alliance.tenants.orders.models import Order, OrderLine
from alliance.tenants.returns.models import Return, ReturnLine

ORDERS = csv_bytes("订单号,SKU,商品名称,数量,单价,下单时间", "1,A,裙,1,50,2026-10-01", "2,A,裙,1,50,2026-10-02")
RETURNS = csv_bytes("订单号,SKU,退货数量,申请时间,退货原因,退款金额", "1,A,1,2026-10-05,色差,50")
BAD = csv_bytes(
    "订单号,SKU,商品名称,数量,单价,下单时间,备注",
    "1,A,裙,1,50,2026-10-01,=1+1",
    "2.5E+10,A,裙,1,50,2026-10-01,=cmd()",
    "3,A,裙,1,$5,2026-10-01,ok",
)
TABLES = (Import, ImportProblem, ImportProblemGroup, ImportMapping, Order, OrderLine, Return, ReturnLine)


def test_another_shops_file_and_import_are_not_there(services: Services) -> None:
    mine, theirs = make_shop(services), make_shop(services)
    file_id = upload(services, theirs, ORDERS)
    imported = check(services, theirs, ORDERS, kind=ImportKind.ORDERS)
    for missing in (file_id, uuid4()):
        with pytest.raises(NotFoundError), unit_of_work(services, mine.scope) as uow:
            start_import(uow, file_id=missing, kind=ImportKind.ORDERS)
    for deed in (map_import, commit_import, undo_import, list_groups):
        with pytest.raises(NotFoundError), unit_of_work(services, mine.scope) as uow:
            deed(uow, imported.id)  # type: ignore[operator]  # all take an import's id
    assert count(services, mine, *TABLES) == (0,) * len(TABLES)
    assert read(services, theirs, imported.id).status == "checked"


def test_only_who_may_write_imports_takes_a_step(services: Services) -> None:
    shop = make_shop(services)
    file_id = upload(services, shop, ORDERS)
    row = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    before = count(services, shop, *TABLES)
    for role in (MemberRole.STAFF, MemberRole.ANALYST, MemberRole.AUDITOR):
        scope = shop_scope(shop.id, permissions=frozenset(str(item) for item in permissions_of(role)))
        with pytest.raises(ForbiddenError), unit_of_work(services, scope) as uow:
            start_import(uow, file_id=file_id)
        for deed in (map_import, commit_import, undo_import):
            with pytest.raises(ForbiddenError), unit_of_work(services, scope) as uow:
                deed(uow, row.id)  # type: ignore[operator]  # all take an import's id
    assert count(services, shop, *TABLES) == before


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ([ColumnChoice("没有这列", "sku")], "没有这列"),
        ([ColumnChoice("SKU", "no_such_field")], "no_such_field"),
        ([ColumnChoice("SKU", "returned")], "returned"),
        ([ColumnChoice("订单号", None)], "订单号"),
        ([ColumnChoice("SKU", "sku", "dmy")], "dmy"),
        ([ColumnChoice("下单时间", "placed_at", "xyz")], "xyz"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused(services: Services, columns: list[ColumnChoice], words: str) -> None:
    shop = make_shop(services)
    row = start(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with pytest.raises(BadInputError, match=words) as refused, unit_of_work(services, shop.scope) as uow:
        map_import(uow, row.id, columns=columns)
    assert refused.value.field == ("columns",)
    kept = read(services, shop, row.id)
    assert (kept.status, kept.mapping) == ("mapping", row.mapping)


def test_unknown_presets_and_kinds_that_do_not_fit_are_refused(services: Services) -> None:
    shop = make_shop(services)
    for preset in ("nonsense", "shopify_orders"):
        with pytest.raises(BadInputError) as refused:
            start(services, shop, RETURNS, kind=ImportKind.RETURNS, preset=preset)
        assert refused.value.field == ("preset",)
    assert count(services, shop, Import) == (0,)


def test_bad_rows_must_be_skipped_on_purpose(services: Services) -> None:
    shop = make_shop(services)
    row = check(services, shop, BAD, kind=ImportKind.ORDERS)
    with pytest.raises(BadInputError) as refused, unit_of_work(services, shop.scope) as uow:
        commit_import(uow, row.id)
    assert refused.value.field == ("skipBadRows",)
    assert (read(services, shop, row.id).status, count(services, shop, Order)) == ("checked", (0,))
    done = commit(services, shop, row.id, skip_bad_rows=True)
    assert (done.status, done.created["orders"]) == ("done", 1)


def test_the_bad_rows_come_back_alone_with_the_reason_and_no_formula(services: Services) -> None:
    shop = make_shop(services)
    row = check(services, shop, BAD, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        text = b"".join(write_bad_rows(uow, row.id, locale="zh_CN")).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0] == "行,要改的地方,订单号,SKU,商品名称,数量,单价,下单时间,备注"
    assert [line.split(",")[0] for line in lines[1:]] == ["3", "4"]
    assert lines[1].startswith("3,订单号: 编号被 Excel 变成了科学计数")
    assert lines[1].endswith(",'=cmd()")


def test_a_step_out_of_order_is_a_conflict(services: Services) -> None:
    shop = make_shop(services)
    row = start(services, shop, ORDERS, kind=ImportKind.ORDERS)
    for deed in (commit_import, undo_import):
        with pytest.raises(ConflictError), unit_of_work(services, shop.scope) as uow:
            deed(uow, row.id)  # type: ignore[operator]  # both take an import's id
    done = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with pytest.raises(ConflictError), unit_of_work(services, shop.scope) as uow:
        map_import(uow, done.id)


def test_committing_twice_is_one_commit(services: Services) -> None:
    shop = make_shop(services)
    done = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        assert commit_import(uow, done.id) == done.job_id
    assert read(services, shop, done.id).committed_at == done.committed_at


def test_a_mapping_is_remembered_for_the_same_headers(services: Services) -> None:
    shop, other = make_shop(services), make_shop(services)
    content = csv_bytes("单,货,价,日", "1,A,50,2026-10-01")
    columns = [
        ColumnChoice(header, field)
        for header, field in (("单", "order_number"), ("货", "sku"), ("价", "price"), ("日", "placed_at"))
    ]
    bring_in(services, shop, content, kind=ImportKind.ORDERS, columns=columns)
    again = start(services, shop, csv_bytes("日,单,货,价", "2026-10-02,2,A,50"), kind=ImportKind.ORDERS)
    assert again.mapping == {"单": "order_number", "货": "sku", "价": "price", "日": "placed_at"}
    assert start(services, other, content, kind=ImportKind.ORDERS).mapping == {}


def test_an_undo_ends_after_a_day(services: Services) -> None:
    shop = make_shop(services)
    done = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    late = clock.now() + timedelta(hours=24, minutes=1)
    with clock.at(late), pytest.raises(ConflictError, match="24 小时"), unit_of_work(services, shop.scope) as uow:
        undo_import(uow, done.id)
    assert count(services, shop, Order) == (2,)


def test_an_undo_names_the_later_work_that_stands_on_it(services: Services) -> None:
    shop = make_shop(services)
    orders = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    back = bring_in(services, shop, RETURNS, kind=ImportKind.RETURNS)
    with (
        pytest.raises(ConflictError, match="导入的订单后来有了退货（1 条）"),
        unit_of_work(services, shop.scope) as uow,
    ):
        undo_import(uow, orders.id)
    make_event(services, shop, return_id=rows(services, shop, Return)[0].id)
    with (
        pytest.raises(ConflictError, match="导入的退货已有处理记录（1 条）"),
        unit_of_work(services, shop.scope) as uow,
    ):
        undo_import(uow, back.id)
    assert count(services, shop, Order, OrderLine, Return, ReturnLine) == (2, 2, 1, 1)


def test_an_undo_of_orders_leaves_what_a_return_had_told(services: Services) -> None:
    shop = make_shop(services)
    bring_in(services, shop, RETURNS, kind=ImportKind.RETURNS)
    orders = bring_in(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        undo_import(uow, orders.id)
    assert [(order.number, order.complete) for order in rows(services, shop, Order)] == [("1", False)]
    assert count(services, shop, OrderLine, Return, ReturnLine) == (0, 1, 1)


def test_a_file_that_is_gone_is_told(services: Services) -> None:
    shop = make_shop(services)
    row = check(services, shop, ORDERS, kind=ImportKind.ORDERS)
    with unit_of_work(services, shop.scope) as uow:
        delete_file(uow, UUID(str(row.file_id)))
    done = commit(services, shop, row.id)
    assert (done.status, count(services, shop, Order)) == ("failed", (0,))


def test_values_of_problems_are_sealed_and_shown_to_whom_may_see_customers(services: Services) -> None:
    shop = make_shop(services)
    row = check(services, shop, BAD, kind=ImportKind.ORDERS)
    stored = rows(services, shop, ImportProblem)
    assert all(b"2.5E+10" not in (problem.value_sealed or b"") for problem in stored)
    with unit_of_work(services, shop.scope) as uow:
        values = {sample.value for group in list_groups(uow, row.id) for sample in group.samples}
    assert values == {"2.5E+10", "$5"}
    analyst = shop_scope(shop.id, permissions=frozenset(str(item) for item in permissions_of(MemberRole.ANALYST)))
    with unit_of_work(services, analyst) as uow:
        assert {sample.value for group in list_groups(uow, row.id) for sample in group.samples} == {None}
