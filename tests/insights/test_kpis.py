"""Key figures: the one return rate, by cohort, and what is said when nothing is known."""

from datetime import UTC, datetime, timedelta

import pytest
from support.actors import ShopActor, make_shop
from support.factories import DAY, make_order, make_return, make_unit, make_variant

from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.insights.kpis import MonthFigures, ReasonCount, figures_by_month, reasons_between
from alliance.tenants.insights.money import Recovery, recovery_between
from alliance.tenants.insights.months import Month
from alliance.tenants.returns.queries import find_lines_of_returns

ZONE = "Asia/Shanghai"
OCTOBER = Month(2026, 10)


def october(services: Services, shop: ShopActor) -> MonthFigures:
    with unit_of_work(services, shop.scope) as uow:
        (figures,) = figures_by_month(uow, first=OCTOBER, last=OCTOBER, zone=ZONE)
    return figures


def test_returned_units_are_counted_in_the_month_they_were_ordered(services: Services) -> None:
    shop = make_shop(services)
    sold = [make_order(services, shop, quantity=2) for _unused in range(5)]
    variant = make_variant(services, shop)
    # Ordered on the last evening of October in Shanghai, asked back in December: October's cohort.
    late = make_order(services, shop, variants=(variant,), placed_at=datetime(2026, 10, 31, 15, 59, tzinfo=UTC))
    make_return(services, shop, order=late, variants=(variant,), requested_at=datetime(2026, 12, 1, tzinfo=UTC))
    make_order(services, shop, placed_at=datetime(2026, 10, 31, 16, tzinfo=UTC))
    make_return(services, shop, order=sold[0], quantity=2)
    make_return(services, shop, order=sold[1], authorisation="rejected")
    # An order that only a return has named tells nothing about sales.
    make_return(services, shop, order=make_order(services, shop, complete=False))
    figures = october(services, shop)
    assert (figures.orders, figures.returns, figures.sold_units, figures.returned_units) == (6, 2, 11, 3)
    assert figures.rate is not None
    assert (figures.rate.value, figures.rate.n) == (3 / 11, 11)


def test_a_shop_whose_source_never_reports_returns_has_no_rate(services: Services) -> None:
    shop = make_shop(services)
    make_order(services, shop)
    figures = october(services, shop)
    assert (figures.orders, figures.sold_units, figures.rate) == (1, 1, None)


def test_a_cohort_is_final_35_days_after_its_month(services: Services) -> None:
    shop = make_shop(services)
    edge = Month(2026, 11).start(ZONE) + timedelta(days=35)
    for moment, final in ((edge - timedelta(seconds=1), False), (edge, True)):
        with clock.at(moment):
            assert october(services, shop).final is final


def test_reasons_share_out_all_returned_units_unmapped_ones_too(services: Services) -> None:
    shop = make_shop(services)
    for reason, quantity in (("size-too-small", 2), ("colour-other", 1), (None, 1), ("retired-handle", 1)):
        make_return(services, shop, reason=reason, quantity=quantity)
    with unit_of_work(services, shop.scope) as uow:
        found = reasons_between(uow, start=DAY, end=DAY + timedelta(seconds=1))
        assert reasons_between(uow, start=DAY + timedelta(seconds=1), end=DAY + timedelta(days=1)) == []
    assert found == [
        ReasonCount("size-too-small", 2, 0.4),
        ReasonCount("unknown", 2, 0.4),
        ReasonCount("colour-other", 1, 0.2),
    ]


def test_recovery_is_none_where_nothing_is_known_and_exact_where_it_is(services: Services) -> None:
    shop = make_shop(services)
    end = DAY + timedelta(days=1)
    with unit_of_work(services, shop.scope) as uow:
        assert recovery_between(uow, start=DAY, end=end) == Recovery(None, None, None, None)
    for days, fault in ((2, "supplier"), (4, "customer"), (None, "undetermined")):
        made = make_return(services, shop, handling_cost_minor=1_990, line={"responsibility": fault})
        with unit_of_work(services, shop.scope) as uow:
            line = find_lines_of_returns(uow, [made.id])[made.id][0]
        resold = None if days is None else DAY + timedelta(days=days)
        make_unit(services, shop, line_id=line.id, variant_id=line.variant_id, received_at=DAY, resold_at=resold)
    with unit_of_work(services, shop.scope) as uow:
        assert recovery_between(uow, start=DAY, end=end) == Recovery(0.1, 2 / 3, 0.5, 3.0)


def test_figures_need_their_permission(services: Services) -> None:
    shop = make_shop(services)
    with unit_of_work(services, shop_scope(shop.id)) as uow:
        with pytest.raises(ForbiddenError):
            figures_by_month(uow, first=OCTOBER, last=OCTOBER, zone=ZONE)
        with pytest.raises(ForbiddenError):
            recovery_between(uow, start=DAY, end=DAY)
