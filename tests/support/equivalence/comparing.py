"""One document, asked of the compiler and of the executor: every difference of the two answers is a fault."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from support.graphql_client import GraphQLClient

from alliance.graphql.engine.execute import Answer
from alliance.platform.kernel.errors import AllianceError


@dataclass(frozen=True)
class Pairs:
    """A JSON object with the order of its keys."""

    items: tuple[tuple[str, Any], ...]

    def plain(self) -> dict[str, Any]:
        """The object as a client reads it."""
        return dict(self.items)


def parsed(text: bytes) -> Any:
    """JSON with the order of keys, and with numbers told apart from truths."""
    return json.loads(text, object_pairs_hook=lambda items: Pairs(tuple(items)))


def described(answer: Answer | AllianceError) -> str:
    """All that a client can see, but for the random ids of faults."""
    if isinstance(answer, AllianceError):
        return f"{type(answer).__name__}: {answer}"
    return repr(_without_ids(parsed(answer.to_json())))


def _without_ids(value: Any) -> Any:
    if isinstance(value, Pairs):
        return Pairs(tuple((key, _without_ids(item)) for key, item in value.items if key != "errorId"))
    return [_without_ids(item) for item in value] if isinstance(value, list) else value


def both(client: GraphQLClient, document: str, variables: Mapping[str, Any] | None = None, **body: Any) -> Answer:
    """The compiler's answer, which must be the executor's."""
    asked = {"query": document, "variables": dict(variables or {}), **body}
    ways = [_answer(replace(client, compiled=compiled), asked) for compiled in (True, False)]
    compiled, executed = (described(way) for way in ways)
    assert compiled == executed, f"{document}\n{variables}\ncompiled {compiled}\nexecuted {executed}"
    assert not isinstance(ways[0], AllianceError), f"{document}: {ways[0]}"
    return ways[0]


def _answer(client: GraphQLClient, body: Any) -> Answer | AllianceError:
    try:
        return client.answer(body)
    except AllianceError as problem:
        return problem
