"""`alliance alliances` and `alliance shops`: make them and list them, as the installation's operator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

from alliance.platform.kernel.paging import MAX_PAGE, Page, PageRequest
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.creating import create_alliance, create_shop
from alliance.platform.members.joining import join_alliance, leave_alliance
from alliance.platform.members.models import DEFAULT_CURRENCY, DEFAULT_LOCALE, DEFAULT_TIMEZONE
from alliance.platform.members.queries import (
    get_alliance_by_handle,
    get_shop_by_handle,
    list_alliances,
    list_shops,
)
from alliance.web.cli.base import ready_services
from alliance.web.cli.terminal import say

SCOPE = system_scope("command line")
T = TypeVar("T")


@contextmanager
def operator_work() -> Iterator[UnitOfWork]:
    """A unit of work of the installation's operator; it is committed when the block ends."""
    with ready_services() as services, unit_of_work(services, SCOPE) as uow:
        yield uow


def every_item(list_one: Callable[[PageRequest], Page[T]]) -> Iterator[T]:
    """All items of a list, page by page."""
    after: str | None = None
    while True:
        page = list_one(PageRequest(first=MAX_PAGE, after=after))
        yield from page.items
        if not page.has_next:
            return
        after = page.cursors[-1]


@click.group()
def alliances() -> None:
    """Make and list alliances."""


@alliances.command("create")
@click.argument("handle")
@click.argument("name")
@click.option("--category", required=True, help="What its shops sell, like 大码女装.")
@click.option("--currency", default=DEFAULT_CURRENCY, show_default=True)
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True)
def make_alliance(handle: str, name: str, *, category: str, currency: str, timezone: str) -> None:
    """Make an alliance without shops."""
    with operator_work() as uow:
        create_alliance(uow, handle=handle, name=name, category=category, currency=currency, timezone=timezone)
    say(_("已创建联盟 %(handle)s", handle=handle))


@alliances.command("list")
def show_alliances() -> None:
    """One line an alliance: handle, currency, category, name."""
    with operator_work() as uow:
        for alliance in list_alliances(uow):
            click.echo(f"{alliance.handle}\t{alliance.currency}\t{alliance.category}\t{alliance.name}")


@click.group()
def shops() -> None:
    """Make shops, list them, and let them join an alliance."""


@shops.command("create")
@click.argument("handle")
@click.argument("name")
@click.option("--category", required=True, help="What it sells, like 大码女装.")
@click.option("--alliance", "alliance_handle", help="Handle of the alliance it joins at once.")
@click.option("--currency", default=DEFAULT_CURRENCY, show_default=True)
@click.option("--timezone", default=DEFAULT_TIMEZONE, show_default=True)
@click.option("--locale", default=DEFAULT_LOCALE, show_default=True)
@click.option("--region", default="", help="Province or city.")
@click.option("--same-owner-as", help="Handle of a shop of the same owner; the two count as one contributor.")
def make_shop(handle: str, name: str, *, alliance_handle: str | None, same_owner_as: str | None, **given: str) -> None:
    """Make a shop without people; `alliance members add` gives it an owner."""
    with operator_work() as uow:
        group = get_shop_by_handle(uow, same_owner_as).legal_group_id if same_owner_as else None
        shop_id = create_shop(uow, handle=handle, name=name, legal_group_id=group, **given)
        if alliance_handle:
            join_alliance(uow, shop_id=shop_id, alliance_id=get_alliance_by_handle(uow, alliance_handle).id)
    say(_("已创建店铺 %(handle)s", handle=handle))


@shops.command("list")
def show_shops() -> None:
    """One line a shop: handle, currency, category, name."""
    with operator_work() as uow:
        for shop in every_item(lambda request: list_shops(uow, request)):
            click.echo(f"{shop.handle}\t{shop.currency}\t{shop.category}\t{shop.name}")


@shops.command("join")
@click.argument("shop_handle")
@click.argument("alliance_handle")
def join(shop_handle: str, alliance_handle: str) -> None:
    """Let the shop be a member of the alliance from now on."""
    with operator_work() as uow:
        shop, alliance = get_shop_by_handle(uow, shop_handle), get_alliance_by_handle(uow, alliance_handle)
        join_alliance(uow, shop_id=shop.id, alliance_id=alliance.id)
    say(_("店铺 %(shop)s 已加入联盟 %(alliance)s", shop=shop_handle, alliance=alliance_handle))


@shops.command("leave")
@click.argument("shop_handle")
def leave(shop_handle: str) -> None:
    """End the shop's membership now."""
    with operator_work() as uow:
        leave_alliance(uow, shop_id=get_shop_by_handle(uow, shop_handle).id)
    say(_("店铺 %(shop)s 已退出联盟", shop=shop_handle))
