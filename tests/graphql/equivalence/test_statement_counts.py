"""A compiled document takes one statement; what Python fills in adds what it declares, for a page of any length."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.equivalence.documents import CUSTOMER, PLAIN
from support.equivalence.world import World
from support.graphql_client import GraphQLClient
from support.statements import sent_statements

# The statement itself, and then: names, e-mails and reason texts ask the key store; counts and texts ask the database.
COUNTS: dict[str, tuple[str, int]] = {
    "shop": (PLAIN["shop"], 1),
    "a page of scalars": (PLAIN["returns, scalars"], 1),
    "several lists": (PLAIN["search"], 1),
    "products": (PLAIN["products, all"], 1),
    "stock": (PLAIN["stock, all"], 1),
    "one return": ('{ shop { return(number: "R1") { number order { lines { variant { sku } } } } } }', 1),
    "many shops": (PLAIN["many shops"], 1),
    "reasons": ("{ shop { returns { nodes { lines { reason { name } inspectedReason { level1 } } } } } }", 1),
    "filtered": ('{ shop { returns(filter: {search: "R", grade: [A]}) { nodes { id } } } }', 1),
    "filtered by day": ('{ shop { returns(filter: {requestedFrom: "2026-01-01"}) { nodes { id } } } }', 2),
    "actors": ("{ shop { returns { nodes { timeline { actor } } } } }", 2),
    "names": ("{ shop { orders { nodes { customer { displayName } } } } }", 2),
    "counts": ("{ shop { orders { nodes { customer { returnsCount } } } } }", 2),
    "customers": (f"{{ shop {{ orders {{ nodes {{ customer {CUSTOMER} }} }} }} }}", 4),
    "reason texts": ("{ shop { returns { nodes { lines { reasonText } } } } }", 3),
    "beside the executor": ('{ shop { name kpis(from: "2026-01", to: "2026-10") { netPromoterReturnRate } } }', 2),
    "beside the audit": ("{ shop { returns { nodes { id } } audit { nodes { action } } } }", 3),
    "beside the viewer": ("{ viewer { permissions } shop { returns { nodes { id } } } }", 2),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_document_takes_one_statement_and_what_it_declares(owner: GraphQLClient, name: str) -> None:
    document, most = COUNTS[name]
    client = replace(owner, compiled=True)
    client.data(document)
    with sent_statements() as sent:
        client.data(document)
    assert len(sent) == most, sent


def test_a_page_of_one_takes_as_many_statements_as_a_page_of_all(owner: GraphQLClient, world: World) -> None:
    client = replace(owner, compiled=True)
    document = "query ($n: Int) { shop { returns(first: $n) { nodes { lines { reasonText } customer { email } } } } }"
    taken = []
    for size in (1, 5, 500):
        client.data(document, n=size)
        with sent_statements() as sent:
            client.data(document, n=size)
        taken.append(len(sent))
    assert taken[1] == taken[2]
    assert taken[0] <= taken[1]


def test_the_setting_leaves_everything_to_the_executor(owner: GraphQLClient) -> None:
    with sent_statements() as sent:
        owner.data(PLAIN["returns, scalars"])
    assert len(sent) == 2
    assert not any("json_agg" in text for text in sent)
