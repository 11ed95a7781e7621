"""What a client is told when something fails: the text and code of an expected refusal, an id for everything else."""

from __future__ import annotations

from typing import Any

from graphql import GraphQLError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from alliance.platform.kernel.errors import AllianceError, BadInputError, LimitExceededError
from alliance.platform.kernel.logging import report_fault
from alliance.platform.kernel.texts import Locale, Text, _
from alliance.platform.kernel.work import refusal_of

LONGEST = 500
QUERY_CANCELLED = "57014"
INTERNAL = _("出错了，问题已记录。请稍后重试；如果一直出现，请把错误编号告诉管理员。")
TOO_SLOW = _("这个查询耗时太长，请减少一次读取的内容")


def show_error(error: GraphQLError, locale: Locale) -> dict[str, Any]:
    """One entry of a response's `errors`: message in the reader's language, place, and `extensions.code`.

    Faults of ours, and only they, are logged; the client gets their `errorId` and nothing about them.
    """
    cause = cause_of(error)
    shown = dict(error.formatted)
    shown.pop("extensions", None)
    if isinstance(cause, AllianceError):
        return shown | describe(cause, locale)
    if cause is None:
        return shown | {"message": error.message[:LONGEST], "extensions": {"code": "BAD_INPUT", "status": 400}}
    return shown | mask(cause, locale)


def describe(problem: AllianceError, locale: Locale) -> dict[str, Any]:
    """Message and extensions of an expected refusal."""
    extensions: dict[str, Any] = {"code": problem.code, "status": problem.status}
    if problem.field:
        extensions["field"] = field_path(problem.field)
    if isinstance(problem, LimitExceededError) and problem.retry_after:
        extensions["retryAfter"] = problem.retry_after
    return {"message": problem.message.render(locale), "extensions": extensions}


def mask(problem: Exception, locale: Locale) -> dict[str, Any]:
    """Message and extensions of a fault of ours: it is logged, and all the client gets is the id it has in the log."""
    masked = {"code": "INTERNAL", "status": 500, "errorId": report_fault(problem, room=__name__)}
    return {"message": INTERNAL.render(locale), "extensions": masked}


def cause_of(error: GraphQLError) -> Exception | None:
    """What a GraphQL error stands for: an expected refusal, a fault of ours, or None: the document was at fault."""
    inner = error.original_error
    if error.path is None and not isinstance(inner, AllianceError):
        # Nothing ran yet: the document, or a value for one of its variables or arguments.
        return None
    while isinstance(inner, GraphQLError):
        # The executor itself says that a value cannot be shown, and then without a place in the document.
        if inner.original_error is None:
            return None if inner.nodes else inner
        inner = inner.original_error
    return expected(inner) if inner is not None else None


def expected(problem: Exception) -> Exception:
    """The refusal that a database error means, where it means one; a query cancelled for its time asks for too much."""
    if isinstance(problem, DBAPIError) and getattr(problem.orig, "sqlstate", None) == QUERY_CANCELLED:
        return LimitExceededError(TOO_SLOW)
    if isinstance(problem, DBAPIError | NoConnectionError):
        return refusal_of(problem) or problem
    return problem


def bad_input(text: Text, *field: str) -> BadInputError:
    """A malformed request."""
    return BadInputError(text, field=field)


def field_path(path: tuple[str, ...]) -> list[str]:
    """The path of an input field as the contract spells it."""
    return [camel(part) for part in path]


def camel(name: str) -> str:
    """`skip_bad_rows` as `skipBadRows`."""
    head, *rest = name.strip("_").split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)
