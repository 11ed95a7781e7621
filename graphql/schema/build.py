"""Building the schema: types, scalars and permissions put together, checked, and kept for the process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.name_converter import NameConverter

from alliance.graphql.engine.compiling.coverage import check_declarations
from alliance.graphql.engine.execute import Engine, open_engine
from alliance.graphql.engine.fields import read_columns_directly
from alliance.graphql.engine.permissions import DEFINITION, enforce, object_types
from alliance.graphql.engine.scalars import SCALARS
from alliance.graphql.schema.mutation import Mutation
from alliance.graphql.schema.root import Query

SNAPSHOT = Path(__file__).with_name("schema.graphql")


# The contract calls the page of audit entries by the list's name.
RENAMED = {"AuditEntryConnection": "AuditConnection", "AuditEntryEdge": "AuditEdge"}


class Names(NameConverter):
    """Strawberry's names, but for those that the contract spells otherwise."""

    def from_generic(self, object_type: Any, types: Any) -> str:
        """The name of a page or an edge of a type."""
        name = super().from_generic(object_type, types)
        return RENAMED.get(name, name)


def build() -> strawberry.Schema:
    """The schema with its permissions enforced.

    LookupError where a type declares no access, or a field to be read by a column that is not there.
    """
    schema = strawberry.Schema(
        query=Query, mutation=Mutation, config=StrawberryConfig(scalar_map=SCALARS, name_converter=Names())
    )
    executable = core_of(schema)
    enforce(executable)
    for kind in object_types(executable):
        read_columns_directly(kind)
    describe_types(executable)
    check_declarations(executable)
    return schema


def describe_types(schema: GraphQLSchema) -> None:
    """Show each type's docstring as its description, so that what is written once is read in both places."""
    for kind in schema.type_map.values():
        definition = kind.extensions.get(DEFINITION)
        origin = getattr(definition, "origin", None) or getattr(definition, "wrapped_cls", None)
        if kind.description is None and origin is not None and origin.__doc__:
            kind.description = " ".join(origin.__doc__.split())


def core_of(schema: strawberry.Schema) -> GraphQLSchema:
    """The executable schema below the types; Strawberry has no public name for it."""
    return schema._schema


def print_schema() -> str:
    """The schema definition language of what is served, ending in a newline."""
    return build().as_str() + "\n"


@cache
def engine() -> Engine:
    """The process's engine."""
    return open_engine(core_of(build()))
