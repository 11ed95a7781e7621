"""The matrix of the schema fails where it is not isolated: shared loaders, forgotten scopes, dropped policies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from graphql import GraphQLArgument, GraphQLField, GraphQLID, GraphQLNonNull, GraphQLSchema, GraphQLString
from isolation.matrix.asking import field_faults, fields, nodes
from isolation.matrix.graphql import NODES, OWNED, Asking, Explorer, Probe
from isolation.matrix.owners import Party
from isolation.matrix.scratch import Scratch
from sqlalchemy import select

from alliance.graphql.engine import loading
from alliance.graphql.engine import nodes as engine_nodes
from alliance.graphql.engine.context import Context
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.orders.models import Order


@pytest.fixture(scope="module")
def explorer() -> Explorer:
    """The served schema."""
    return Explorer(engine().schema)


@pytest.fixture
def asking(scratch: Scratch) -> Asking:
    """The stranger at the executor of the throwaway installation."""
    settings = scratch.services.settings.model_copy(update={"compile_reads": False})
    return Asking(replace(scratch.services, settings=settings), scratch.parties[2])


@pytest.fixture
def victim(scratch: Scratch) -> Party:
    return scratch.parties[0]


@pytest.fixture
def shared_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaders that outlive their request: what was read for one is answered to the next."""
    kept: dict[Any, Any] = {}

    def related(_batch: loading.Batch, key: Any, load: Any) -> Any:
        if key not in kept:
            kept[key] = load(_batch.rows)
        return kept[key]

    monkeypatch.setattr(loading.Batch, "related", related)


@pytest.fixture
def shared_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows looked up by id and kept for whoever asks next."""
    kept: dict[Any, Any] = {}
    sound = engine_nodes.find_row

    def find_row(uow: Any, model: Any, key: Any) -> Any:
        return kept.get(key) or kept.setdefault(key, sound(uow, model, key))

    monkeypatch.setattr(engine_nodes, "find_row", find_row)


@pytest.fixture
def shared_context(monkeypatch: pytest.MonkeyPatch) -> None:
    """A context whose memory is the process's, not the request's."""
    kept: dict[Any, Any] = {}

    def once(_context: Context, key: Any, load: Any) -> Any:
        if key not in kept:
            kept[key] = load()
        return kept[key]

    monkeypatch.setattr(Context, "once", once)


def test_the_sound_schema_shows_nothing(explorer: Explorer, asking: Asking, victim: Party):
    assert fields(explorer, asking, victim) == []


@pytest.mark.usefixtures("shared_batches")
def test_a_loader_shared_across_requests_is_found(explorer: Explorer, asking: Asking, victim: Party):
    faults = field_faults(explorer, asking, victim)
    assert next((fault for fault in faults if "shows" in fault or "fails" in fault), None) is not None


@pytest.mark.usefixtures("shared_rows")
def test_a_cache_of_rows_that_outlives_its_request_is_found(explorer: Explorer, asking: Asking, victim: Party):
    faults = fields(explorer, asking, victim)
    assert "Query.node(id) answers data to another shop's id, not NOT_FOUND" in faults


@pytest.mark.usefixtures("shared_context")
def test_a_memory_shared_across_requests_is_found(explorer: Explorer, asking: Asking, victim: Party):
    victim.secrets.add(victim.shop.handle)
    faults = fields(explorer, asking, victim)
    victim.secrets.discard(victim.shop.handle)
    assert f"Shop.*() shows ['{victim.shop.handle}']" in " ".join(faults)


def test_a_node_that_forgets_its_scope_is_found(explorer, asking: Asking, victim: Party, monkeypatch):
    def find(context: Context, key: Any) -> Any:
        with unit_of_work(context.services, shop_scope(victim.id)) as uow:
            row = uow.session.scalar(select(Order).where(Order.id == key))
            return None if row is None else loading.wrap_one(kind, row)

    known = engine_nodes.NODES["Order"]
    kind = type_of("Order")
    monkeypatch.setitem(engine_nodes.NODES, "Order", replace(known, find=find))
    faults = nodes(explorer, asking, victim, shared=set())
    assert "node(Order) answers data to another shop's, not NOT_FOUND" in faults
    assert "node(Order) tells another shop's from one that does not exist" in faults
    assert f"node(Order) shows {[victim.mark]}" in faults


def test_a_node_that_answers_forbidden_is_found(explorer, asking: Asking, victim: Party, monkeypatch):
    def find(context: Context, key: Any) -> Any:
        if key == victim.rows["tenants.orders"]["id"]:
            raise PermissionError
        return None

    known = engine_nodes.NODES["Order"]
    monkeypatch.setitem(engine_nodes.NODES, "Order", replace(known, find=find))
    assert "node(Order) tells another shop's from one that does not exist" in nodes(
        explorer, asking, victim, shared=set()
    )


def test_the_schema_holds_by_its_predicates_alone_when_the_policies_are_gone(explorer, scratch: Scratch, victim: Party):
    tables = [name for name in victim.rows if name.startswith("tenants.")]
    with scratch.without_policy(*tables):
        for compiled in (True, False):
            settings = scratch.services.settings.model_copy(update={"compile_reads": compiled})
            asking = Asking(replace(scratch.services, settings=settings), scratch.parties[2])
            assert fields(explorer, asking, victim) == []
            assert nodes(explorer, asking, victim, shared=set()) == []


def test_a_new_argument_must_be_explained(asking: Asking, victim: Party):
    schema = engine().schema
    shop = schema.type_map["Shop"]
    planted = GraphQLField(GraphQLString, args={"thing": GraphQLArgument(GraphQLNonNull(GraphQLID))})
    explorer = Explorer(GraphQLSchema(query=schema.query_type))
    explorer.schema.type_map["Shop"].fields["leak"] = planted
    try:
        with pytest.raises(LookupError, match=r"say what Shop\.leak\.thing \(ID\) means: add it to .*OWNED"):
            explorer.document(Probe("Shop", "leak", ("thing",)), victim)
    finally:
        del shop.fields["leak"]


def test_a_new_node_type_must_be_explained(explorer: Explorer, asking: Asking, victim: Party, monkeypatch):
    monkeypatch.delitem(NODES, "Unit")
    with pytest.raises(LookupError, match=r"say whose a Unit is: add it to isolation\.matrix\.graphql\.NODES"):
        nodes(explorer, asking, victim, shared=set())


def test_owned_arguments_are_those_of_ids():
    assert [name for name in OWNED if not name.rpartition(".")[2].lower().endswith(("id", "number", "upload"))] == []


def type_of(name: str) -> Any:
    """The class behind a type of the schema."""
    return engine().schema.type_map[name].extensions["strawberry-definition"].origin
