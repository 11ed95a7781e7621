"""Every field, argument and kind of document, on every awkward value, for every role and in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from support.equivalence.comparing import both
from support.equivalence.documents import PLAIN, WITH_VARIABLES
from support.equivalence.world import World
from support.graphql_client import GraphQLClient, client_of

from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole

CORPUS: dict[str, tuple[str, dict[str, Any]]] = {name: (document, {}) for name, document in PLAIN.items()}
CORPUS |= {f"${name}": asked for name, asked in WITH_VARIABLES.items()}


@pytest.mark.parametrize("name", CORPUS)
def test_the_compiler_answers_as_the_executor(owner: GraphQLClient, name: str) -> None:
    both(owner, *CORPUS[name])


@pytest.mark.parametrize("role", [MemberRole.ANALYST, MemberRole.AUDITOR])
def test_every_role_is_refused_alike(services: Services, world: World, role: MemberRole) -> None:
    client = client_of(services, world.members[role], "zh_CN")
    refused = [name for name, asked in CORPUS.items() if both(client, *asked).errors]
    assert len(refused) > 10


def test_a_shop_without_rows_answers_alike(services: Services, empty: World) -> None:
    client = client_of(services, empty.members[MemberRole.OWNER], "zh_CN")
    for asked in CORPUS.values():
        both(client, *asked)


@pytest.mark.parametrize("currency", ["yen", "dinar"])
def test_shops_of_other_currencies_answer_alike(
    services: Services, currency: str, request: pytest.FixtureRequest
) -> None:
    world: World = request.getfixturevalue(currency)
    client = client_of(services, world.members[MemberRole.OWNER], "zh_CN")
    for name in ("shop", "returns, all", "orders, all", "products, all", "stock, all", "largest", "return by number"):
        both(client, *CORPUS[name])
