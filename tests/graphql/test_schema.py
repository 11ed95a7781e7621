"""The schema that is served, beside its committed text and beside the public contract."""

from __future__ import annotations

from pathlib import Path

import pytest
import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
    print_ast,
)

from alliance.graphql.engine.permissions import ACCESS, Access, access, access_of, enforce, object_types
from alliance.graphql.schema.build import SNAPSHOT, build, core_of, print_schema
from alliance.platform.members.roles import Permission

CONTRACT = Path(__file__).with_name("contract.graphql")
# The contract's pages are named there and described in words: Relay connections.
PAGES = """
type ReturnConnection { a: Int } type OrderConnection { a: Int } type ProductConnection { a: Int }
type UnitConnection { a: Int } type ImportConnection { a: Int } type ImportProblemConnection { a: Int }
type PrivacyRequestConnection { a: Int } type AuditConnection { a: Int } type StatementConnection { a: Int }
type OfferConnection { a: Int } type WantConnection { a: Int } type ProposalConnection { a: Int }
type SwitchShopPayload { a: Int } type ImportPayload { a: Int } type ReturnPayload { a: Int }
type UnitPayload { a: Int } type OffersPayload { a: Int } type WantPayload { a: Int } type ProposalPayload { a: Int }
type ConsentPayload { a: Int } type PrivacyRequestPayload { a: Int } type CentreCostPayload { a: Int }
type StatementPayload { a: Int }
"""
# Served by the pillars that bring their data; each takes its own out of this list. A test keeps it exact.
NOT_SERVED_TYPES = frozenset(
    {
        *("Benchmark", "BenchmarkCell", "BenchmarkPoint", "BenchmarkScope", "CellValue", "Dimension", "Grain"),
        *("Keyword", "KeywordCloud", "KeywordList", "Metric", "PrivacyBudget", "Released", "Suppressed"),
        *("SuppressionReason", "Weighting"),
        *("Centre", "CentreCostPayload", "RecordCentreCostInput"),
        *("Clearing", "CreditLine", "ExchangeBoard", "ExchangeMode", "Offer", "OfferConnection", "OfferState"),
        *("OffersPayload", "OfferUnitsInput", "PostWantInput", "Proposal", "ProposalConnection", "ProposalPayload"),
        *("ProposalRole", "ProposalState", "RecordTransferInput", "RemoveWantInput", "RespondToProposalInput"),
        *("TransferStep", "Want", "WantConnection", "WantPayload", "WithdrawOfferInput"),
        *("Statement", "StatementConnection", "StatementLine", "StatementPayload", "StatementStatus"),
        "QueryStatementLineInput",
        *("ConsentPayload", "ConsentState", "Purpose", "RecordConsentInput"),
        *("PrivacyRequest", "PrivacyRequestConnection", "PrivacyRequestKind", "PrivacyRequestPayload"),
        *("PrivacyRequestStatus", "OpenPrivacyRequestInput", "DecidePrivacyRequestInput"),
        *("FitAdvice", "FitVerdict"),
        *("DecideReturnInput", "DefectInput", "InspectUnitInput", "ReceiveReturnInput", "ReceivedCondition"),
        *("ReceivedItemInput", "RecordResaleInput", "RequestReturnInput", "RequestReturnLineInput"),
        *("ResolveLineInput", "ResolveReturnInput", "ReturnDecision", "ReturnPayload", "RouteUnitInput"),
        *("RubricAnswerInput", "UnitPayload"),
    }
)
NOT_SERVED_FIELDS = frozenset(
    {
        *("Alliance.benchmark", "Alliance.benchmarkSeries", "Alliance.centres", "Alliance.exchange"),
        *("Alliance.keywords", "Alliance.privacyBudget", "Alliance.statement", "Alliance.statements"),
        *("Customer.consents", "Product.fit", "Shop.privacyRequests"),
        *("Mutation.decidePrivacyRequest", "Mutation.decideReturn", "Mutation.inspectUnit", "Mutation.offerUnits"),
        *("Mutation.openPrivacyRequest", "Mutation.postWant", "Mutation.queryStatementLine"),
        *("Mutation.receiveReturn", "Mutation.recordCentreCost", "Mutation.recordConsent", "Mutation.recordResale"),
        *("Mutation.recordTransfer", "Mutation.removeWant", "Mutation.requestReturn", "Mutation.resolveReturn"),
        *("Mutation.respondToProposal", "Mutation.routeUnit", "Mutation.withdrawOffer"),
    }
)


@strawberry.type
class Forgotten:
    """A planted fault: nobody said who may reach it."""

    name: str


@access(Access.LOGGED_IN)
@strawberry.type
class PlantedQuery:
    """The root of the planted fault."""

    forgotten: Forgotten | None = None


@pytest.fixture(scope="module")
def built() -> GraphQLSchema:
    return core_of(build())


@pytest.fixture(scope="module")
def served() -> GraphQLSchema:
    return build_schema(print_schema())


@pytest.fixture(scope="module")
def contract() -> GraphQLSchema:
    return build_schema(CONTRACT.read_text() + PAGES)


