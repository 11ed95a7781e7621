"""Documents that nobody would think of, right and wrong, answered alike by the compiler and by the executor."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.equivalence.comparing import both
from support.equivalence.generating import Values, Writer
from support.equivalence.world import TEXTS, World
from support.graphql_client import GraphQLClient, client_of, gid

from alliance.graphql.schema.build import engine
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole

CURSORS = """{ shop {
  newest: returns(first: 9) { edges { cursor } } oldest: returns(first: 9, orderBy: OLDEST) { edges { cursor } }
  largest: returns(first: 9, orderBy: LARGEST) { edges { cursor } } orders(first: 9) { edges { cursor } }
  products(first: 9) { edges { cursor } } stock(first: 9) { edges { cursor } } imports { edges { cursor } }
  audit(first: 2) { edges { cursor } } } }"""


@pytest.fixture(scope="module")
def values(world: World, owner: GraphQLClient) -> Values:
    """Sizes, cursors, ids and texts of the awkward shop, and what is wrong with such arguments."""
    cursors = tuple(edge["cursor"] for found in owner.data(CURSORS)["shop"].values() for edge in found["edges"])
    ids = tuple(gid(kind, key) for kind in ("Return", "Order", "Unit", "ReturnLine") for key in world.ids(kind)[:5])
    sizes, days = (0, 1, 2, 3, 7, 50), ("1970-01-01", "2026-10-15", "2026-10-16", "0001-01-02", "9999-12-30")
    texts = (*TEXTS[:6], "R1", "R", "SF3", "连", "%", "_")
    right = {
        "first": sizes,
        "last": sizes,
        "after": cursors,
        "before": cursors,
        "id": (*ids, gid("Shop", world.shop.id)),
        "number": ("R0", "R3", "none", ""),
        "search": texts,
        "category": TEXTS,
        "reason": ("size-too-small", "lost-handle", ""),
        "requestedFrom": days,
        "requestedTo": days,
        "from": ("2026-01", "2026-10"),
        "to": ("2026-10", "2026-12"),
    }
    wrong = {
        "first": (-1, 501, 2**31 - 1),
        "last": (-1, 501),
        "after": ("", "x", "W10", "WyJ4Il0", "=", "\u2028"),
        "before": ("", "x", "bnVsbA", "WzFd"),
        "id": ("", "x", gid("Return", new_id()), gid("Nothing", new_id()), gid("Shop", new_id())),
        "requestedFrom": ("2026-02-30", "x"),
        "requestedTo": ("9999-12-31", ""),
        "from": ("2026-13", "2026-12"),
    }
    return Values(right, wrong)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), naughty=st.booleans(), role=st.sampled_from(MemberRole), chinese=st.booleans())
def test_generated_documents_are_answered_alike(
    services: Services, world: World, values: Values, seed: int, naughty: bool, role: MemberRole, chinese: bool
) -> None:
    member = world.members.get(role) or world.members[MemberRole.OWNER]
    client = client_of(services, member, "zh_CN" if chinese else "en")
    chance = Random(seed)  # noqa: S311 (no secret)
    both(client, *Writer(engine().schema, chance, values, naughty).document())
