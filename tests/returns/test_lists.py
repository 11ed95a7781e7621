"""Lists of returns: filters, orders, pages, desks; one shop's rows in a fixed number of queries."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from support.actors import ShopActor, make_member, make_shop
from support.factories import DAY, make_order, make_product, make_return, make_unit, make_variant

from alliance.platform.grading.scale import Grade
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.paging import PageRequest, encode_cursor, page_select
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.tenants.returns.filters import NO_FILTER, ReturnFilter, matching
from alliance.tenants.returns.models import Return
from alliance.tenants.returns.queries import ORDERS, find_lines_of_returns, get_return, list_returns
from alliance.tenants.returns.states import (
    AuthorisationState,
    InspectionState,
    LogisticsState,
    RefundState,
    ReturnOrder,
    least_advanced,
    worst,
)
from alliance.tenants.returns.workbench import DESKS, count_desks


def numbers(
    services: Services,
    shop: ShopActor,
    chosen: ReturnFilter = NO_FILTER,
    order: ReturnOrder = ReturnOrder.OLDEST,
    **request: Any,
) -> list[str]:
    with unit_of_work(services, shop.scope) as uow:
        page = list_returns(uow, request=PageRequest(**request), chosen=chosen, order=order)
        return [row.number for row in page.items]


@pytest.fixture(scope="module")
def shop(services: Services) -> ShopActor:
    """Six returns, each apart from the others in every filter, and a neighbour with one just like the first."""
    ours, theirs = make_shop(services), make_shop(services)
    skirt = make_product(services, ours, title="半身裙 A 字", category="裙装")
    coat = make_product(services, ours, title="羊毛大衣", category="外套")
    small = make_variant(services, ours, product=skirt, sku="QZ-01")
    large = make_variant(services, ours, product=coat, sku="QZ-02")
    order = make_order(services, ours, variants=(small, large), number="20261015-7")
    for i in range(6):
        made = make_return(
            services,
            ours,
            order=order if i == 0 else None,
            variants=(small,) if i % 2 == 0 else (large,),
            reason=["size-too-small", "colour-other", None][i % 3],
            number=f"R-{i}",
            requested_at=DAY + timedelta(days=i) if i != 5 else None,
            listed_at=DAY + timedelta(days=i),
            refund_minor=[100, 300, 300, None, 50, 0][i],
            authorisation=["requested", "approved", "approved", "approved", "rejected", "approved"][i],
            logistics=["awaiting_parcel", "in_transit", "received", "received", "lost", "received"][i],
            inspection=["pending", "pending", "pending", "passed", "missing", "passed"][i],
            settlement=["none", "none", "pending", "pending", "denied", "refunded"][i],
            deadline=DAY + timedelta(days=1) if i < 2 else None,
            waybill="SF123" if i == 2 else None,
        )
        if i == 3:
            with unit_of_work(services, ours.scope) as uow:
                line = find_lines_of_returns(uow, [made.id])[made.id][0]
            make_unit(services, ours, line_id=line.id, variant_id=line.variant_id, grade="B")
    make_return(services, theirs, number="R-0", waybill="SF123")
    return ours


def test_each_order_holds_with_ties_and_unknown_amounts(services: Services, shop: ShopActor) -> None:
    assert numbers(services, shop) == ["R-0", "R-1", "R-2", "R-3", "R-4", "R-5"]
    assert numbers(services, shop, order=ReturnOrder.NEWEST) == ["R-5", "R-4", "R-3", "R-2", "R-1", "R-0"]
    assert numbers(services, shop, order=ReturnOrder.LARGEST) == ["R-2", "R-1", "R-0", "R-4", "R-5", "R-3"]


@pytest.mark.parametrize("order", list(ReturnOrder))
@pytest.mark.parametrize("size", [1, 2, 4, 6])
def test_pages_forward_and_backward_are_the_whole_list(
    services: Services, shop: ShopActor, order: ReturnOrder, size: int
) -> None:
    whole = numbers(services, shop, order=order)
    forward, cursor = [], None
    with unit_of_work(services, shop.scope) as uow:
        while True:
            page = list_returns(uow, request=PageRequest(first=size, after=cursor), order=order)
            forward += [row.number for row in page.items]
            assert page.has_previous is (cursor is not None)
            if not page.has_next:
                break
            cursor = page.cursors[-1]
        backward, cursor = [], None
        while True:
            page = list_returns(uow, request=PageRequest(last=size, before=cursor), order=order)
            backward = [row.number for row in page.items] + backward
            if not page.has_previous:
                break
            cursor = page.cursors[0]
    assert forward == whole
    assert backward == whole


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (ReturnFilter(authorisation=(AuthorisationState.REQUESTED, AuthorisationState.REJECTED)), ["R-0", "R-4"]),
        (ReturnFilter(logistics=(LogisticsState.RECEIVED,)), ["R-2", "R-3", "R-5"]),
        (ReturnFilter(inspection=(InspectionState.MISSING,)), ["R-4"]),
        (ReturnFilter(settlement=(RefundState.PENDING,)), ["R-2", "R-3"]),
        (ReturnFilter(logistics=(LogisticsState.RECEIVED,), settlement=(RefundState.PENDING,)), ["R-2", "R-3"]),
        (ReturnFilter(reason=("colour-other",)), ["R-1", "R-4"]),
        (ReturnFilter(category=("外套",)), ["R-1", "R-3", "R-5"]),
        (ReturnFilter(grade=(Grade.B, Grade.C)), ["R-3"]),
        (ReturnFilter(requested_from=DAY + timedelta(days=3)), ["R-3", "R-4"]),
        (ReturnFilter(requested_before=DAY + timedelta(days=1)), ["R-0"]),
        (ReturnFilter(search="R-"), ["R-0", "R-1", "R-2", "R-3", "R-4", "R-5"]),
        (ReturnFilter(search="20261015"), ["R-0"]),
        (ReturnFilter(search="QZ-02"), ["R-1", "R-3", "R-5"]),
        (ReturnFilter(search="羊毛"), ["R-1", "R-3", "R-5"]),
        (ReturnFilter(search="SF123"), ["R-2"]),
        (ReturnFilter(search="%"), []),
        (ReturnFilter(search="r-"), []),
        (ReturnFilter(search="'; --\x00"), []),
        (ReturnFilter(search="\x00 \ud800QZ-01"), ["R-0", "R-2", "R-4"]),
        (ReturnFilter(search=" \x00 "), ["R-0", "R-1", "R-2", "R-3", "R-4", "R-5"]),
    ],
)
def test_a_filter_finds_exactly_its_returns(
    services: Services, shop: ShopActor, chosen: ReturnFilter, found: list[str]
) -> None:
    assert numbers(services, shop, chosen) == found


def test_desks_count_what_their_lists_show(services: Services, shop: ShopActor) -> None:
    with clock.at(DAY + timedelta(days=2)), unit_of_work(services, shop.scope) as uow:
        counts = count_desks(uow)
    assert counts == {
        "all": 6,
        "overdue": 2,
        "to_decide": 1,
        "on_the_way": 1,
        "to_inspect": 1,
        "to_settle": 1,
        "done": 2,
    }
    for desk, chosen in DESKS.items():
        assert len(numbers(services, shop, chosen)) == counts[desk.value]


def test_another_shops_return_and_none_answer_alike(services: Services, shop: ShopActor) -> None:
    stranger = make_shop(services)
    with unit_of_work(services, shop.scope) as uow:
        known = get_return(uow, number="R-3")
    for wanted in ({"number": "R-3"}, {"return_id": known.id}, {"number": "no such"}):
        with unit_of_work(services, stranger.scope) as uow, pytest.raises(NotFoundError):
            get_return(uow, **wanted)


def test_a_scope_without_the_permission_reads_nothing(services: Services, shop: ShopActor) -> None:
    with unit_of_work(services, shop_scope(shop.id)) as uow, pytest.raises(ForbiddenError):
        list_returns(uow, request=PageRequest())
    analyst = make_member(services, shop, MemberRole.ANALYST)
    assert "customers:read" not in analyst.scope.permissions


@pytest.mark.parametrize(
    "request_",
    [
        PageRequest(first=501),
        PageRequest(first=-1),
        PageRequest(first=1, last=1),
        PageRequest(after="garbled"),
        PageRequest(after=encode_cursor([1, 2])),
        PageRequest(after=encode_cursor([datetime(2026, 1, 1, tzinfo=UTC), "no-uuid"])),
        PageRequest(after=encode_cursor(["2026-01-01T00:00:00", str(new_id())])),
    ],
)
def test_a_page_that_cannot_be_is_refused_in_words(services: Services, shop: ShopActor, request_: PageRequest) -> None:
    with unit_of_work(services, shop.scope) as uow, pytest.raises(BadInputError):
        list_returns(uow, request=request_)


def test_a_cursor_beyond_the_databases_integers_is_refused(services: Services, shop: ShopActor) -> None:
    after = encode_cursor([10**30, str(new_id())])
    with unit_of_work(services, shop.scope) as uow, pytest.raises(BadInputError):
        list_returns(uow, request=PageRequest(after=after), order=ReturnOrder.LARGEST)


def test_a_page_deep_in_the_list_starts_at_its_cursor_in_the_index(services: Services, shop: ShopActor) -> None:
    after = encode_cursor([DAY, new_id()])
    statement = page_select(
        matching(select(Return), shop_id=shop.id, chosen=NO_FILTER),
        order=ORDERS[ReturnOrder.NEWEST],
        request=PageRequest(after=after),
    )
    with unit_of_work(services, shop.scope) as uow:
        uow.session.execute(text("SET LOCAL enable_seqscan = off"))
        uow.session.execute(text("SET LOCAL enable_bitmapscan = off"))
        compiled = statement.compile(uow.session.get_bind())
        plan = "\n".join(uow.session.connection().exec_driver_sql(f"EXPLAIN {compiled}", compiled.params).scalars())
    condition = next(line for line in plan.splitlines() if "Index Cond" in line)
    assert "ix_returns_listed" in plan
    assert "listed_at <=" in condition


def test_a_line_is_as_bad_as_its_worst_unit_and_a_return_as_far_as_its_slowest_line() -> None:
    assert worst([]) is InspectionState.PENDING
    assert worst([InspectionState.PASSED, InspectionState.PENDING]) is InspectionState.PENDING
    assert worst([InspectionState.PENDING, InspectionState.MISSING]) is InspectionState.MISSING
    assert least_advanced([]) is RefundState.NONE
    assert least_advanced([RefundState.REFUNDED, RefundState.PENDING]) is RefundState.PENDING
    assert least_advanced([RefundState.REFUNDED, RefundState.EXCHANGED]) is RefundState.REFUNDED
