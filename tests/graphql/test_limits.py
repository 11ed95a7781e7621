"""Hostile documents are refused before they run, and cheaply; ordinary ones say what they cost."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from graphql import get_introspection_query
from support.actors import make_shop
from support.graphql_client import GraphQLClient, counted, make_client

from alliance.graphql.engine import limits
from alliance.graphql.engine.plans import PlanCache, plan_of
from alliance.graphql.schema.build import build, core_of, engine
from alliance.platform.kernel.errors import AllianceError, BadInputError, LimitExceededError
from alliance.platform.kernel.services import Services

# Several times what refusing takes here, and less than what a page of returns costs the executor.
MOST_SECONDS = 0.5


@pytest.fixture(scope="module")
def client(services: Services) -> GraphQLClient:
    return make_client(services, make_shop(services))


def chain(count: int, *, width: int = 1, closed: bool = False) -> str:
    """Fragments that spread the next one `width` times; the last one the first, if `closed`."""
    parts = [f"fragment F{i} on Shop {{ {' '.join([f'...F{i + 1}'] * width)} }}" for i in range(count)]
    last = "...F0" if closed else "name"
    return "{ shop { ...F0 } } " + " ".join(parts) + f" fragment F{count} on Shop {{ {last} }}"


HOSTILE: dict[str, Callable[[], str]] = {
    "deep": lambda: "{ shop " + "{ returns { nodes " * 150 + "{ id }" + " } }" * 150 + " }",
    "deep enough for the parser": lambda: "{" + "a{" * 900 + "b" + "}" * 901,
    "a thousand aliases": lambda: "{ shop { " + " ".join(f"a{i}: name" for i in range(600)) + " } }",
    "a hundred thousand words": lambda: "{ shop { " + "name " * 100_000 + "} }",
    "a huge list": lambda: "{ shop { returns(filter: {reason: [" + '"a",' * 50_000 + "]}) { nodes { id } } } }",
    "a long text": lambda: '{ shop { orders(search: "' + "长" * 40_000 + '") { nodes { id } } } }',
    "a circle of fragments": lambda: chain(40, closed=True),
    "a fragment within itself": lambda: "{ shop { ...A } } fragment A on Shop { ...A }",
    "fragments that double": lambda: chain(40, width=2),
    "empty fragments that double": lambda: chain(40, width=2).replace("{ name }", "{ }"),
    "too many fragments": lambda: chain(60),
    "comments": lambda: "#\n" * 5_000 + "{ shop { name } }",
    "pages of pages": lambda: "{ shop { imports(first: 500) { nodes { problems(first: 500) { nodes { code } } } } } }",
    "a wide page": lambda: (
        "{ shop { returns(first: 500) { nodes { lines { units { defects { kind } } product "
        "{ variants { price { amount } } } } order { lines { variant { price { amount } } } } } } } }"
    ),
    "introspection of introspection": lambda: (
        "{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } }"
    ),
    "one field again and again": lambda: "{ shop { " + "returns { nodes { id } } " * 250 + "} }",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_cheaply_and_asks_nothing(
    services: Services, client: GraphQLClient, name: str
) -> None:
    document = HOSTILE[name]()
    client.codes("{ shop { name } }")
    with counted(services) as seen:
        start = time.process_time()
        codes = client.codes(document)
        spent = time.process_time() - start
    assert codes
    assert set(codes) <= {"LIMIT_EXCEEDED", "BAD_INPUT"}
    assert len(seen) == 0
    assert spent < MOST_SECONDS, f"{name}: {spent:.3f} s"


def test_unicode_names_are_a_syntax_error(client: GraphQLClient) -> None:
    assert client.codes("{ 店铺 { ｎａｍｅ } }") == ["BAD_INPUT"]


@pytest.mark.parametrize(
    "variables",
    [
        {"x": list(range(limits.MAX_VALUES))},
        {"x": [[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]},
        {f"v{i}": i for i in range(limits.MAX_VALUES)},
    ],
)
def test_enormous_variables_are_refused(client: GraphQLClient, variables: dict[str, object]) -> None:
    assert client.codes("{ shop { name } }", **variables) == ["LIMIT_EXCEEDED"]


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_a_text_that_cannot_be_stored_is_bad_input(client: GraphQLClient, text: str) -> None:
    document = "query ($s: String) { shop { orders(search: $s) { nodes { id } } } }"
    assert client.codes(document, s=text) == ["BAD_INPUT"]
    escaped = text.encode("unicode_escape").decode().replace("\\x00", "\\u0000")
    assert client.codes('{ shop { orders(search: "' + escaped + '") { nodes { id } } } }') == ["BAD_INPUT"]


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ("first: 501", "LIMIT_EXCEEDED"),
        ("last: 501", "LIMIT_EXCEEDED"),
        ("first: -1", "BAD_INPUT"),
        ("first: 1, last: 1", "BAD_INPUT"),
    ],
)
def test_a_page_has_its_limits(client: GraphQLClient, page: str, code: str) -> None:
    assert client.codes(f"{{ shop {{ returns({page}) {{ nodes {{ id }} }} }} }}") == [code]
    name, _colon, value = page.partition(": ")
    if "," not in page:
        document = f"query ($n: Int) {{ shop {{ returns({name}: $n) {{ nodes {{ id }} }} }} }}"
        assert client.codes(document, n=int(value)) == [code]


def test_the_cost_is_the_number_of_objects_a_document_can_ask_for(client: GraphQLClient) -> None:
    def cost(document: str, **variables: object) -> int:
        found: int = client.ask(document, **variables)["extensions"]["cost"]["cost"]
        return found

    assert cost("{ shop { name currency } }") == 1
    # The shop, the page, and ten returns with an order each.
    assert cost("{ shop { returns(first: 10) { nodes { order { number } } } } }") == 1 + 1 + 10 * 2
    # Fifty where nothing is said.
    assert cost("{ shop { returns { nodes { number } } } }") == 1 + 1 + 50
    # Lines count as three, their units as two each.
    assert cost("{ shop { returns(first: 10) { nodes { lines { units { plate } } } } } }") == 2 + 10 * (1 + 3 * (1 + 2))
    document = "query ($n: Int = 7) { shop { returns(first: $n) { edges { node { number } } } } }"
    assert cost(document) == 2 + 7 * 2
    assert cost(document, n=20) == 2 + 20 * 2


def test_an_answer_says_what_it_cost_and_what_the_limits_are(client: GraphQLClient) -> None:
    extensions = client.ask("{ me: shop { ...S } } fragment S on Shop { name }")["extensions"]
    assert extensions == {
        "cost": {
            "cost": 1,
            "depth": 2,
            "fields": 3,
            "aliases": 1,
            "selections": 1,
            "maxCost": limits.MAX_COST,
            "maxDepth": limits.MAX_DEPTH,
            "maxFields": limits.MAX_FIELDS,
            "maxAliases": limits.MAX_ALIASES,
            "maxSelections": limits.MAX_SELECTIONS,
        }
    }


def test_introspection_as_tools_ask_it_is_served(client: GraphQLClient) -> None:
    for options in ({}, {"descriptions": False}, {"input_value_deprecation": True, "directive_is_repeatable": True}):
        data = client.data(get_introspection_query(**options))
        assert {kind["name"] for kind in data["__schema"]["types"]} >= {"Shop", "Return", "Viewer"}


def test_an_unused_circle_is_refused_too() -> None:
    with pytest.raises(BadInputError):
        plan_of(core_of(build()), "{ shop { name } } fragment A on Shop { ...B } fragment B on Shop { ...A }")


def test_plans_are_kept_within_their_weight() -> None:
    cache = PlanCache(engine().schema, limit=1_000)
    for i in range(100):
        cache.get(f"query Q{i} {{ shop {{ name }} }}")
    assert len(cache) < 50
    assert cache.weight <= 1_000
    first = cache.get("{ shop { name } }")
    assert cache.get("{ shop { name } }") is first


def test_a_refused_document_is_not_kept() -> None:
    cache = PlanCache(engine().schema)
    for document in ("{ nothing }", "{ shop " * 100, chain(3, closed=True)):
        with pytest.raises((AllianceError, Exception)):
            cache.get(document)
    assert len(cache) == 0


def test_too_many_operations_are_refused() -> None:
    document = " ".join(f"query Q{i} {{ viewer {{ permissions }} }}" for i in range(limits.MAX_OPERATIONS + 1))
    with pytest.raises(LimitExceededError):
        plan_of(engine().schema, document)
