"""The pattern of every mutation: what a person can put right comes back as `userErrors`, and nothing has changed then.

A command runs in a savepoint. A refusal rolls it back, with its waiting jobs, mails and audit entries. Missing
permissions and faults are raised, as in a query. With a `clientMutationId` the first answer of 24 hours is repeated.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy.exc import SQLAlchemyError

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.errors import camel, field_path
from alliance.graphql.engine.ids import find_key
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.engine.scalars import plain
from alliance.platform.audit.record import PENDING
from alliance.platform.kernel.errors import AllianceError, ForbiddenError, NotFoundError, UnauthenticatedError
from alliance.platform.kernel.idempotency.answers import claim, input_hash, keep
from alliance.platform.kernel.texts import Locale
from alliance.platform.kernel.work import UnitOfWork

KEY = "client_mutation_id"
RAISED = (ForbiddenError, UnauthenticatedError)


@access(Access.CARRIER)
@strawberry.type
class UserError:
    """What a person can put right: code, path of the input field, message in their language."""

    code: str
    field: list[str] | None
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation did: the key of the object it concerns (None after a refusal), or what is to be put right."""

    key: UUID | None
    user_errors: list[UserError]
    client_mutation_id: str | None


Command = Callable[[UnitOfWork], UUID]


def run_command(context: Context, *, operation: str, given: Any, command: Command, field: str | None = None) -> Outcome:
    """Run one command with the input `given`; `operation` is the mutation's name. See the module for the rules.

    `field` is the input that names what the command works on, for a command that does not find it.
    """
    command = _naming(command, field)
    key = None if getattr(given, KEY) is strawberry.UNSET else getattr(given, KEY)
    if key is None:
        return _outcome(context, command, None)
    try:
        # Around the claim too: a fault must leave the key free for the next try.
        with attempt(context.uow):
            return _first_or_repeated(context, operation, key, given, command)
    except AllianceError as problem:
        if is_raised(problem):
            raise
        return Outcome(None, [user_error(problem, context.locale)], key)


def _first_or_repeated(context: Context, operation: str, key: str, given: Any, command: Command) -> Outcome:
    account_id = context.account_id
    digest = input_hash(_said(given))
    known = claim(context.uow, account_id=account_id, operation=operation, key=key, digest=digest)
    if known is not None:
        return _repeated(known, key)
    outcome = _outcome(context, command, key)
    keep(context.uow, account_id=account_id, operation=operation, key=key, answer=_kept(outcome))
    return outcome


def _naming(command: Command, field: str | None) -> Command:
    def named(uow: UnitOfWork) -> UUID:
        try:
            return command(uow)
        except NotFoundError as problem:
            if field and not problem.field:
                problem.field = (field,)
            raise

    return named


def is_raised(problem: AllianceError) -> bool:
    """Whether a refusal is an error of the request: nothing that the person can put right in the input."""
    return isinstance(problem, RAISED) or problem.status >= 500


def input_key(value: str, kind: str, *, field: str) -> UUID:
    """The key of an input's global id. A garbled one or another type is NOT_FOUND at that field."""
    key = find_key(value, kind)
    if key is None:
        raise missing(field)
    return key


def missing(*field: str) -> NotFoundError:
    """That the thing an input field names is not there for this caller."""
    problem = NotFoundError()
    problem.field = field
    return problem


def user_error(problem: AllianceError, locale: Locale) -> UserError:
    """A refusal as a user error."""
    field = field_path(problem.field) if problem.field else None
    return UserError(code=problem.code, field=field, message=problem.message.render(locale))


@contextmanager
def attempt(uow: UnitOfWork) -> Iterator[None]:
    """Run the block in a savepoint; an error takes back its rows and all that waited for the commit because of it."""
    waiting = len(uow.after_commit)
    recorded = len(uow.session.info.get(PENDING, ()))
    savepoint = uow.session.begin_nested()
    try:
        yield
        savepoint.commit()
    except BaseException:
        # A connection that is gone cannot go back to a savepoint; what broke it is the error to tell.
        with suppress(SQLAlchemyError):
            savepoint.rollback()
        del uow.after_commit[waiting:]
        del uow.session.info.get(PENDING, [])[recorded:]
        raise


def _outcome(context: Context, command: Command, key: str | None) -> Outcome:
    try:
        with attempt(context.uow):
            return Outcome(command(context.uow), [], key)
    except AllianceError as problem:
        if is_raised(problem):
            raise
        return Outcome(None, [user_error(problem, context.locale)], key)


def _said(given: Any) -> dict[str, Any]:
    """The input as the client wrote it, without its key."""
    values = dataclasses.asdict(given)
    return {camel(name): _plain(value) for name, value in values.items() if name != KEY}


def _plain(value: Any) -> Any:
    if value is strawberry.UNSET:
        return None
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return plain(value)


def _kept(outcome: Outcome) -> dict[str, Any]:
    return {
        "key": str(outcome.key) if outcome.key else None,
        "userErrors": [dataclasses.asdict(error) for error in outcome.user_errors],
    }


def _repeated(known: Mapping[str, Any], key: str) -> Outcome:
    errors = [UserError(**error) for error in known.get("userErrors", [])]
    return Outcome(UUID(known["key"]) if known.get("key") else None, errors, key)
