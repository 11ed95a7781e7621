"""Taking an import back leaves what a supplier has delivered."""

from __future__ import annotations

from sqlalchemy import select
from support.actors import make_shop
from support.importing import check, commit, csv_bytes

from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.catalog.models import Product
from alliance.tenants.importing.states import ImportKind, ImportStatus
from alliance.tenants.importing.undoing import undo_import
from alliance.tenants.suppliers.records import record_batch, record_supplier


def test_a_product_that_a_batch_names_stays_when_its_import_is_undone(services: Services):
    shop = make_shop(services)
    content = csv_bytes("订单号,下单时间,商品名称,商家编码,数量,单价", "O1,2026-10-01 10:00,半身裙,A-1,1,10")
    row = commit(services, shop, check(services, shop, content, kind=ImportKind.ORDERS).id)
    with unit_of_work(services, shop.scope) as uow:
        product = uow.session.scalars(select(Product).where(Product.shop_id == shop.id)).one()
        record_batch(uow, supplier_id=record_supplier(uow, name="华泰制衣"), product_id=product.id, code="HT-1")
    with unit_of_work(services, shop.scope) as uow:
        assert undo_import(uow, row.id).status == ImportStatus.UNDONE
    with unit_of_work(services, shop.scope) as uow:
        assert uow.session.scalars(select(Product.id).where(Product.shop_id == shop.id)).all() == [product.id]
