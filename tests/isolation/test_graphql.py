"""Every field, list, node type and mutation of the schema, asked as the wrong shop, compiled and by the executor."""

from __future__ import annotations

from dataclasses import replace

import pytest
from isolation.matrix.asking import cursors, fields, mutations, nodes, seeing
from isolation.matrix.graphql import NODES, Asking, Explorer
from isolation.matrix.owners import Party
from support.logins import give_password, subject_of

from alliance.graphql.schema.build import engine
from alliance.platform.kernel.services import Services

Parties = tuple[Party, Party, Party]
# What members of one alliance share: the alliance itself.
ALLIED = {"Alliance"}
# Tables whose texts the schema must show their owner, else the tests below would be about nothing.
SHOWN = ("customer", "import", "orders", "product", "return_event", "return_line", "returns", "unit_defect", "variant")


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """The served schema."""
    return Explorer(engine().schema)


@pytest.fixture(scope="module", params=[True, False], ids=["compiled", "executed"])
def reading(request: pytest.FixtureRequest, services: Services) -> Services:
    """Services whose reads are compiled, or left to the executor."""
    return replace(services, settings=services.settings.model_copy(update={"compile_reads": request.param}))


@pytest.fixture(scope="module")
def neighbour(parties: Parties) -> Party:
    """The neighbour's owner, who is a member of the victim's shop as well and works in the own one now."""
    return parties[1]


def test_the_owner_is_shown_what_the_others_must_not_see(explorer: Explorer, reading: Services, parties: Parties):
    faults, shown = seeing(explorer, Asking(reading, parties[0]))
    assert faults == []
    assert [table for table in SHOWN if f"{parties[0].mark}.{table}." not in shown] == []


def test_no_field_shows_anything_of_another_shop(explorer: Explorer, reading: Services, parties: Parties, neighbour):
    assert fields(explorer, Asking(reading, neighbour), parties[0]) == ALLIANCE_IS_SHARED
    assert fields(explorer, Asking(reading, parties[2]), parties[0]) == []


def test_no_list_goes_on_from_another_shops_cursor(explorer: Explorer, reading: Services, parties: Parties, neighbour):
    assert cursors(explorer, Asking(reading, neighbour), parties[0]) == []


def test_no_node_of_another_shop_is_found(explorer: Explorer, reading: Services, parties: Parties, neighbour: Party):
    assert nodes(explorer, Asking(reading, neighbour), parties[0], shared=ALLIED) == []
    assert nodes(explorer, Asking(reading, parties[2]), parties[0], shared=set()) == []


def test_no_mutation_reaches_another_shop(explorer: Explorer, services: Services, parties: Parties):
    stranger = parties[2]
    subject = subject_of(services, give_password(services, stranger.owner))
    assert mutations(explorer, Asking(services, stranger, subject), parties[0], spared=set()) == []


def test_registries_name_only_types_that_exist(explorer: Explorer):
    assert sorted(NODES) == explorer.node_types()


ALLIANCE_IS_SHARED = ["Query.alliance(id) answers data to another shop's id, not NOT_FOUND"]
