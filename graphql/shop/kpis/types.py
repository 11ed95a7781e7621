"""The types ShopKpis, MonthlyKpi and CountByKey: each figure is computed only if it is asked for, and only once."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.permissions import access
from alliance.platform.members.roles import Permission
from alliance.tenants.insights.intervals import wilson
from alliance.tenants.insights.kpis import MonthFigures, figures_by_month, reasons_between
from alliance.tenants.insights.money import Recovery, recovery_between
from alliance.tenants.insights.months import Month


@access(Permission.KPIS_READ)
@strawberry.type
class MonthlyKpi:
    """The cohort of one order month. `returnRate` is null where nothing was sold or no return was ever reported."""

    month: Month
    orders: int
    returns: int
    return_rate: float | None


@access(Permission.KPIS_READ)
@strawberry.type
class CountByKey:
    """How many returned units a key stands for, and its share of all of them."""

    key: str
    count: int
    share: float


@access(Permission.KPIS_READ)
@strawberry.type
class ShopKpis:
    """Key figures of some months in the shop's zone. A figure whose data does not exist yet is null."""

    first: strawberry.Private[Month]
    last: strawberry.Private[Month]
    zone: strawberry.Private[str]

    @resolved()
    def orders(self, info: Info) -> int:
        """Orders placed."""
        return sum(month.orders for month in self._months(info))

    @resolved()
    def returns(self, info: Info) -> int:
        """Returns of those orders, whenever they were asked for."""
        return sum(month.returns for month in self._months(info))

    @resolved()
    def return_rate(self, info: Info) -> float | None:
        """Returned units / sold units of those orders."""
        months = self._months(info)
        sold = sum(month.sold_units for month in months)
        returned = sum(month.returned_units for month in months)
        if returned > sold or all(month.rate is None for month in months):
            return None
        share = wilson(returned, sold)
        return share.value if share else None

    @resolved()
    def net_promoter_return_rate(self) -> float | None:
        """Returners who would buy again; null until customers are asked."""
        return None

    @resolved()
    def handling_cost_share(self, info: Info) -> float | None:
        """Return handling cost / revenue."""
        return self._recovery(info).handling_cost_share

    @resolved()
    def resale_rate(self, info: Info) -> float | None:
        """Returned units that were sold again."""
        return self._recovery(info).resale_rate

    @resolved()
    def supplier_fault_rate(self, info: Info) -> float | None:
        """Returned units the supplier answers for, of those where it was decided."""
        return self._recovery(info).supplier_fault_rate

    @resolved()
    def regeneration_days(self, info: Info) -> float | None:
        """Median days from received to sold again."""
        return self._recovery(info).regeneration_days

    @resolved(size=30)
    def by_reason(self, info: Info) -> list[CountByKey]:
        """Returned units by reason handle, most frequent first, of returns asked for in these months."""
        start, end = self.first.start(self.zone), self.last.next().start(self.zone)
        found = reasons_between(info.context.uow, start=start, end=end)
        return [CountByKey(key=item.handle, count=item.count, share=item.share) for item in found]

    @resolved(size=24)
    def by_month(self, info: Info) -> list[MonthlyKpi]:
        """The cohorts one by one."""
        return [
            MonthlyKpi(
                month=item.month,
                orders=item.orders,
                returns=item.returns,
                return_rate=item.rate.value if item.rate else None,
            )
            for item in self._months(info)
        ]

    def _months(self, info: Info) -> list[MonthFigures]:
        return info.context.once(
            ("months", self.first, self.last),
            lambda: figures_by_month(info.context.uow, first=self.first, last=self.last, zone=self.zone),
        )

    def _recovery(self, info: Info) -> Recovery:
        start, end = self.first.start(self.zone), self.last.next().start(self.zone)
        return info.context.once(
            ("recovery", self.first, self.last), lambda: recovery_between(info.context.uow, start=start, end=end)
        )
