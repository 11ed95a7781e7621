"""Processing sites of an alliance: opening one, finding it, closing it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.centre.models import Site
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, ConflictError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.tenancy import ScopeKind
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.inputs import clean_handle, clean_name
from alliance.platform.members.models import Alliance
from alliance.platform.members.roles import Permission, require

# More than sixty people working all month; a larger number is a slip of the finger.
MOST_MINUTES = 1_000_000


def open_site(
    uow: UnitOfWork, *, alliance_id: UUID, handle: str, name: str, region: str, capacity_minutes: int = 0
) -> UUID:
    """A new site of the alliance; answers its id. `capacity_minutes` is its practical capacity a month.

    Needs `alliance:write` in that alliance, or the system scope. An alliance that the scope does not see is a
    NotFoundError, a handle that the alliance has already a ConflictError, an impossible capacity a BadInputError.
    """
    require(uow, Permission.ALLIANCE_WRITE)
    if not 0 <= capacity_minutes <= MOST_MINUTES:
        raise BadInputError(_("每月产能须为 0 到 %(most)s 分钟", most=MOST_MINUTES), field=("capacity_minutes",))
    row = {
        "id": new_id(),
        "alliance_id": alliance_id,
        "handle": clean_handle(handle),
        "name": clean_name(name),
        "region": clean_name(region, field="region"),
        "capacity_minutes": capacity_minutes,
        "created_at": clock.now(),
    }
    _expect_alliance(uow, alliance_id)
    statement = insert(Site).values(row).on_conflict_do_nothing(index_elements=["alliance_id", "handle"])
    made: UUID | None = uow.session.scalar(statement.returning(Site.id))
    if made is None:
        raise ConflictError(_("标识 %(handle)s 已被使用", handle=row["handle"]), field=("handle",))
    record(
        uow,
        "site.opened",
        target=f"site:{made}",
        detail={"handle": row["handle"]},
        chain=Chain(alliance_id=alliance_id),
    )
    return made


def find_site(uow: UnitOfWork, *, alliance_id: UUID, handle: str) -> Site | None:
    """The alliance's site of this handle that the scope sees, open or closed."""
    return uow.session.scalar(select(Site).where(Site.alliance_id == alliance_id, Site.handle == handle))


def list_open_sites(uow: UnitOfWork, *, alliance_id: UUID) -> Sequence[Site]:
    """The alliance's open sites by handle; a handful, so they are not paged. Its members may see them."""
    statement = select(Site).where(Site.alliance_id == alliance_id, Site.closed_at.is_(None)).order_by(Site.handle)
    return uow.session.scalars(statement).all()


def _expect_alliance(uow: UnitOfWork, alliance_id: UUID) -> None:
    # A coordinator's permission holds in their own alliance only, whatever else their policies let them see.
    is_own = uow.scope.kind is ScopeKind.SYSTEM or uow.scope.alliance_id == alliance_id
    if not is_own or uow.session.scalar(select(Alliance.id).where(Alliance.id == alliance_id)) is None:
        raise NotFoundError
