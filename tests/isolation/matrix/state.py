"""What a shop has, so that one can see that nothing of it has changed."""

from __future__ import annotations

from typing import Any

from isolation.matrix.owners import Party
from isolation.matrix.rows import shop_tables
from sqlalchemy import select
from support.actors import SYSTEM

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

# Shared rows about a shop and its people, read as the system.
ABOUT = {
    "platform.shop": lambda party: ("id", party.id),
    "platform.account": lambda party: ("id", party.owner.account_id),
    "platform.access_grant": lambda party: ("scope_id", party.id),
    "platform.alliance_membership": lambda party: ("shop_id", party.id),
    "platform.login_session": lambda party: ("account_id", party.owner.account_id),
    "platform.credential": lambda party: ("account_id", party.owner.account_id),
    "platform.audit_entry": lambda party: ("shop_id", party.id),
}


def state_of(services: Services, party: Party) -> dict[str, list[Any]]:
    """Every row of the shop, and the shared rows about it and its owner, by table."""
    found: dict[str, list[Any]] = {}
    with unit_of_work(services, party.scope) as uow:
        for table in shop_tables():
            found[table.fullname] = _rows(uow.session.execute(select(table)))
    with unit_of_work(services, SYSTEM) as uow:
        for name, which in ABOUT.items():
            column, value = which(party)
            table = METADATA.tables[name]
            found[name] = _rows(uow.session.execute(select(table).where(table.c[column] == value)))
    return found


def changes(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    """The tables that differ."""
    return sorted(name for name in before if before[name] != after[name])


def _rows(result: Any) -> list[str]:
    return sorted(repr(tuple(row)) for row in result)
