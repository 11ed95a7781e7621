"""A cached statement holds nothing of the request that made it, and each is found only by what shapes it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from uuid import uuid4

import pytest
from support.equivalence.comparing import both
from support.equivalence.documents import PLAIN, WITH_VARIABLES
from support.equivalence.world import World
from support.graphql_client import GraphQLClient, client_of

from alliance.graphql.engine.compiling import running
from alliance.graphql.engine.compiling.cache import ENTRY_BYTES, StatementCache
from alliance.graphql.engine.compiling.errors import NotCompilableError
from alliance.graphql.engine.compiling.statements import Statement, constants_of
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.services import Services
from alliance.platform.members.roles import MemberRole
from alliance.tenants.returns.stock import HELD

WHOLE = (
    "query %s($f: ReturnFilter, $a: String, $q: String) { shop { id name returns(first: 3, filter: $f, after: $a) "
    "{ nodes { id number lines { reason { name } } customer { displayName } } pageInfo { endCursor } } "
    "orders(search: $q) { nodes { id } } } }"
)


@pytest.fixture(scope="module")
def owners(services: Services, world: World, yen: World) -> list[GraphQLClient]:
    """The owners of two shops, each in two languages."""
    members = [one.members[MemberRole.OWNER] for one in (world, yen)]
    return [client_of(services, member, locale) for member in members for locale in ("en", "zh_CN")]


def test_shops_and_languages_share_a_statement_and_nothing_else(owners: list[GraphQLClient]) -> None:
    for i, order in enumerate(permutations(owners)):
        document, before = WHOLE % f"Shops{i}", len(engine().statements)
        answers = {repr(client.scope.shop_id) + client.locale: both(client, document).body for client in order}
        assert len({repr(answer["data"]) for answer in answers.values()}) == 4
        assert len(engine().statements) == before + 1


def test_filters_of_one_shape_share_a_statement_and_nothing_else(owner: GraphQLClient) -> None:
    days = {"requestedFrom": "2026-10-15", "requestedTo": "2026-10-15"}
    later = {"requestedFrom": "0001-01-01", "requestedTo": "1999-01-01"}
    end = both(owner, WHOLE % "Ends").body["data"]["shop"]["returns"]["pageInfo"]["endCursor"]
    further = both(owner, WHOLE % "Ends", {"a": end}).body["data"]["shop"]["returns"]["pageInfo"]["endCursor"]
    pairs = (
        ({"f": {"search": "R1"}}, {"f": {"search": "R2"}}),
        ({"f": {"logistics": ["LOST"]}}, {"f": {"logistics": ["RECEIVED", "IN_TRANSIT"]}}),
        ({"f": {"reason": ["too-long"]}}, {"f": {"reason": ["unknown", "size-too-small"]}}),
        ({"f": days}, {"f": later}),
        ({"a": end}, {"a": further}),
        ({"q": "O"}, {"q": "emoji"}),
    )
    for i, pair in enumerate(pairs):
        for j, (first, second) in enumerate(permutations(pair)):
            document, before = WHOLE % f"Filters{i}x{j}", len(engine().statements)
            answers = [both(owner, document, variables).body["data"] for variables in (first, second, first)]
            assert answers[0] == answers[2] != answers[1], first
            assert len(engine().statements) == before + 1


def test_every_kept_value_is_a_word_of_ours(owner: GraphQLClient) -> None:
    for document, variables in [*((text, {}) for text in PLAIN.values()), *WITH_VARIABLES.values()]:
        both(owner, document, variables)
    kept = {value for statement in statements() for value in statement.constants.values()}
    words = {*HELD, "missing", "/files/", 0, True}
    assert {value for value in kept - words if not (isinstance(value, str) and value[:-1].isdigit())} == set()


def test_a_statement_that_would_keep_a_value_of_the_request_is_refused() -> None:
    for value in (uuid4(), datetime(2026, 1, 1, tzinfo=UTC), b"x", [1]):
        with pytest.raises(NotCompilableError):
            constants_of({"param_1": value}, frozenset())
    with pytest.raises(NotCompilableError):
        constants_of({"list0_search_from": "text"}, frozenset())
    assert constants_of({"param_1": "missing", "shop_id": None}, frozenset({"shop_id"})) == {"param_1": "missing"}


def test_a_role_that_may_not_read_gets_no_statement_of_one_that_may(services: Services, world: World) -> None:
    document = "query Roles { shop { name orders { nodes { number customer { displayName } } } } }"
    owner, analyst = (client_of(services, world.members[role]) for role in (MemberRole.OWNER, MemberRole.ANALYST))
    for client in (owner, analyst, owner):
        refused = [error["extensions"]["code"] for error in both(client, document).errors]
        assert set(refused) == ({"FORBIDDEN"} if client is analyst else set())


def test_operations_of_one_document_are_kept_apart(owner: GraphQLClient) -> None:
    document = "query A { shop { name } } query B { shop { handle } }"
    for name, field in (("A", "name"), ("B", "handle"), ("A", "name")):
        assert list(both(owner, document, operationName=name).body["data"]["shop"]) == [field]


def test_the_cache_is_bounded_by_what_its_statements_weigh() -> None:
    cache = StatementCache(most=10 * (ENTRY_BYTES + 100))
    for i in range(50):
        cache.get(f"{i:0100}", None, lambda: None)
    assert len(cache) == 10
    assert cache.weight == 10 * (ENTRY_BYTES + 100)
    made: list[int] = []
    for i in (49, 0):
        cache.get(f"{i:0100}", None, lambda i=i: made.append(i))  # type: ignore[misc,func-returns-value]
    assert made == [0]


def test_requests_at_once_get_their_own_answers(owners: list[GraphQLClient]) -> None:
    document = WHOLE % "AtOnce"
    expected = [replace(client, compiled=False).data(document) for client in owners]
    clients = [replace(client, compiled=True) for client in owners]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda i: clients[i % 4].data(document), range(80)))
    assert all(answer == expected[i % 4] for i, answer in enumerate(answers))


def test_no_row_can_pass_for_a_value_to_be_filled(owner: GraphQLClient, monkeypatch: pytest.MonkeyPatch) -> None:
    marks: list[str] = []
    original = running.fill_holes

    def noting(answers: list[bytes], holes: object, mark: str, context: object) -> list[bytes]:
        marks.append(mark)
        return original(answers, holes, mark, context)  # type: ignore[arg-type]

    monkeypatch.setattr(running, "fill_holes", noting)
    for _unused in range(3):
        replace(owner, compiled=True).data("{ shop { orders { nodes { customer { email } } } } }")
    assert len(set(marks)) == 3
    assert all(len(bytes.fromhex(mark)) == running.MARK_BYTES >= 12 for mark in marks)


def statements() -> list[Statement]:
    """What the process's engine has compiled."""
    return [statement for statement in engine().statements._statements.values() if statement is not None]
