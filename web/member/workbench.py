"""The first page: what waits today, and for a new shop the first steps."""

from __future__ import annotations

from flask import Blueprint, render_template

from alliance.platform.kernel.paging import PageRequest
from alliance.platform.members.queries import list_members
from alliance.platform.members.roles import Permission, is_allowed
from alliance.tenants.orders.queries import list_orders
from alliance.tenants.returns.queries import list_returns
from alliance.tenants.returns.states import ReturnOrder
from alliance.tenants.returns.workbench import DESKS, Desk, count_desks
from alliance.web.member.return_filters import DESK_NAMES
from alliance.web.member.return_rows import view_returns
from alliance.web.security.access import logged_in
from alliance.web.security.current import subject, work

blueprint = Blueprint("workbench", __name__)
WAITING = (Desk.TO_DECIDE, Desk.TO_INSPECT, Desk.TO_SETTLE)
SHOWN = 5


@blueprint.get("/")
@logged_in
def show() -> str:
    """The piles of the day with the oldest of each, or the first steps where there is nothing yet."""
    caller = subject()
    if caller.active is None:
        return render_template("workbench/no_shop.html", coordinates=bool(caller.coordinates))
    with work() as uow:
        counts = count_desks(uow)
        if counts["all"] == 0:
            orders = list_orders(uow, request=PageRequest(first=1)).items
            may_list = is_allowed(uow.scope, Permission.MEMBERS_READ)
            colleagues = len(list_members(uow, PageRequest(first=2)).items) if may_list else 0
            return render_template("workbench/first_steps.html", has_orders=bool(orders), colleagues=colleagues)
        oldest = {
            desk: list_returns(
                uow, request=PageRequest(first=SHOWN), chosen=DESKS[desk], order=ReturnOrder.OLDEST
            ).items
            for desk in WAITING
            if counts[desk]
        }
        views = {view.record.id: view for view in view_returns(uow, [row for rows in oldest.values() for row in rows])}
    piles = [(desk, [views[row.id] for row in rows]) for desk, rows in oldest.items()]
    return render_template("workbench/show.html", counts=counts, piles=piles, names=DESK_NAMES, desks=DESK_NAMES)
