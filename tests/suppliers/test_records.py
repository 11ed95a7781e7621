"""Suppliers and batches: recorded once, by whoever may, each within one shop."""

from uuid import UUID

import pytest
from sqlalchemy import func, select
from support.actors import ShopActor, make_member, make_shop

from alliance.platform.audit.models import AuditEntry
from alliance.platform.kernel.errors import BadInputError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole
from alliance.tenants.catalog.models import Product
from alliance.tenants.suppliers.models import Batch, Supplier
from alliance.tenants.suppliers.records import record_batch, record_supplier


def a_product(services: Services, shop: ShopActor) -> UUID:
    with unit_of_work(services, shop.scope) as uow:
        product = Product(shop_id=shop.id, id=new_id(), source_key=str(new_id()), title="阔腿裤")
        uow.session.add(product)
        uow.session.flush()
        return product.id


def test_the_same_supplier_and_batch_are_recorded_once(services: Services) -> None:
    shop = make_shop(services)
    product_id = a_product(services, shop)
    made = []
    for name, code in (("杭州锦禾制衣", "QY01-26Q3"), (" 杭州锦禾制衣 ", "QY01-26Q3 ")):
        with unit_of_work(services, shop.scope) as uow:
            supplier_id = record_supplier(uow, name=name)
            made.append((supplier_id, record_batch(uow, supplier_id=supplier_id, product_id=product_id, code=code)))
    assert made[0] == made[1]
    with unit_of_work(services, shop.scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Supplier).where(Supplier.shop_id == shop.id)) == 1
        batch = uow.session.scalars(select(Batch).where(Batch.shop_id == shop.id)).one()
        assert (batch.id, batch.code, batch.product_id) == (made[0][1], "QY01-26Q3", product_id)
        actions = uow.session.scalars(select(AuditEntry.action).where(AuditEntry.shop_id == shop.id)).all()
        assert [a for a in actions if a.endswith(".recorded")] == ["supplier.recorded", "batch.recorded"]


def test_two_shops_have_their_own_supplier_of_one_name(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    ids = []
    for shop in (ours, theirs):
        with unit_of_work(services, shop.scope) as uow:
            ids.append(record_supplier(uow, name="石狮野象制衣"))
    assert ids[0] != ids[1]


def test_anothers_supplier_or_product_is_not_found(services: Services) -> None:
    ours, theirs = make_shop(services), make_shop(services)
    own, foreign = a_product(services, ours), a_product(services, theirs)
    with unit_of_work(services, theirs.scope) as uow:
        foreign_supplier = record_supplier(uow, name="苏州盛泽云锦坊")
    with unit_of_work(services, ours.scope) as uow:
        own_supplier = record_supplier(uow, name="南通如皋棉里")
    for supplier_id, product_id in ((foreign_supplier, own), (own_supplier, foreign), (new_id(), own)):
        with pytest.raises(NotFoundError), unit_of_work(services, ours.scope) as uow:
            record_batch(uow, supplier_id=supplier_id, product_id=product_id, code="B1")
    with unit_of_work(services, ours.scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Batch).where(Batch.shop_id == ours.id)) == 0


def test_a_code_names_one_product_only(services: Services) -> None:
    shop = make_shop(services)
    first, second = a_product(services, shop), a_product(services, shop)
    with unit_of_work(services, shop.scope) as uow:
        supplier_id = record_supplier(uow, name="湖州织里山居")
        record_batch(uow, supplier_id=supplier_id, product_id=first, code="B1")
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, shop.scope) as uow:
        record_batch(uow, supplier_id=supplier_id, product_id=second, code="B1")
    assert refusal.value.field == ("code",)


@pytest.mark.parametrize("code", ["", "  ", "x" * 61, "a\x00b"])
def test_a_batch_code_is_one_short_line(services: Services, code: str) -> None:
    shop = make_shop(services)
    with pytest.raises(BadInputError), unit_of_work(services, shop.scope) as uow:
        record_batch(uow, supplier_id=new_id(), product_id=new_id(), code=code)


@pytest.mark.parametrize("role", [MemberRole.STAFF, MemberRole.ANALYST, MemberRole.AUDITOR])
def test_who_only_reads_suppliers_records_none(services: Services, role: MemberRole) -> None:
    shop = make_shop(services)
    member = make_member(services, shop, role)
    with pytest.raises(ForbiddenError), unit_of_work(services, member.scope) as uow:
        record_supplier(uow, name="义乌圆梦针织")
    with unit_of_work(services, shop.scope) as uow:
        assert uow.session.scalar(select(func.count()).select_from(Supplier).where(Supplier.shop_id == shop.id)) == 0
