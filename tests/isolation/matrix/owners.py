"""The parties of the matrix: who owns the marked rows, and who must not see them."""

from __future__ import annotations

from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any
from uuid import UUID

from sqlalchemy import select
from support.actors import SYSTEM, AllianceActor, MemberActor, ShopActor, make_alliance, make_member, make_shop

from alliance.platform.auth.models import LoginSession
from alliance.platform.auth.sessions import Client, open_session
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.work import unit_of_work


@dataclass
class Party:
    """A shop with its owner and its marked rows: `rows` by table, every text of them beginning with `mark`."""

    shop: ShopActor
    owner: MemberActor
    mark: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    session_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """The shop's id."""
        return self.shop.id

    @property
    def scope(self) -> Scope:
        """The owner at work in the shop: every permission, so that only isolation can refuse."""
        return self.owner.scope

    def found_in(self, answer: str) -> list[str]:
        """What of this shop's texts an answer shows."""
        return sorted(text for text in {self.mark, *self.secrets} if text in answer)


def make_party(services: Services, alliance: AllianceActor) -> Party:
    """A new shop of the alliance with an owner, without rows."""
    shop = make_shop(services, alliance=alliance, name=f"店铺{token_hex(4)}")
    owner = make_member(services, shop)
    with unit_of_work(services, SYSTEM) as uow:
        open_session(uow, account_id=owner.account_id, shop_id=shop.id, client=Client(agent="matrix"))
        session_id = uow.session.scalar(select(LoginSession.id).where(LoginSession.account_id == owner.account_id))
    return Party(shop=shop, owner=owner, mark=f"mark{token_hex(8)}", session_id=session_id)


def make_parties(services: Services) -> tuple[Party, Party, Party]:
    """Shop A; a neighbour of its alliance whose owner has a role in A too; a stranger in another alliance."""
    together, apart = make_alliance(services), make_alliance(services)
    parties = make_party(services, together), make_party(services, together), make_party(services, apart)
    make_member(services, parties[0].shop, account=parties[1].owner)
    return parties
