"""Contacts: readable by those who may, useless anywhere else, gone with their key."""

import pytest
from sqlalchemy import text
from support.actors import ShopActor, make_shop
from support.factories import make_customer

from alliance.platform.kernel.crypto import BrokenSealError
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.customers.contacts import (
    Contact,
    email_index,
    erase_contacts,
    open_contacts,
    order_contact_index,
    seal_contact,
)
from alliance.tenants.customers.models import Customer


def make_known(services: Services, shop: ShopActor) -> Customer:
    customer_id = new_id()
    key = services.keys.create_subject_key(shop.id, customer_id)
    sealed = {
        f"{field}_sealed": seal_contact(key, value, shop_id=shop.id, customer_id=customer_id, field=field)
        for field, value in (("name", "王小明"), ("email", "Wang@Example.com"), ("phone", "+8613800138000"))
    }
    return make_customer(services, shop, id=customer_id, **sealed)


def test_a_list_opens_its_names_with_one_query_to_the_key_store(services: Services) -> None:
    shop = make_shop(services)
    known, bare = make_known(services, shop), make_customer(services, shop)
    with unit_of_work(services, shop.scope) as uow:
        assert open_contacts(uow, [known, bare]) == {
            known.id: Contact("王小明", "Wang@Example.com", "+8613800138000"),
            bare.id: Contact(),
        }
        assert open_contacts(uow, []) == {}


def test_nothing_readable_stands_in_the_row(services: Services) -> None:
    shop = make_shop(services)
    known = make_known(services, shop)
    with unit_of_work(services, shop.scope) as uow:
        row = uow.session.execute(text("SELECT c::text FROM tenants.customer c WHERE id = :id"), {"id": known.id})
        stored = row.scalar_one()
    assert not any(part.encode().hex() in stored or part in stored for part in ("王小明", "Wang", "13800138000"))


def test_an_erased_customer_has_no_contact_and_another_one_keeps_theirs(services: Services) -> None:
    shop = make_shop(services)
    gone, stays = make_known(services, shop), make_known(services, shop)
    erase_contacts(services.keys, gone)
    with unit_of_work(services, shop.scope) as uow:
        opened = open_contacts(uow, [gone, stays])
    assert opened == {gone.id: Contact(), stays.id: Contact("王小明", "Wang@Example.com", "+8613800138000")}


def test_a_value_moved_to_another_column_does_not_open(services: Services) -> None:
    shop = make_shop(services)
    known = make_known(services, shop)
    known.name_sealed, known.email_sealed = known.email_sealed, known.name_sealed
    with unit_of_work(services, shop.scope) as uow, pytest.raises(BrokenSealError):
        open_contacts(uow, [known])


def test_who_may_not_see_customers_sees_no_contact(services: Services) -> None:
    shop = make_shop(services)
    known = make_known(services, shop)
    analyst = shop_scope(shop.id, permissions=frozenset({"returns:read"}))
    with unit_of_work(services, analyst) as uow, pytest.raises(ForbiddenError):
        open_contacts(uow, [known])


def test_indexes_differ_by_shop_and_find_any_spelling(services: Services) -> None:
    ours, theirs = (services.keys.shop_key(make_shop(services).id) for _unused in range(2))
    assert email_index(ours, " WANG@example.com ") == email_index(ours, "wang@example.com")
    assert email_index(ours, "wang@example.com") != email_index(theirs, "wang@example.com")
    found = order_contact_index(ours, order_number="1001", phone="+8613800138000")
    assert found == order_contact_index(ours, order_number="1001", phone="8000")
    assert found != order_contact_index(ours, order_number="100", phone="18000")
