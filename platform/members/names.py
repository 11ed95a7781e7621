"""The names behind actors, for timelines and the audit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.texts import Locale, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.models import Account

CUSTOMER = _("顾客")
SYSTEM = _("系统")
SOMEBODY = _("已离开的成员")
NOBODY = UUID(int=0)


def find_actor_names(uow: UnitOfWork, actors: Collection[str], *, locale: Locale) -> Mapping[str, str]:
    """Each actor (`account:<id>`, `customer:<id>`, `system:<reason>`) as a person reads it, in one query.

    Accounts have their name as far as the scope sees them; a customer is only called one.
    """
    accounts = {actor: UUID(actor.removeprefix("account:")) for actor in actors if actor.startswith("account:")}
    names = _account_names(uow, set(accounts.values()))
    return {actor: names.get(accounts.get(actor, NOBODY)) or _general(actor, locale) for actor in actors}


def _general(actor: str, locale: Locale) -> str:
    kind = actor.partition(":")[0]
    return {"account": SOMEBODY, "customer": CUSTOMER}.get(kind, SYSTEM).render(locale)


def _account_names(uow: UnitOfWork, ids: Collection[UUID]) -> dict[UUID, str]:
    if not ids:
        return {}
    rows = uow.session.execute(select(Account.id, Account.name).where(Account.id.in_(list(ids))))
    return {row[0]: row[1] for row in rows}
