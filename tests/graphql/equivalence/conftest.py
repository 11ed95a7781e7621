"""Shops of awkward rows, made once for the comparisons."""

from __future__ import annotations

import pytest
from support.equivalence.world import World, make_empty_world, make_world
from support.graphql_client import GraphQLClient, client_of

from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole


@pytest.fixture(scope="module")
def world(services: Services) -> World:
    return make_world(services)


@pytest.fixture(scope="module")
def yen(services: Services) -> World:
    return make_world(services, currency="JPY", size=6)


@pytest.fixture(scope="module")
def dinar(services: Services) -> World:
    return make_world(services, currency="KWD", size=6)


@pytest.fixture(scope="module")
def empty(services: Services) -> World:
    return make_empty_world(services)


@pytest.fixture(scope="module")
def owner(services: Services, world: World) -> GraphQLClient:
    return client_of(services, world.members[MemberRole.OWNER])
