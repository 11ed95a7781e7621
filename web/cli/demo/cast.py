"""Who works in the demo: an owner a shop, one shop with every role, one person in two shops, and a coordinator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from alliance.platform.members.roles import Role
from alliance.web.cli.demo import ALLIANCE_HANDLE
from alliance.web.cli.demo.profiles import ShopProfile

ALLIANCE_NAME, CATEGORY = "丰盈大码女装联盟", "大码女装"
OWNERS = ("林晓婉", "陈雅丽", "何梦圆", "段一鸣", "沈静山")
STAFFED_SHOP = "qiaoyue"
STAFF = (
    (Role.MANAGER, "周敏"),
    (Role.STAFF, "吴小芳"),
    (Role.ANALYST, "郑思琪"),
    (Role.AUDITOR, "方正文"),
)
# Manages one shop and reads the figures of another: must switch explicitly.
TWO_SHOPS = ("苏文欣", "yuanyuan", "fengzi")
COORDINATOR = "赵秀兰"


@dataclass(frozen=True, slots=True)
class Place:
    """A site the alliance shares. Capacity in minutes a month."""

    handle: str
    name: str
    region: str
    capacity_minutes: int


SITES = (
    Place("hangzhou", "杭州处理中心", "浙江杭州", 9_600),
    Place("guangzhou", "广州社区站点", "广东广州", 4_800),
)


@dataclass(frozen=True, slots=True)
class CastMember:
    """A person who can log in. `shops` are (shop handle, role); none for the coordinator."""

    email: str
    name: str
    shops: tuple[tuple[str, Role], ...]


def cast_of(profiles: Sequence[ShopProfile], *, alliance_handle: str = ALLIANCE_HANDLE) -> list[CastMember]:
    """Everybody of these shops, owners first, the coordinator last."""
    handles = [profile.handle for profile in profiles]
    cast = [
        CastMember(f"owner@{handle}.example", OWNERS[place % len(OWNERS)], ((handle, Role.OWNER),))
        for place, handle in enumerate(handles)
    ]
    if STAFFED_SHOP in handles:
        cast += [
            CastMember(f"{role.value}@{STAFFED_SHOP}.example", name, ((STAFFED_SHOP, role),)) for role, name in STAFF
        ]
    name, managed, read = TWO_SHOPS
    if managed in handles and read in handles:
        roles = ((managed, Role.MANAGER), (read, Role.ANALYST))
        cast.append(CastMember(f"manager@{managed}.example", name, roles))
    return [*cast, CastMember(f"coordinator@{alliance_handle}.example", COORDINATOR, ())]
