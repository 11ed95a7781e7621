"""What the compiler reads is declared, checked when the schema is built, and told."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLObjectType

from alliance.graphql.engine.compiling.coverage import check_declarations, left_to_executor, mapped_types
from alliance.graphql.engine.compiling.declarations import ROWS, Filled
from alliance.graphql.engine.fields import READS, Amount, Column, Identity, ToMany, ToOne
from alliance.graphql.engine.permissions import DEFINITION
from alliance.graphql.schema.build import engine
from alliance.graphql.shop.catalog.types import Variant
from alliance.graphql.shop.returns.types import Return

# Everything else that a query can reach is read by one statement. A type that is added here is slow by choice.
LEFT = [
    "Account",
    "Alliance",
    "AllianceMember",
    "AuditEntry",
    "CountByKey",
    "Import.problems",
    "ImportProblem",
    "Membership",
    "MonthlyKpi",
    "Product.returnRate",
    "Query.viewer",
    "Query.alliance",
    "Query.node",
    "Shop.kpis",
    "Shop.audit",
    "ShopKpis",
    "ShopSummary",
    "Viewer",
]


def test_what_is_left_to_the_executor_is_known() -> None:
    assert left_to_executor(engine().schema) == LEFT


def test_every_declaration_of_the_schema_holds() -> None:
    check_declarations(engine().schema)
    assert {"Return", "Order", "Product", "Unit", "Customer", "Import", "Shop"} <= {
        kind.name for kind, _table in mapped_types(engine().schema)
    }


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("number", Column("numbers")),
        ("id", Identity("key")),
        ("number", Column("refund_minor")),
        ("authorisation", Column("number")),
        ("authorisation", Column("logistics")),
        ("refund", Amount("refund_minor", "money")),
        ("order", ToOne("order", Variant)),
        ("lines", ToMany(Variant, "return_id", ("id",))),
        ("number", Filled(("nothing",), lambda _context, rows: rows)),
    ],
)
def test_a_wrong_declaration_stops_the_start(monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any) -> None:
    kind = engine().schema.type_map["Return"]
    assert isinstance(kind, GraphQLObjectType)
    definition = kind.fields[name].extensions[DEFINITION]
    monkeypatch.setattr(definition, "metadata", {**definition.metadata, READS: wrong})
    with pytest.raises(LookupError, match=rf"Return\.{name}"):
        check_declarations(engine().schema)


def test_a_relation_to_a_type_without_a_table_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(ROWS, Variant)
    with pytest.raises(LookupError, match=r"Product\.variants leads to Variant"):
        check_declarations(engine().schema)
    assert Return in ROWS
