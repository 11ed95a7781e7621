"""Reading products and variants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import or_, select

from alliance.platform.kernel.paging import Key, Page, PageRequest, list_page
from alliance.platform.kernel.searching import search_text, starts_with
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Product, Variant


def list_products(uow: UnitOfWork, *, request: PageRequest, search: str | None = None) -> Page[Product]:
    """The shop's products, newest first; `search` is the beginning of a title or of a variant's SKU."""
    require(uow, Permission.CATALOG_READ)
    statement = select(Product).where(Product.shop_id == uow.scope.shop)
    wanted = search_text(search)
    if wanted:
        by_sku = select(Variant.product_id).where(Variant.shop_id == uow.scope.shop, starts_with(Variant.sku, wanted))
        statement = statement.where(or_(starts_with(Product.title, wanted), Product.id.in_(by_sku)))
    order = [Key(Product.id, descending=True)]
    return list_page(uow.session, statement, order=order, request=request, map_row=lambda row: row[0])


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
    if not ids:
        return {}
    rows = uow.session.scalars(select(Product).where(Product.shop_id == uow.scope.shop, Product.id.in_(list(ids))))
    return {row.id: row for row in rows}


def find_variants_by_ids(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, Variant]:
    """The shop's variants among `ids`, in one query."""
    if not ids:
        return {}
    rows = uow.session.scalars(select(Variant).where(Variant.shop_id == uow.scope.shop, Variant.id.in_(list(ids))))
    return {row.id: row for row in rows}


def find_variants_of_products(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, list[Variant]]:
    """The variants of each product, by SKU, in one query."""
    found: dict[UUID, list[Variant]] = defaultdict(list)
    if ids:
        statement = (
            select(Variant)
            .where(Variant.shop_id == uow.scope.shop, Variant.product_id.in_(list(ids)))
            .order_by(Variant.sku)
        )
        for row in uow.session.scalars(statement):
            found[row.product_id].append(row)
    return found
