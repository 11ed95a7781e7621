"""The examples of the API page fit the schema, and its numbers are the ones in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode

from alliance.graphql.engine import limits
from alliance.graphql.engine.costs import cost_of
from alliance.graphql.engine.persisted import MAX_DOCUMENTS
from alliance.graphql.engine.plans import plan_of
from alliance.graphql.schema.build import engine
from alliance.web.api import graphql

PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"```graphql\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_fits_the_schema(example: str) -> None:
    assert plan_of(engine().schema, example).operations


def test_the_cost_of_the_example_is_what_the_page_says() -> None:
    (example,) = [text for text in EXAMPLES if "first: 100" in text]
    plan = plan_of(engine().schema, example)
    (operation,) = plan.operations
    assert isinstance(operation, OperationDefinitionNode)
    assert cost_of(engine().schema, plan.document, operation, {}) == 502
    assert (plan.shape.depth, plan.shape.fields, plan.shape.aliases, plan.shape.selections) == (5, 8, 0, 5)


def test_the_limits_of_the_page_are_those_in_force() -> None:
    rows = dict(re.findall(r"^\| (\w[^|]*?) \| (\d[^|]*?) \|$", PAGE, re.MULTILINE))
    assert rows == {
        "body": f"{graphql.MAX_BODY // 1024} kB",
        "document": f"{limits.MAX_BYTES // 1024} kB, 2 000 tokens, {limits.MAX_FRAGMENTS} fragments, "
        f"{limits.MAX_OPERATIONS} operations",
        "nesting": f"{limits.MAX_DEPTH} levels",
        "fields, fragments spread out": f"2 000; of these {limits.MAX_SELECTIONS} that select fields of their own, "
        f"one name at most {limits.MAX_REPEATS} times in a place",
        "aliases": str(limits.MAX_ALIASES),
        "values in variables": f"10 000, {limits.MAX_VALUE_DEPTH} levels",
        "items a page": "500",
        "cost": "30 000",
    }
    assert (limits.MAX_TOKENS, limits.MAX_FIELDS, limits.MAX_VALUES, limits.MAX_COST) == (2_000, 2_000, 10_000, 30_000)
    assert f"{MAX_DOCUMENTS} documents" in PAGE
    assert f"{graphql.RATE.most} requests a minute" in PAGE
