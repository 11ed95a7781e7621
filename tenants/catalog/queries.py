"""Reading products and variants."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from alliance.platform.kernel.lookups import rows_by_id, rows_by_parent
from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.searching import Prefix, search_text
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Product, Variant

BY_ID = [Key(Product.id, descending=True)]


def list_products(uow: UnitOfWork, *, request: PageRequest, search: str | None = None) -> Page[Product]:
    """The shop's products, newest first; `search` is the beginning of a title or of a variant's SKU."""
    require(uow, Permission.CATALOG_READ)
    statement = select_products(uow.scope.shop, Prefix(search_text(search)))
    return list_page(uow.session, statement, order=BY_ID, request=request, map_row=lambda row: row[0])


def select_products(shop_id: Any, search: Prefix) -> Select[Product]:
    """The shop's products that a search finds; `shop_id` is a value or a parameter."""
    statement = select(Product).where(Product.shop_id == shop_id)
    if not search.text:
        return statement
    by_sku = select(Variant.product_id).where(Variant.shop_id == shop_id, search.begins(Variant.sku))
    return statement.where(or_(search.begins(Product.title), Product.id.in_(by_sku)))


def list_categories(uow: UnitOfWork) -> Sequence[str]:
    """The shop's own words for its categories, by name, at most 200; products without one are left out."""
    require(uow, Permission.CATALOG_READ)
    statement = (
        select(Product.category)
        .where(Product.shop_id == uow.scope.shop, Product.category != "")
        .distinct()
        .order_by(Product.category)
        .limit(200)
    )
    return uow.session.scalars(statement).all()


def find_products_by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Product]:
    """The shop's products among `ids`, in one query."""
    return rows_by_id(uow, Product, ids)


def find_variants_by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Variant]:
    """The shop's variants among `ids`, in one query."""
    return rows_by_id(uow, Variant, ids)


def find_variants_of_products(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[Variant]]:
    """The variants of each product, by SKU, in one query."""
    return rows_by_parent(uow, Variant, "product_id", ids, order=("sku",))
