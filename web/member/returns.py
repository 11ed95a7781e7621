"""The list of returns and one return."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template, request

from alliance.platform.centre.queries import find_site_names
from alliance.platform.grading.reasons import REASONS, ReasonLevel1
from alliance.platform.grading.scale import Grade
from alliance.platform.members.roles import Permission
from alliance.tenants.catalog.queries import list_categories
from alliance.tenants.returns.queries import (
    find_defects_of_units,
    find_events_of_returns,
    find_units_of_lines,
    get_return,
    list_returns,
)
from alliance.tenants.returns.reason_texts import open_reason_texts
from alliance.tenants.returns.workbench import count_desks
from alliance.web.member.customers import view_customer
from alliance.web.member.lists import page_request
from alliance.web.member.return_filters import AXIS_CODES, DESK_NAMES, ORDER_NAMES, chips, read_chosen
from alliance.web.member.return_rows import view_returns
from alliance.web.member.timeline import view_timeline
from alliance.web.security.access import requires
from alliance.web.security.addresses import url_with
from alliance.web.security.current import work

blueprint = Blueprint("returns", __name__, url_prefix="/returns")


@blueprint.get("")
@requires(Permission.RETURNS_READ)
def index() -> str:
    """The shop's returns, filtered and paged; the counts of the desks head it."""
    chosen = read_chosen()
    with work() as uow:
        page = list_returns(uow, request=page_request(), chosen=chosen.to_filter(), order=chosen.order)
        rows = view_returns(uow, page.items)
        counts = count_desks(uow)
        categories = list_categories(uow)
    return render_template(
        "returns/index.html",
        page=page,
        rows=rows,
        chosen=chosen,
        chips=[(text, url_with(after=None, before=None, **changes)) for text, changes in chips(chosen)],
        counts=counts,
        desks=DESK_NAMES,
        orders=ORDER_NAMES,
        axis_codes=AXIS_CODES,
        levels=ReasonLevel1,
        reasons=REASONS,
        categories=categories,
        grades=Grade,
    )


@blueprint.get("/<path:number>")
@requires(Permission.RETURNS_READ)
def show(number: str) -> str:
    """One return with everything that hangs on it. Another shop's answers as if it did not exist."""
    with work() as uow:
        record = get_return(uow, number=number, return_id=_return_id())
        (view,) = view_returns(uow, [record])
        units = find_units_of_lines(uow, [item.line.id for item in view.lines])
        defects = find_defects_of_units(uow, [unit.id for group in units.values() for unit in group])
        events = find_events_of_returns(uow, [record.id]).get(record.id, [])
        timeline = view_timeline(uow, record, events)
        sites = find_site_names(uow, {unit.site_id for group in units.values() for unit in group if unit.site_id})
        customer = view_customer(uow, record.customer_id)
        written = open_reason_texts(uow, [item.line for item in view.lines]) if customer.permitted else {}
    return render_template(
        "returns/show.html",
        view=view,
        units=units,
        defects=defects,
        timeline=timeline,
        customer=customer,
        sites=sites,
        written=written,
    )


def _return_id() -> UUID | None:
    """The id that lists put beside the number, since two channels may share one."""
    try:
        return UUID(request.args.get("id", ""))
    except ValueError:
        return None
