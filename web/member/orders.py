"""The list of orders and one order."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, render_template

from alliance.platform.members.roles import Permission
from alliance.tenants.catalog.queries import find_products_by_ids, find_variants_by_ids
from alliance.tenants.orders.queries import find_lines_of_orders, get_order, list_orders
from alliance.tenants.returns.queries import find_returns_of_orders
from alliance.web.member.customers import view_customer
from alliance.web.member.lists import page_request, typed_search
from alliance.web.security.access import requires
from alliance.web.security.addresses import url_with
from alliance.web.security.current import work

blueprint = Blueprint("orders", __name__, url_prefix="/orders")


@blueprint.get("")
@requires(Permission.ORDERS_READ)
def index() -> str:
    """The shop's orders, latest first."""
    search = typed_search()
    with work() as uow:
        page = list_orders(uow, request=page_request(), search=search)
        lines = find_lines_of_orders(uow, [order.id for order in page.items])
    clear = url_with(q=None, after=None, before=None)
    return render_template("orders/index.html", page=page, lines=lines, search=search, clear=clear)


@blueprint.get("/<uuid:order_id>")
@requires(Permission.ORDERS_READ)
def show(order_id: UUID) -> str:
    """One order with its lines and the returns that belong to it."""
    with work() as uow:
        order = get_order(uow, order_id=order_id)
        lines = find_lines_of_orders(uow, [order.id]).get(order.id, [])
        variants = find_variants_by_ids(uow, {line.variant_id for line in lines})
        products = find_products_by_ids(uow, {variant.product_id for variant in variants.values()})
        returns = find_returns_of_orders(uow, [order.id]).get(order.id, [])
        customer = view_customer(uow, order.customer_id)
    return render_template(
        "orders/show.html",
        order=order,
        lines=lines,
        variants=variants,
        products=products,
        returns=returns,
        customer=customer,
    )
