"""Reading sites."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import select

from alliance.platform.centre.models import Site
from alliance.platform.kernel.work import UnitOfWork


def find_site_names(uow: UnitOfWork, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """The names of the sites among `ids` that the scope sees, open or closed, in one query."""
    if not ids:
        return {}
    rows = uow.session.execute(select(Site.id, Site.name).where(Site.id.in_(list(ids))))
    return {row[0]: row[1] for row in rows}
