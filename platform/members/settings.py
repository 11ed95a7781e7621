"""What a shop says about itself, and the currency that its first order fixes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ConflictError
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.inputs import (
    clean_currency,
    clean_locale,
    clean_name,
    clean_timezone,
)
from alliance.platform.members.locks import lock_shop
from alliance.platform.members.queries import find_open_alliance_id
from alliance.platform.members.roles import Permission, require


def clean_region(value: str) -> str:
    """A province or city, or nothing."""
    return clean_name(value, field="region") if value.strip() else ""


CLEANERS: Mapping[str, Callable[[str], str]] = {
    "name": clean_name,
    "timezone": clean_timezone,
    "locale": clean_locale,
    "region": clean_region,
}


def update_shop(
    uow: UnitOfWork,
    *,
    name: str | None = None,
    timezone: str | None = None,
    locale: str | None = None,
    region: str | None = None,
) -> None:
    """Change what is given of the active shop. Needs `settings:write`; a wrong value is a BadInputError."""
    require(uow, Permission.SETTINGS_WRITE)
    given: Mapping[str, str | None] = {"name": name, "timezone": timezone, "locale": locale, "region": region}
    cleaned = {key: CLEANERS[key](value) for key, value in given.items() if value is not None}
    shop = lock_shop(uow, uow.scope.shop)
    changed = {key: value for key, value in cleaned.items() if getattr(shop, key) != value}
    if not changed:
        return
    for key, value in changed.items():
        setattr(shop, key, value)
    uow.session.flush()
    record(uow, "shop.changed", target=f"shop:{shop.id}", detail={"fields": sorted(changed)})


def change_currency(uow: UnitOfWork, *, currency: str) -> None:
    """Another currency for the active shop, before its first order and outside an alliance; else ConflictError."""
    require(uow, Permission.SETTINGS_WRITE)
    wanted = clean_currency(currency)
    shop = lock_shop(uow, uow.scope.shop)
    if shop.currency == wanted:
        return
    if shop.currency_fixed_at is not None:
        raise ConflictError(_("已有订单，货币不能再更改"), field=("currency",))
    if find_open_alliance_id(uow, shop.id) is not None:
        raise ConflictError(_("联盟内各店铺货币相同，须先退出联盟"), field=("currency",))
    record(uow, "shop.currency_changed", target=f"shop:{shop.id}", detail={"from": shop.currency, "to": wanted})
    shop.currency = wanted
    uow.session.flush()


def fix_currency(uow: UnitOfWork, currency: str) -> None:
    """Called with every write of orders: from the first one on, the active shop's currency stays as it is.

    ConflictError where it is no longer the `currency` in which the orders were read.
    """
    shop = lock_shop(uow, uow.scope.shop)
    if shop.currency != currency:
        raise ConflictError(_("读取金额期间店铺货币被更改，请重新检查后再导入"), field=("currency",))
    if shop.currency_fixed_at is None:
        shop.currency_fixed_at = clock.now()
        uow.session.flush()