def own_types(schema: GraphQLSchema) -> set[str]:
    return {
        name
        for name, kind in schema.type_map.items()
        if not is_introspection_type(kind) and not is_specified_scalar_type(kind)
    }


def default_of(value: GraphQLArgument | GraphQLInputField) -> str:
    node = value.ast_node
    return f" = {print_ast(node.default_value)}" if node and node.default_value else ""


def parts(schema: GraphQLSchema, names: set[str]) -> dict[str, str]:
    """Every field, argument, default, interface and enum value of the types, each with its type as text."""
    found: dict[str, str] = {}
    for name in names:
        kind = schema.type_map[name]
        if isinstance(kind, GraphQLEnumType):
            found[name] = f"enum {' '.join(kind.values)}"
        elif isinstance(kind, GraphQLScalarType):
            found[name] = "scalar"
        elif isinstance(kind, GraphQLInputObjectType):
            for field, value in kind.fields.items():
                found[f"{name}.{field}"] = f"{value.type}{default_of(value)}"
        elif isinstance(kind, (GraphQLObjectType, GraphQLInterfaceType)):
            found[name] = f"implements {' '.join(interface.name for interface in kind.interfaces)}"
            for field, definition in kind.fields.items():
                arguments = [f"{a}: {x.type}{default_of(x)}" for a, x in definition.args.items()]
                found[f"{name}.{field}"] = f"({', '.join(arguments)}): {definition.type}"
    return found


def test_the_committed_text_is_what_is_served() -> None:
    assert SNAPSHOT.read_text() == print_schema()


def test_what_is_not_served_yet_is_listed_exactly(served: GraphQLSchema, contract: GraphQLSchema) -> None:
    assert own_types(contract) - own_types(served) == NOT_SERVED_TYPES
    common = own_types(contract) & own_types(served)
    common = {name for name in common if not name.endswith(("Connection", "Payload"))}
    assert set(parts(contract, common)) - set(parts(served, common)) == NOT_SERVED_FIELDS


def test_no_name_differs_from_the_contract(served: GraphQLSchema, contract: GraphQLSchema) -> None:
    both = {name for name in own_types(contract) & own_types(served) if not name.endswith(("Connection", "Payload"))}
    promised, kept = parts(contract, both), parts(served, both)
    names = set(promised) & set(kept)
    assert {name: kept[name] for name in names} == {name: promised[name] for name in names}


def test_pages_are_relay_connections(built: GraphQLSchema) -> None:
    pages = [name for name in own_types(built) if name.endswith("Connection")]
    assert len(pages) == 7
    for name in pages:
        item = name.removesuffix("Connection")
        node = "AuditEntry" if item == "Audit" else item
        assert parts(built, {name}) == {
            name: "implements ",
            f"{name}.edges": f"(): [{item}Edge!]!",
            f"{name}.nodes": f"(): [{node}!]!",
            f"{name}.pageInfo": "(): PageInfo!",
        }


def test_payloads_hold_an_object_the_errors_and_the_key(built: GraphQLSchema) -> None:
    for name in own_types(built):
        if name.endswith("Payload"):
            fields = {field: str(value.type) for field, value in built.type_map[name].fields.items()}  # type: ignore[union-attr]  # payloads have fields
            assert fields.pop("userErrors") == "[UserError!]!"
            assert fields.pop("clientMutationId") == "String"
            ((_object, kind),) = fields.items()
            assert not kind.endswith("!")


def test_every_type_declares_who_may_reach_it(built: GraphQLSchema) -> None:
    declared = {kind.name: access_of(kind) for kind in object_types(built)}
    assert {name for name, needed in declared.items() if needed is Access.LOGGED_IN} == {
        *("Query", "Mutation", "Viewer", "Account", "Membership", "ShopSummary", "Shop", "Alliance", "AllianceMember"),
    }
    carriers = {name for name, needed in declared.items() if needed is Access.CARRIER}
    assert {name for name in carriers if not name.endswith(("Connection", "Edge", "Payload"))} == {
        *("PageInfo", "Money", "UserError", "ReturnReason"),
    }


def test_every_list_of_a_shop_asks_for_a_permission(built: GraphQLSchema) -> None:
    shop = built.type_map["Shop"]
    assert isinstance(shop, GraphQLObjectType)
    asked = {name: field.extensions[ACCESS] for name, field in shop.fields.items() if field.extensions[ACCESS]}
    assert asked == {
        "returns": {Permission.RETURNS_READ},
        "return": {Permission.RETURNS_READ},
        "orders": {Permission.ORDERS_READ},
        "products": {Permission.CATALOG_READ},
        "stock": {Permission.RETURNS_READ},
        "kpis": {Permission.KPIS_READ},
        "imports": {Permission.IMPORTS_READ},
        "audit": {Permission.AUDIT_READ},
    }


def test_a_type_that_declares_nothing_stops_the_start() -> None:
    with pytest.raises(LookupError, match="Forgotten declares no access"):
        enforce(core_of(strawberry.Schema(query=PlantedQuery)))
