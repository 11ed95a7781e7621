"""What a hostile document costs to refuse, and the widest allowed one to compile, beside a small answered query.

Both sides are CPU of this process in the same run, the least of three, so the ratio holds on any machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from support.graphql_client import GraphQLClient
from support.statements import sent_statements

# Generous: the worst of them takes a fifth of this.
MOST_TIMES = 60
FRESH = count()
DEEP = "{ returns { nodes " * 150
HOSTILE: dict[str, Callable[[], str]] = {
    "deep": lambda: "{ shop " + DEEP + "{ id }" + " } }" * 150 + " }",
    "wide": lambda: "{ shop { " + "name " * 100_000 + "} }",
    "aliased a thousand times": lambda: "{ shop { " + " ".join(f"a{i}: name" for i in range(1_000)) + " } }",
    "a huge list": lambda: "{ shop { returns(filter: {reason: [" + '"a",' * 50_000 + "]}) { nodes { id } } } }",
    "circular fragments": lambda: (
        "{ shop { ...A } } "
        + " ".join(
            f"fragment {name} on Shop {{ ...{after} }}" for name, after in zip("ABCDEFGH", "BCDEFGHA", strict=True)
        )
    ),
    "unicode names": lambda: "{ 店铺 { 名称 } }",
    "one field many times": lambda: "{ shop { " + "returns { nodes { id } } " * 250 + "} }",
}


def spent(client: GraphQLClient, make: Callable[[], str], **variables: object) -> float:
    """The least CPU seconds of three fresh documents: each is parsed, measured and refused or answered anew."""
    seconds = []
    for _attempt in range(3):
        document = f"# {next(FRESH)}\n{make()}"
        start = time.process_time()
        client.codes(document, **variables)
        seconds.append(time.process_time() - start)
    return min(seconds)


@pytest.fixture(scope="module")
def small(owner: GraphQLClient) -> float:
    """What a small query costs that nobody has asked before."""
    return spent(replace(owner, compiled=True), lambda: "{ shop { name } }")


@pytest.mark.parametrize("name", HOSTILE)
def test_refusing_costs_little_and_asks_nothing(owner: GraphQLClient, small: float, name: str) -> None:
    client = replace(owner, compiled=True)
    with sent_statements() as sent:
        assert set(client.codes(HOSTILE[name]())) <= {"LIMIT_EXCEEDED", "BAD_INPUT"}
        assert client.codes(HOSTILE[name]())
        taken = spent(client, HOSTILE[name])
    assert sent == []
    assert taken < small * MOST_TIMES, f"{taken / small:.0f} times"


def test_enormous_variables_cost_little_to_refuse(owner: GraphQLClient, small: float) -> None:
    taken = spent(replace(owner, compiled=True), lambda: "{ shop { name } }", x=["text"] * 200_000)
    assert taken < small * MOST_TIMES, f"{taken / small:.0f} times"


def test_the_widest_allowed_document_costs_as_much_to_compile_as_to_execute(owner: GraphQLClient) -> None:
    def wide() -> str:
        lines = "lines { product { variants { price { amount } } } units { defects { kind } } reason { name } }"
        node = f"{{ number order {{ customer {{ id }} lines {{ variant {{ sku }} }} }} {lines} timeline {{ kind }} }}"
        return f"{{ shop {{ {' '.join(f'a{i}: returns(first: 1) {{ nodes {node} }}' for i in range(12))} }} }}"

    assert replace(owner, compiled=True).codes(wide()) == []
    compiled, executed = (spent(replace(owner, compiled=way), wide) for way in (True, False))
    assert compiled < executed * 6, f"{compiled / executed:.1f} times"
