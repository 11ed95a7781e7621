"""The list of products with their variants."""

from __future__ import annotations

from flask import Blueprint, render_template

from alliance.platform.members.roles import Permission
from alliance.tenants.catalog.queries import find_variants_of_products, list_products
from alliance.web.member.lists import page_request, typed_search
from alliance.web.security.access import requires
from alliance.web.security.addresses import url_with
from alliance.web.security.current import current_currency, work

blueprint = Blueprint("products", __name__, url_prefix="/products")


@blueprint.get("")
@requires(Permission.CATALOG_READ)
def index() -> str:
    """The shop's products, newest first, each with its variants."""
    search = typed_search()
    with work() as uow:
        page = list_products(uow, request=page_request(), search=search)
        variants = find_variants_of_products(uow, [product.id for product in page.items])
    clear = url_with(q=None, after=None, before=None)
    return render_template(
        "products/index.html", page=page, variants=variants, search=search, clear=clear, currency=current_currency()
    )
