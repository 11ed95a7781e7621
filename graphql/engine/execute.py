"""The one door through which a request is executed: limits and cost before anything runs, errors masked after."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
from graphql import ExecutionResult, GraphQLError, GraphQLSchema, OperationDefinitionNode, execute_sync

from alliance.graphql.engine import limits
from alliance.graphql.engine.compiling.cache import StatementCache
from alliance.graphql.engine.compiling.reading import (
    Asked,
    Compiled,
    CompiledExecutor,
    give_to_executor,
    read,
    whole_answer,
)
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.costs import cost_of
from alliance.graphql.engine.errors import describe, expected, show_error
from alliance.graphql.engine.persisted import check_document, find_document, store_document
from alliance.graphql.engine.plans import InvalidDocument, Plan, PlanCache, choose_operation
from alliance.graphql.engine.requests import Request
from alliance.platform.kernel.errors import AllianceError, LimitExceededError, UnavailableError

MAX_COERCION_ERRORS = 10


@dataclass(frozen=True)
class Engine:
    """A built schema with its plans and compiled statements; one a process."""

    schema: GraphQLSchema
    plans: PlanCache
    statements: StatementCache = field(default_factory=StatementCache)


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, and whether anything was executed. Compiled parts stand in `content` as finished JSON."""

    content: dict[str, Any]
    executed: bool

    @property
    def errors(self) -> list[dict[str, Any]]:
        """The response's errors."""
        found: list[dict[str, Any]] = self.content.get("errors", [])
        return found

    @property
    def body(self) -> dict[str, Any]:
        """The response as a client reads it."""
        found: dict[str, Any] = json.loads(self.to_json())
        return found

    def to_json(self) -> bytes:
        """The response as bytes."""
        return orjson.dumps(self.content)


def open_engine(schema: GraphQLSchema) -> Engine:
    """An engine over a schema that has its permissions enforced."""
    return Engine(schema, PlanCache(schema))


def execute(engine: Engine, request: Request, context: Context) -> Answer:
    """Answer a request on behalf of the context's caller. Expected failures are part of the answer.

    Raises UnavailableError where the database went away: then the whole request failed, and the caller's unit of
    work keeps nothing of it.
    """
    try:
        plan = _plan(engine, request, context)
        operation = choose_operation(plan, request.operation_name)
        cost = cost_of(engine.schema, plan.document, operation, request.variables)
    except AllianceError as problem:
        return Answer({"errors": [describe(problem, context.locale)]}, executed=False)
    except InvalidDocument as problem:
        return Answer({"errors": [show_error(error, context.locale) for error in problem.errors]}, executed=False)
    try:
        compiled = _read(engine, plan, operation, request, context)
    except LimitExceededError as problem:
        too_slow = {"data": None, "errors": [describe(problem, context.locale)]}
        return Answer({**too_slow, "extensions": {"cost": _cost(plan, cost)}}, executed=True)
    if compiled is not None and compiled.complete:
        return Answer(
            {"data": orjson.Fragment(whole_answer(compiled)), "extensions": {"cost": _cost(plan, cost)}}, executed=True
        )
    if compiled is not None:
        give_to_executor(compiled, context)
    result = _run(engine, plan, operation, request, context)
    return _answer(result, plan, cost, context)


def _read(
    engine: Engine, plan: Plan, operation: OperationDefinitionNode, request: Request, context: Context
) -> Compiled | None:
    """What can be compiled, unless the installation has that turned off.

    UnavailableError where the database went away, LimitExceededError where it took too long: the whole request failed.
    """
    if not context.services.settings.compile_reads:
        return None
    asked = Asked(plan.text, plan.document, operation, plan.deciding)
    return read(engine.schema, engine.statements, asked, request.variables, context)


def _plan(engine: Engine, request: Request, context: Context) -> Plan:
    redis = context.services.redis
    if request.document is None:
        return engine.plans.get(find_document(redis, context.scope, request.document_hash or ""))
    if request.document_hash is None:
        return engine.plans.get(request.document)
    check_document(request.document_hash, request.document)
    plan = engine.plans.get(request.document)
    store_document(redis, context.scope, request.document_hash, request.document)
    return plan


def _run(
    engine: Engine, plan: Plan, operation: OperationDefinitionNode, request: Request, context: Context
) -> ExecutionResult:
    return execute_sync(
        engine.schema,
        plan.document,
        context_value=context,
        variable_values=dict(request.variables),
        operation_name=operation.name.value if operation.name else None,
        max_coercion_errors=MAX_COERCION_ERRORS,
        executor_class=CompiledExecutor,
    )


def _answer(result: ExecutionResult, plan: Plan, cost: int, context: Context) -> Answer:
    errors = result.errors or []
    for error in errors:
        _raise_outage(error)
    executed = result.data is not None or any(error.path for error in errors)
    body: dict[str, Any] = {"data": result.data} if executed else {}
    if errors:
        body["errors"] = [show_error(error, context.locale) for error in errors]
    body["extensions"] = {"cost": _cost(plan, cost)}
    return Answer(body, executed)


def _raise_outage(error: GraphQLError) -> None:
    if error.original_error is not None:
        problem = expected(error.original_error)
        if isinstance(problem, UnavailableError):
            raise problem from error.original_error


def _cost(plan: Plan, cost: int) -> dict[str, int]:
    return {
        "cost": cost,
        "maxCost": limits.MAX_COST,
        "maxDepth": limits.MAX_DEPTH,
        "maxFields": limits.MAX_FIELDS,
        "maxAliases": limits.MAX_ALIASES,
        "maxSelections": limits.MAX_SELECTIONS,
        **asdict(plan.shape),
    }
