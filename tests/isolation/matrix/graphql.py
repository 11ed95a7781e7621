"""Drives every field, node type and mutation of the schema as the wrong shop. All are discovered by introspection.

Register in `NODES` whose id a type's global id holds, in `OWNED` an argument or input field that names a thing of one
shop, in `VALUES` any other that no rule fills. What is missing fails with what to add.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)
from isolation.matrix.owners import Party
from isolation.matrix.rows import MOMENT

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.execute import execute
from alliance.graphql.engine.ids import global_id
from alliance.graphql.engine.requests import read_request
from alliance.graphql.schema.build import engine
from alliance.platform.auth.subject import Subject
from alliance.platform.grading.reasons import REASONS
from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

Value = Callable[[Party], Any]
Arguments = dict[str, Any]

NODES: dict[str, Value] = {
    "Account": lambda party: party.owner.account_id,
    "Alliance": lambda party: party.shop.alliance_id,
    "Customer": lambda party: party.rows["tenants.customer"]["id"],
    "Import": lambda party: party.rows["tenants.import"]["id"],
    "Order": lambda party: party.rows["tenants.orders"]["id"],
    "Product": lambda party: party.rows["tenants.product"]["id"],
    "Return": lambda party: party.rows["tenants.returns"]["id"],
    "ReturnLine": lambda party: party.rows["tenants.return_line"]["id"],
    "Shop": lambda party: party.id,
    "Unit": lambda party: party.rows["tenants.unit"]["id"],
    "Variant": lambda party: party.rows["tenants.variant"]["id"],
}
# Arguments and input fields that name one thing of a shop: another shop's is NOT_FOUND.
OWNED: dict[str, Value] = {
    "Query.shop.id": lambda party: global_id("Shop", party.id),
    "Query.alliance.id": lambda party: global_id("Alliance", NODES["Alliance"](party)),
    "Query.node.id": lambda party: global_id("Return", NODES["Return"](party)),
    "Shop.return.id": lambda party: global_id("Return", NODES["Return"](party)),
    "Shop.return.number": lambda party: party.rows["tenants.returns"]["number"],
    "SwitchShopInput.shopId": lambda party: global_id("Shop", party.id),
    "importId": lambda party: global_id("Import", NODES["Import"](party)),
    "ImportFileInput.upload": lambda party: str(party.rows["platform.file"]["id"]),
}
# Everything else that has no rule of its own, by `Type.field.argument`, `Input.field` or argument.
VALUES: dict[str, Value] = {
    "Shop.orders.search": lambda party: party.rows["tenants.orders"]["number"],
    "Shop.products.search": lambda party: party.rows["tenants.product"]["title"],
    "Shop.stock.category": lambda party: party.rows["tenants.product"]["category"],
    "ReturnFilter.search": lambda party: party.rows["tenants.returns"]["number"],
    "ReturnFilter.category": lambda party: party.rows["tenants.product"]["category"],
    "ReturnFilter.reason": lambda _party: next(iter(REASONS)),
    "ColumnMappingInput.column": lambda _party: "订单号",
    "ColumnMappingInput.field": lambda _party: "order_number",
    "ColumnMappingInput.format": lambda _party: None,
    "preset": lambda _party: None,
    "clientMutationId": lambda _party: uuid4().hex,
}
# Scalars by their name. Cursors are driven apart, since only a list itself can make one.
SCALARS: dict[str, Any] = {"Month": f"{MOMENT:%Y-%m}", "Date": f"{MOMENT:%Y-%m-%d}", "Int": 50, "Boolean": False}
CURSORS = {"after", "before"}
# Sizes and orders say nothing of a shop; they are set where a list needs them.
PLAIN = {"first", "last", "orderBy", "locale"}
# Fields that take exactly one of their arguments.
ALTERNATIVES = {"Shop.return"}
LEAVES = "*"


@dataclass(frozen=True)
class Asking:
    """A party at the schema: executed as the web's endpoint does, compiled or not."""

    services: Services
    party: Party
    subject: Subject | None = None

    def ask(self, document: str, variables: Arguments) -> dict[str, Any]:
        """The response; a refusal of the whole request as an error of it."""
        try:
            with unit_of_work(self.services, self.party.scope) as uow:
                request = read_request({"query": document, "variables": variables})
                return execute(engine(), request, Context(uow, "en", self.subject)).body
        except AllianceError as problem:
            return {"errors": [{"message": str(problem), "extensions": {"code": problem.code}}]}

    def as_party(self, party: Party, subject: Subject | None = None) -> Asking:
        """Someone else at the same schema."""
        return replace(self, party=party, subject=subject)


@dataclass(frozen=True)
class Probe:
    """One field with one set of arguments, and the way to its type."""

    type_name: str
    name: str
    arguments: tuple[str, ...] = ()
    owned: str | None = None

    def __str__(self) -> str:
        return f"{self.type_name}.{self.name}({', '.join(self.arguments)})"


