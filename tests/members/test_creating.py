"""Alliances, shops and accounts come into being; wrong and taken input changes nothing."""

from __future__ import annotations

from secrets import token_hex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from support.actors import SYSTEM, make_account, make_alliance, make_member, make_shop

from alliance.platform.kernel.errors import BadInputError, ConflictError, ForbiddenError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.creating import create_account, create_alliance, create_shop
from alliance.platform.members.inputs import clean_email, clean_handle, clean_name, clean_timezone
from alliance.platform.members.joining import join_alliance, leave_alliance
from alliance.platform.members.models import Account, Alliance, LegalGroup, Shop
from alliance.platform.members.queries import (
    find_account_by_email,
    find_open_alliance_id,
    get_shop,
    get_shop_by_handle,
    list_alliance_members,
)
from alliance.platform.members.roles import MemberRole
from alliance.platform.members.settings import change_currency, fix_currency, update_shop


def count(services, model):
    with unit_of_work(services, SYSTEM) as uow:
        return uow.session.scalar(select(func.count()).select_from(model))


def test_a_shop_has_the_defaults_of_the_country_and_a_group_of_its_own(services):
    shop = make_shop(services, name="圆润女装")
    with unit_of_work(services, SYSTEM) as uow:
        stored = get_shop_by_handle(uow, f" {shop.handle.upper()} ")
        group = uow.session.get(LegalGroup, stored.legal_group_id)
    assert (stored.id, stored.name, group.name) == (shop.id, "圆润女装", "圆润女装")
    assert (stored.currency, stored.timezone, stored.locale) == ("CNY", "Asia/Shanghai", "zh_CN")


def test_two_shops_of_one_owner_share_the_group(services):
    first = make_shop(services)
    with unit_of_work(services, SYSTEM) as uow:
        group_id = get_shop(uow, first.id).legal_group_id
    second = make_shop(services, legal_group_id=group_id)
    with unit_of_work(services, SYSTEM) as uow:
        assert get_shop(uow, second.id).legal_group_id == group_id


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("handle", "有"),
        ("handle", "-a"),
        ("name", ""),
        ("name", "a" * 81),
        ("name", "a\u202eb"),
        ("currency", "XYZ"),
        ("timezone", "Asia/Nowhere"),
        ("locale", "fr"),
    ],
)
def test_wrong_input_is_named_and_makes_no_shop(services, field, value):
    before = count(services, Shop)
    given_input = {"handle": f"s-{token_hex(4)}", "name": "店", "category": "服装", field: value}
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, SYSTEM) as uow:
        create_shop(uow, **given_input)
    assert refusal.value.field == (field,)
    assert count(services, Shop) == before


def test_taken_handles_and_emails_are_conflicts(services):
    shop, alliance, person = make_shop(services), make_alliance(services), make_account(services)
    before = [count(services, model) for model in (Shop, Alliance, Account)]
    deeds = (
        (lambda uow: create_shop(uow, handle=shop.handle, name="店", category="服装"), ("handle",)),
        (lambda uow: create_alliance(uow, handle=alliance.handle, name="盟", category="服装"), ("handle",)),
        (lambda uow: create_account(uow, email=person.email.upper(), name="李"), ("email",)),
    )
    for deed, field in deeds:
        with pytest.raises(ConflictError) as refusal, unit_of_work(services, SYSTEM) as uow:
            deed(uow)
        assert refusal.value.field == field
    assert [count(services, model) for model in (Shop, Alliance, Account)] == before


def test_an_unknown_ownership_group_is_not_found(services):
    with pytest.raises(NotFoundError):
        make_shop(services, legal_group_id=new_id())


def test_only_the_system_creates(services):
    owner = make_member(services, make_shop(services))
    deeds = (
        lambda uow: create_shop(uow, handle=f"s-{token_hex(4)}", name="店", category="服装"),
        lambda uow: create_alliance(uow, handle=f"a-{token_hex(4)}", name="盟", category="服装"),
        lambda uow: create_account(uow, email=f"{token_hex(4)}@example.com", name="李"),
        lambda uow: join_alliance(uow, shop_id=owner.shop_id, alliance_id=new_id()),
        lambda uow: leave_alliance(uow, shop_id=owner.shop_id),
        lambda uow: get_shop_by_handle(uow, "any"),
        lambda uow: find_account_by_email(uow, owner.email),
    )
    for deed in deeds:
        with pytest.raises(ForbiddenError), unit_of_work(services, owner.scope) as uow:
            deed(uow)


def test_a_shop_is_in_one_alliance_at_a_time(services):
    first, second = make_alliance(services), make_alliance(services)
    shop = make_shop(services, alliance=first)
    with pytest.raises(ConflictError), unit_of_work(services, SYSTEM) as uow:
        join_alliance(uow, shop_id=shop.id, alliance_id=second.id)
    with unit_of_work(services, SYSTEM) as uow:
        leave_alliance(uow, shop_id=shop.id)
        join_alliance(uow, shop_id=shop.id, alliance_id=second.id)
    with unit_of_work(services, SYSTEM) as uow:
        assert find_open_alliance_id(uow, shop.id) == second.id
        assert list_alliance_members(uow, first.id) == []


