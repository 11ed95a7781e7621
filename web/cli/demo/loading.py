"""Loading the demo, step by step, each of which may be repeated: an interrupted load goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from alliance.platform.kernel import clock
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import unit_of_work
from alliance.web.cli.demo import ALLIANCE_HANDLE
from alliance.web.cli.demo.bringing import bring_file, inspect_pieces, trace_deliveries
from alliance.web.cli.demo.cast import ALLIANCE_NAME, SITES, CastMember, cast_of
from alliance.web.cli.demo.founding import (
    SYSTEM,
    Founded,
    Login,
    found_alliance,
    hire,
    is_complete,
    open_doors,
    owner_scope,
)
from alliance.web.cli.demo.generate import DEFAULT_SEED, ShopStory, make_story, span_before
from alliance.web.cli.demo.profiles import SHOPS, ZONE, ShopProfile
from alliance.web.cli.demo.rows import FILES

# Random passwords of 80 bits need no slow hash, and a start no seconds of it.
MEMORY_KIB, TIME_COST = 8_192, 1


@dataclass(frozen=True)
class DemoPlan:
    """What is to be loaded: who, from which seed, told on which day."""

    handle: str = ALLIANCE_HANDLE
    name: str = ALLIANCE_NAME
    profiles: Sequence[ShopProfile] = SHOPS
    seed: int = DEFAULT_SEED
    today: date = date.min

    @property
    def cast(self) -> list[CastMember]:
        """Everybody, the coordinator last."""
        return cast_of(self.profiles, alliance_handle=self.handle)

    def stories(self) -> Iterator[ShopStory]:
        """Each shop's story, one after the other, so that only one is in memory."""
        for place, profile in enumerate(self.profiles):
            yield make_story(self.seed, profile, place=place, today=self.today)


def today_in_china() -> date:
    """The day that the story is told on."""
    return clock.now().astimezone(ZONE).date()


def load_demo(services: Services, plan: DemoPlan, *, tell: Callable[[Text], None]) -> list[Login] | None:
    """Load what is missing of the plan; the logins, or None where it was complete already.

    Everything a person would do goes through the same commands; jobs run here, so that no worker is needed.
    """
    services = replace(services, settings=_settings(services.settings))
    *staff, coordinator = plan.cast
    with unit_of_work(services, SYSTEM) as uow:
        if is_complete(uow, alliance_handle=plan.handle, coordinator=coordinator):
            return None
    founded = _found(services, plan, staff)
    owners = {person.shops[0][0]: person for person in reversed(staff)}
    for place, story in enumerate(plan.stories(), 1):
        rows = _load_shop(services, founded, story, owners[story.profile.handle])
        tell(
            _(
                "%(place)s/%(all)s %(shop)s：%(rows)s 行",
                place=place,
                all=len(plan.profiles),
                shop=story.profile.name,
                rows=rows,
            )
        )
    names = {profile.handle: profile.name for profile in plan.profiles}
    with unit_of_work(services, SYSTEM) as uow:
        return open_doors(uow, founded, staff, coordinator, names)


def _settings(settings: Settings) -> Settings:
    return settings.model_copy(
        update={"jobs": "inline", "password_memory_kib": MEMORY_KIB, "password_time_cost": TIME_COST}
    )


def _found(services: Services, plan: DemoPlan, staff: Sequence[CastMember]) -> Founded:
    """The alliance is as old as its story: it is founded on the story's first day."""
    first_day = datetime.combine(span_before(plan.today).start, time(9), ZONE)
    with clock.at(first_day), unit_of_work(services, SYSTEM) as uow:
        founded = found_alliance(uow, handle=plan.handle, name=plan.name, profiles=plan.profiles, sites=SITES)
        hire(uow, founded, staff)
    return founded


def _load_shop(services: Services, founded: Founded, story: ShopStory, owner: CastMember) -> int:
    with unit_of_work(services, SYSTEM) as uow:
        scope = owner_scope(uow, founded, owner)
    rows = sum(bring_file(services, scope, story, file) for file in FILES)
    trace_deliveries(services, scope, story)
    return rows + inspect_pieces(services, scope, story, founded.sites)
