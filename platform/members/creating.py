"""Making alliances, shops and accounts: commands of the installation's operator."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ConflictError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.inputs import (
    clean_currency,
    clean_email,
    clean_handle,
    clean_locale,
    clean_name,
    clean_timezone,
)
from alliance.platform.members.models import (
    DEFAULT_CURRENCY,
    DEFAULT_LOCALE,
    DEFAULT_TIMEZONE,
    Account,
    Alliance,
    LegalGroup,
    Shop,
)
from alliance.platform.members.roles import require_system


def create_alliance(
    uow: UnitOfWork,
    *,
    handle: str,
    name: str,
    category: str,
    currency: str = DEFAULT_CURRENCY,
    timezone: str = DEFAULT_TIMEZONE,
) -> UUID:
    """A new alliance without members. System scope only; a taken handle is a ConflictError."""
    require_system(uow)
    values = {
        "handle": clean_handle(handle),
        "name": clean_name(name),
        "category": clean_name(category, field="category"),
        "currency": clean_currency(currency),
        "timezone": clean_timezone(timezone),
    }
    alliance_id = _insert_new(uow, Alliance, unique="handle", values=values)
    record(
        uow,
        "alliance.created",
        target=f"alliance:{alliance_id}",
        detail={"handle": values["handle"]},
        chain=_alliance(alliance_id),
    )
    return alliance_id


def create_shop(
    uow: UnitOfWork,
    *,
    handle: str,
    name: str,
    category: str,
    currency: str = DEFAULT_CURRENCY,
    timezone: str = DEFAULT_TIMEZONE,
    locale: str = DEFAULT_LOCALE,
    region: str = "",
    legal_group_id: UUID | None = None,
) -> UUID:
    """A new shop in no alliance yet, of its own ownership group unless one is given.

    System scope only. A taken handle is a ConflictError, an unknown group a NotFoundError.
    """
    require_system(uow)
    values = {
        "handle": clean_handle(handle),
        "name": clean_name(name),
        "category": clean_name(category, field="category"),
        "currency": clean_currency(currency),
        "timezone": clean_timezone(timezone),
        "locale": clean_locale(locale),
        "region": clean_name(region, field="region") if region else "",
    }
    group_id = _legal_group(uow, legal_group_id, name=values["name"])
    shop_id = _insert_new(uow, Shop, unique="handle", values={**values, "legal_group_id": group_id})
    record(uow, "shop.created", target=f"shop:{shop_id}", detail={"handle": values["handle"]}, chain=Chain(shop_id))
    return shop_id


def create_account(uow: UnitOfWork, *, email: str, name: str, locale: str = DEFAULT_LOCALE) -> UUID:
    """A new person without rights and without a password. System scope only; a known e-mail is a ConflictError."""
    require_system(uow)
    values = {"email": clean_email(email), "name": clean_name(name), "locale": clean_locale(locale)}
    account_id = _insert_new(uow, Account, unique="email", values=values)
    record(uow, "account.created", target=f"account:{account_id}", chain=Chain())
    return account_id


def create_legal_group(uow: UnitOfWork, *, name: str) -> UUID:
    """A new ownership group. System scope only."""
    require_system(uow)
    group = LegalGroup(id=new_id(), name=clean_name(name))
    uow.session.add(group)
    uow.session.flush()
    return group.id


def _alliance(alliance_id: UUID) -> Chain:
    return Chain(alliance_id=alliance_id)


def _legal_group(uow: UnitOfWork, legal_group_id: UUID | None, *, name: str) -> UUID:
    if legal_group_id is None:
        return create_legal_group(uow, name=name)
    if uow.session.scalar(select(LegalGroup.id).where(LegalGroup.id == legal_group_id)) is None:
        raise NotFoundError
    return legal_group_id


def _insert_new(
    uow: UnitOfWork, model: type[Alliance | Shop | Account], *, unique: str, values: Mapping[str, object]
) -> UUID:
    row = {"id": new_id(), "created_at": clock.now(), **values}
    statement = insert(model).values(row).on_conflict_do_nothing(index_elements=[unique]).returning(model.id)
    made = uow.session.scalar(statement)
    if made is None:
        text = _("该邮箱已有账号") if unique == "email" else _("标识 %(handle)s 已被使用", handle=values[unique])
        raise ConflictError(text, field=(unique,))
    return made