@dataclass
class Explorer:
    """Finds the way to each type, the probes of each field, and writes their documents."""

    schema: GraphQLSchema
    ways: dict[str, list[tuple[str, GraphQLField, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        root = self.schema.query_type
        assert root is not None
        self.ways[root.name] = []
        waiting = deque([root])
        while waiting:
            kind = waiting.popleft()
            for name, definition in kind.fields.items():
                target = get_named_type(definition.type)
                passable = isinstance(target, GraphQLObjectType) and f"{kind.name}.{name}" not in ALTERNATIVES
                if passable and target.name not in self.ways:
                    self.ways[target.name] = [*self.ways[kind.name], (kind.name, definition, name)]
                    waiting.append(target)

    def object_types(self) -> list[GraphQLObjectType]:
        """Every type that a query can reach."""
        found = (self.schema.type_map[name] for name in self.ways)
        return [kind for kind in found if isinstance(kind, GraphQLObjectType)]

    def node_types(self) -> list[str]:
        """Every type with a global id."""
        node = self.schema.type_map["Node"]
        assert isinstance(node, GraphQLInterfaceType)
        return sorted(kind.name for kind in self.schema.get_possible_types(node))

    def probes(self) -> Iterator[Probe]:
        """Every field: a type's leaves together, all others without optional arguments and then with each of them."""
        for kind in self.object_types():
            yield Probe(kind.name, LEAVES)
            for name, definition in kind.fields.items():
                if definition.args or not is_leaf_type(get_named_type(definition.type)):
                    yield from self._probes(kind.name, name, definition)

    def _probes(self, type_name: str, name: str, definition: GraphQLField) -> Iterator[Probe]:
        required = tuple(a for a, argument in definition.args.items() if is_required_argument(argument))
        optional = [a for a in definition.args if a not in required and a not in PLAIN | CURSORS]
        path = f"{type_name}.{name}"
        owned = next((a for a in required if f"{path}.{a}" in OWNED), None)
        if path not in ALTERNATIVES:
            yield Probe(type_name, name, required, owned)
        for argument in optional:
            yield Probe(type_name, name, (*required, argument), argument if f"{path}.{argument}" in OWNED else owned)

    def document(self, probe: Probe, party: Party, extra: Arguments | None = None) -> tuple[str, Arguments]:
        """The document of a probe with the party's things as variables, and what the caller adds."""
        kind = self.schema.type_map[probe.type_name]
        assert isinstance(kind, GraphQLObjectType)
        variables: Arguments = {}
        types: dict[str, str] = {}
        if probe.name == LEAVES:
            body = self.selection(kind, 0).strip("{} ")
        else:
            definition = kind.fields[probe.name]
            for argument in probe.arguments:
                described = definition.args[argument]
                variables[argument] = self.value(f"{probe.type_name}.{probe.name}.{argument}", described.type, party)
                types[argument] = str(described.type)
            for argument, value in (extra or {}).items():
                variables[argument], types[argument] = value, str(definition.args[argument].type)
            body = self._call(probe.name, list(variables), definition)
        for type_name, way, name in reversed(self.ways[probe.type_name]):
            body = f"{name}{self._required(type_name, name, way, party)} {{ {body} }}"
        declared = ", ".join(f"${name}: {kind}" for name, kind in types.items())
        return f"query{f'({declared})' if declared else ''} {{ {body} }}", variables

    def value(self, path: str, kind: Any, party: Party) -> Any:
        """A value for an argument or input field, the party's own where it names something."""
        short = path.rpartition(".")[2]
        for registry in (OWNED, VALUES):
            for known in (path, short):
                if known in registry:
                    given = registry[known](party)
                    return [given] if given is not None and _is_list(kind) else given
        named = get_named_type(kind)
        made = self._made(path, named, party)
        return [made] if _is_list(kind) else made

    def _made(self, path: str, named: Any, party: Party) -> Any:
        if isinstance(named, GraphQLEnumType):
            return next(iter(named.values))
        if isinstance(named, GraphQLInputObjectType):
            return {name: self.value(f"{named.name}.{name}", part.type, party) for name, part in named.fields.items()}
        if named.name in SCALARS:
            return SCALARS[named.name]
        raise LookupError(
            f"say what {path} ({named.name}) means: add it to isolation.matrix.graphql.OWNED if it names a thing of "
            "one shop, else to VALUES"
        )

    def selection(self, kind: Any, depth: int = 2) -> str:
        """The leaves of a type, and those of what it holds."""
        named = get_named_type(kind)
        if is_leaf_type(named):
            return ""
        if isinstance(named, GraphQLInterfaceType):
            return "{ __typename id }"
        parts = ["__typename"]
        for name, definition in named.fields.items():
            if any(is_required_argument(argument) for argument in definition.args.values()):
                continue
            if is_leaf_type(get_named_type(definition.type)):
                parts.append(name)
            elif depth:
                parts.append(f"{name} {self.selection(definition.type, depth - 1)}")
        return f"{{ {' '.join(parts)} }}"

    def node_document(self, name: str) -> str:
        """A query of one node type's own leaves by its global id."""
        return (
            f"query($id: ID!) {{ node(id: $id) {{ ... on {name} {self.selection(self.schema.type_map[name], 0)} }} }}"
        )

    def _call(self, name: str, arguments: list[str], definition: GraphQLField) -> str:
        given = ", ".join(f"{argument}: ${argument}" for argument in arguments)
        depth = 1 if get_named_type(definition.type).name.endswith("Connection") else 0
        return f"{name}{f'({given})' if given else ''} {self.selection(definition.type, depth)}"

    def _required(self, type_name: str, name: str, definition: GraphQLField, party: Party) -> str:
        """The required arguments on the way, written into the document."""
        given = []
        for argument, described in definition.args.items():
            if is_required_argument(described):
                value = self.value(f"{type_name}.{name}.{argument}", described.type, party)
                given.append(f'{argument}: "{value}"')
        return f"({', '.join(given)})" if given else ""


def _is_list(kind: Any) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


def node_id(name: str, party: Party | None) -> str:
    """The global id of the party's thing of a type (of nobody's where None). LookupError tells what to register."""
    if name not in NODES:
        raise LookupError(f"say whose a {name} is: add it to isolation.matrix.graphql.NODES")
    key: UUID = NODES[name](party) if party is not None else uuid4()
    return global_id(name, key)
