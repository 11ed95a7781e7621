"""Documents made at random from the schema: every field and argument, aliases, fragments, directives, variables."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

# Names that a client may choose; some are those of columns, of SQL, or as long as a name of PostgreSQL can be.
ALIASES = ("id", "number", "select", "order", "_", "__a", "shop_id", "list0", "NODES", "x" * 63, "a", "b", "c", "Ab")
MOST_DEPTH = 6
# How often something happens, of a hundred.
ALIASED, FRAGMENT, DIRECTIVE, ARGUMENT, VARIABLE, REPEATED = 15, 15, 10, 40, 50, 10


def written_as(key: str, name: str) -> str:
    """A field under a key."""
    return name if key == name else f"{key}: {name}"


@dataclass(frozen=True)
class Values:
    """What arguments of a name may be given, right and wrong."""

    right: dict[str, tuple[Any, ...]]
    wrong: dict[str, tuple[Any, ...]]


@dataclass
class Known:
    """The fields of one object so far, by key: how each was written, and what was asked below it."""

    calls: dict[str, tuple[str, GraphQLField | None, Known]] = field(default_factory=dict)


@dataclass
class Writer:
    """Writes one document. `naughty`: whether arguments may be wrong."""

    schema: GraphQLSchema
    random: Random
    given: Values
    naughty: bool = False
    declared: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)

    def document(self) -> tuple[str, dict[str, Any]]:
        """A document and the values of its variables."""
        root = self.schema.query_type
        assert root is not None
        shop = root.fields["shop"]
        known = Known()
        parts = [self._field(known, root, "shop", shop, 1)]
        if self._often(20):
            parts.insert(self.random.randrange(2), self.selection(known, root, 1))
        if self._often(15):
            parts.append(self._field(known, root, "shop", shop, 1))
        declared = f"query Q({', '.join(self.declared)}) " if self.declared else ""
        return f"{declared}{{ {' '.join(parts)} }} {' '.join(self.fragments)}", self.variables

    def selection(self, known: Known, kind: Any, depth: int) -> str:
        """Some fields of a type, a few of them in fragments."""
        names = [
            name for name in kind.fields if depth < MOST_DEPTH or is_leaf_type(get_named_type(kind.fields[name].type))
        ]
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, 3)))
        parts = [self._field(known, kind, name, kind.fields[name], depth) for name in chosen]
        if self._often(15):
            parts.append(f"{self._alias(known, '__typename')}{self._directive()}")
        if self._often(FRAGMENT):
            parts.append(self._fragment(known, kind, depth))
        if self._often(REPEATED) and known.calls:
            parts.append(self._again(known, depth))
        self.random.shuffle(parts)
        return " ".join(parts)

    def _field(self, known: Known, kind: Any, name: str, definition: GraphQLField, depth: int) -> str:
        key = self.random.choice(ALIASES) if self._often(ALIASED) else name
        while key in known.calls and known.calls[key][0].partition("(")[0] != written_as(key, name):
            key = f"{key[:50]}{self.random.randrange(1000)}"
        if key in known.calls:
            return self._call(known.calls[key], depth)
        call = f"{written_as(key, name)}{self._arguments(definition)}"
        known.calls[key] = (call, definition, Known())
        return self._call(known.calls[key], depth)

    def _call(self, call: tuple[str, GraphQLField | None, Known], depth: int) -> str:
        text, definition, below = call
        kind = get_named_type(definition.type) if definition else None
        inner = ""
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            inner = f" {{ {self.selection(below, kind, depth + 1)} }}"
        return f"{text}{self._directive()}{inner}"

    def _again(self, known: Known, depth: int) -> str:
        return self._call(known.calls[self.random.choice(list(known.calls))], depth)

    def _alias(self, known: Known, name: str) -> str:
        key = f"t{len(known.calls)}"
        known.calls[key] = (written_as(key, name), None, Known())
        return known.calls[key][0]

    def _fragment(self, known: Known, kind: Any, depth: int) -> str:
        """Inline or named, on the type itself or on an interface of it."""
        condition = kind.name
        inner = self.selection(known, kind, depth)
        if isinstance(kind, GraphQLObjectType) and kind.interfaces and self._often(40):
            condition = kind.interfaces[0].name
            inner = f"... on {kind.name} {{ {inner} }} {self._alias(known, 'id')}"
        if self._often(40):
            name = f"F{len(self.fragments)}"
            self.fragments.append(f"fragment {name} on {condition} {{ {inner} }}")
            return f"...{name}{self._directive()}" + (f" ...{name}" if self._often(20) else "")
        on = f" on {condition}" if condition != kind.name or self._often(60) else ""
        return f"...{on}{self._directive()} {{ {inner} }}"

    def _directive(self) -> str:
        if not self._often(DIRECTIVE):
            return ""
        name = self.random.choice(("skip", "include"))
        if self._often(50):
            return f" @{name}(if: {self.random.choice(('true', 'false'))})"
        variable = f"d{len(self.declared)}"
        kind, value = self.random.choice((("Boolean!", True), ("Boolean!", False), ("Boolean = true", None)))
        self.declared.append(f"${variable}: {kind}")
        if value is not None:
            self.variables[variable] = value
        elif self.naughty and self._often(30):
            self.variables[variable] = None
        return f" @{name}(if: ${variable})"

    def _arguments(self, definition: GraphQLField) -> str:
        given = [
            f"{name}: {self._argument(name, argument)}"
            for name, argument in definition.args.items()
            if is_non_null_type(argument.type) or self._often(ARGUMENT)
        ]
        return f"({', '.join(given)})" if given else ""

    def _argument(self, name: str, argument: GraphQLArgument) -> str:
        value = self.value(name, argument.type)
        if not self._often(VARIABLE):
            return self.written(value, argument.type)
        variable = f"v{len(self.declared)}"
        default = f" = {self.written(value, argument.type)}" if self._often(20) and value is not None else ""
        self.declared.append(f"${variable}: {argument.type}{default}")
        if not default or self._often(50):
            self.variables[variable] = value
        if not is_non_null_type(argument.type) and self._often(15):
            self.variables.pop(variable, None)
        return f"${variable}"

    def value(self, name: str, kind: Any) -> Any:
        """A value as JSON for an argument or a part of an input."""
        named = get_named_type(kind)
        if not is_non_null_type(kind) and self._often(10):
            return None
        if self.naughty and name in self.given.wrong and self._often(25):
            return self.random.choice(self.given.wrong[name])
        if isinstance(named, GraphQLInputObjectType):
            chosen = self.random.sample(list(named.fields), self.random.randint(0, 3))
            return {part: self.value(part, named.fields[part].type) for part in chosen}
        values = tuple(named.values) if isinstance(named, GraphQLEnumType) else self.given.right[name]
        if is_list_type(get_nullable_type(kind)):
            return [self.random.choice(values) for _unused in range(self.random.randint(0, 3))]
        return self.random.choice(values)

    def written(self, value: Any, kind: Any) -> str:
        """A value as it stands in a document."""
        named = get_named_type(kind)
        if value is None:
            return "null"
        if isinstance(value, list):
            return f"[{', '.join(self.written(item, named) for item in value)}]"
        if isinstance(named, GraphQLInputObjectType) and isinstance(value, dict):
            parts = (f"{name}: {self.written(item, named.fields[name].type)}" for name, item in value.items())
            return f"{{{', '.join(parts)}}}"
        return str(value) if isinstance(named, GraphQLEnumType) else json.dumps(value)

    def _often(self, percent: int) -> bool:
        return self.random.randrange(100) < percent