def test_a_shop_of_another_currency_cannot_join(services):
    alliance, shop = make_alliance(services), make_shop(services, currency="EUR")
    with pytest.raises(BadInputError) as refusal, unit_of_work(services, SYSTEM) as uow:
        join_alliance(uow, shop_id=shop.id, alliance_id=alliance.id)
    assert refusal.value.message.render("en") == (
        "The shop uses EUR and the alliance CNY; a shop joins with the same currency"
    )
    with unit_of_work(services, SYSTEM) as uow:
        assert find_open_alliance_id(uow, shop.id) is None


def test_leaving_without_being_a_member_is_not_found(services):
    shop = make_shop(services)
    with pytest.raises(NotFoundError), unit_of_work(services, SYSTEM) as uow:
        leave_alliance(uow, shop_id=shop.id)


def test_members_of_an_alliance_see_each_other_by_handle_and_name(services):
    alliance = make_alliance(services)
    shops = [make_shop(services, alliance=alliance, name=name) for name in ("甲店", "乙店")]
    make_shop(services, alliance=make_alliance(services), name="外店")
    with unit_of_work(services, make_member(services, shops[0], MemberRole.STAFF).scope) as uow:
        seen = list_alliance_members(uow, alliance.id)
    assert [(member.handle, member.name) for member in seen] == [(shops[0].handle, "甲店"), (shops[1].handle, "乙店")]


def test_settings_change_what_is_given_and_nothing_else(services):
    shop = make_shop(services, name="旧名")
    manager = make_member(services, shop, MemberRole.MANAGER)
    with unit_of_work(services, manager.scope) as uow:
        update_shop(uow, name=" 新  名 ", region="广东")
    with unit_of_work(services, shop.scope) as uow:
        stored = get_shop(uow)
    assert (stored.name, stored.region, stored.timezone) == ("新 名", "广东", "Asia/Shanghai")


def test_one_wrong_setting_changes_none(services):
    shop = make_shop(services, name="旧名")
    with pytest.raises(BadInputError), unit_of_work(services, shop.scope) as uow:
        update_shop(uow, name="新名", timezone="Mars/Base")
    with unit_of_work(services, shop.scope) as uow:
        assert get_shop(uow).name == "旧名"


@pytest.mark.parametrize("role", [MemberRole.STAFF, MemberRole.ANALYST, MemberRole.AUDITOR])
def test_settings_are_for_owner_and_manager(services, role):
    shop = make_shop(services, name="旧名")
    with pytest.raises(ForbiddenError), unit_of_work(services, make_member(services, shop, role).scope) as uow:
        update_shop(uow, name="新名")


def test_the_currency_is_fixed_by_the_first_order_and_by_an_alliance(services):
    free, allied = make_shop(services), make_shop(services, alliance=make_alliance(services))
    with unit_of_work(services, free.scope) as uow:
        change_currency(uow, currency="jpy")
    with pytest.raises(ConflictError), unit_of_work(services, free.scope) as uow:
        fix_currency(uow, "CNY")
    with unit_of_work(services, free.scope) as uow:
        assert get_shop(uow).currency_fixed_at is None
        fix_currency(uow, "JPY")
    for shop in (free, allied):
        with pytest.raises(ConflictError), unit_of_work(services, shop.scope) as uow:
            change_currency(uow, currency="EUR")
    with unit_of_work(services, SYSTEM) as uow:
        assert [get_shop(uow, shop.id).currency for shop in (free, allied)] == ["JPY", "CNY"]


def test_the_moment_of_the_first_order_stays(services):
    shop = make_shop(services)
    for _again in range(2):
        with unit_of_work(services, shop.scope) as uow:
            fix_currency(uow, "CNY")
            fixed_at = get_shop(uow).currency_fixed_at
    with unit_of_work(services, shop_scope(shop.id)) as uow:
        assert get_shop(uow).currency_fixed_at == fixed_at


@pytest.mark.parametrize("name", ["👩\u200d👧 童装铺", "❤️\u200d🔥", "👩🏽\u200d🎨"])
def test_joined_emoji_may_stand_in_a_name(name):
    assert clean_name(name) == name


@pytest.mark.parametrize("name", ["a\u200db", "\u200d", "👩\u200d", "\u200d👩", "👩\u200d\u200d👧", "店\u200b铺"])
def test_invisible_signs_elsewhere_are_refused(name):
    with pytest.raises(BadInputError):
        clean_name(name)


@pytest.mark.parametrize("name", ["Factory", "localtime", "posixrules"])
def test_a_zone_that_is_no_place_is_refused(name):
    with pytest.raises(BadInputError):
        clean_timezone(name)
    assert clean_timezone("Asia/Shanghai") == "Asia/Shanghai"


@pytest.mark.parametrize("clean", [clean_email, clean_handle])
@given(text=st.text(max_size=60))
def test_cleaned_input_is_in_its_final_form_or_refused(clean, text):
    try:
        cleaned = clean(text)
    except BadInputError:
        return
    assert clean(cleaned) == cleaned == cleaned.lower()
