"""The filter of the list of returns: read from the address, shown as chips, each removable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from babel.dates import format_date
from flask import request

from alliance.platform.grading.reasons import REASONS, ReasonLevel1, handles_of
from alliance.platform.grading.scale import Grade
from alliance.platform.kernel.texts import Text, _
from alliance.tenants.returns.filters import NO_FILTER, ReturnFilter
from alliance.tenants.returns.states import (
    AuthorisationState,
    InspectionState,
    LogisticsState,
    RefundState,
    ReturnOrder,
)
from alliance.tenants.returns.workbench import DESKS, Desk, overdue
from alliance.web.member.labels import label
from alliance.web.member.lists import chosen_code, chosen_codes, chosen_day, day_start, typed_search
from alliance.web.security.locale import current_locale

AXIS_CODES: Mapping[str, Any] = {
    "authorisation": AuthorisationState,
    "logistics": LogisticsState,
    "inspection": InspectionState,
    "settlement": RefundState,
}
DESK_NAMES: Mapping[str, Text] = {
    "all": _("全部"),
    "overdue": _("已超期"),
    Desk.TO_DECIDE: _("待审核"),
    Desk.ON_THE_WAY: _("寄回途中"),
    Desk.TO_INSPECT: _("待验货"),
    Desk.TO_SETTLE: _("待退款"),
    Desk.DONE: _("已处理"),
}
ORDER_NAMES: Mapping[ReturnOrder, Text] = {
    ReturnOrder.NEWEST: _("最新在前"),
    ReturnOrder.OLDEST: _("最早在前"),
    ReturnOrder.LARGEST: _("金额从高到低"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address asks for."""

    desk: str
    axes: Mapping[str, Sequence[str]]
    reasons: tuple[str, ...]
    categories: tuple[str, ...]
    grades: tuple[Grade, ...]
    first_day: date | None
    last_day: date | None
    search: str
    import_id: UUID | None
    order: ReturnOrder

    @property
    def pinned(self) -> frozenset[str]:
        """Axes the desk itself decides; their own filters are out of reach there."""
        desk = desk_filter(self.desk)
        return frozenset(axis for axis in AXIS_CODES if getattr(desk, axis))

    def to_filter(self) -> ReturnFilter:
        """The domain's filter: the desk's axes, then everything else."""
        free: dict[str, Any] = {axis: codes for axis, codes in self.axes.items() if axis not in self.pinned}
        return replace(
            desk_filter(self.desk),
            **free,
            reason=_handles(self.reasons),
            category=self.categories,
            grade=self.grades,
            requested_from=day_start(self.first_day),
            requested_before=day_start(self.last_day, days_later=1),
            search=self.search,
            import_id=self.import_id,
        )


def read_chosen() -> Chosen:
    """The filter of this request; what is not understood counts as not given."""
    desk = request.args.get("tab", "all")
    return Chosen(
        desk=desk if desk in DESK_NAMES else "all",
        axes={axis: chosen_codes(axis, codes) for axis, codes in AXIS_CODES.items()},
        reasons=tuple(value for value in request.args.getlist("reason") if value in REASONS or value in _LEVELS),
        categories=tuple(value for value in request.args.getlist("category") if value)[:20],
        grades=chosen_codes("grade", Grade),
        first_day=chosen_day("from"),
        last_day=chosen_day("to"),
        search=typed_search(),
        import_id=_import_id(),
        order=chosen_code("order", ReturnOrder, ReturnOrder.NEWEST),
    )


def desk_filter(desk: str) -> ReturnFilter:
    """What a tab narrows the list to."""
    if desk == "overdue":
        return overdue()
    return DESKS[Desk(desk)] if desk in set(Desk) else NO_FILTER


def chips(chosen: Chosen) -> list[tuple[str, dict[str, Any]]]:
    """Each active filter as its words and the changes of the address that take it away."""
    found: list[tuple[str, dict[str, Any]]] = []
    for axis, codes in chosen.axes.items():
        if axis not in chosen.pinned:
            found += [(_words(label(axis, code)), {axis: [c for c in codes if c != code]}) for code in codes]
    for reason in chosen.reasons:
        name = label("reason_level", reason) if reason in _LEVELS else REASONS[reason].name(current_locale())
        found.append((_words(_("原因：%(name)s", name=name)), {"reason": [r for r in chosen.reasons if r != reason]}))
    for category in chosen.categories:
        text = _words(_("品类：%(name)s", name=category))
        found.append((text, {"category": [c for c in chosen.categories if c != category]}))
    for grade in chosen.grades:
        found.append((_words(label("grade", grade)), {"grade": [g for g in chosen.grades if g != grade]}))
    if chosen.first_day:
        found.append((_words(_("从 %(day)s 起", day=_day(chosen.first_day))), {"from": None}))
    if chosen.last_day:
        found.append((_words(_("到 %(day)s 止", day=_day(chosen.last_day))), {"to": None}))
    if chosen.search:
        found.append((_words(_("搜索：%(text)s", text=chosen.search)), {"q": None}))
    if chosen.import_id:
        found.append((_words(_("来自同一次导入")), {"import": None}))
    return found


_LEVELS = frozenset(level.value for level in ReasonLevel1)


def _handles(reasons: Sequence[str]) -> tuple[str, ...]:
    """Handles, a level-1 reason standing for all of its own."""
    found = [handles_of(ReasonLevel1(reason)) if reason in _LEVELS else (reason,) for reason in reasons]
    return tuple(handle for group in found for handle in group)


def _import_id() -> UUID | None:
    try:
        return UUID(request.args.get("import", ""))
    except ValueError:
        return None


def _words(text: Text) -> str:
    return text.render(current_locale())


def _day(day: date) -> str:
    return str(format_date(day, "medium", locale=current_locale()))
