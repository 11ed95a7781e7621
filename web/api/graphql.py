"""`POST /graphql`: one request, one answer, in the caller's scope and language.

Only JSON by POST: a query in an address would end up in logs and histories. The body has a size of its own, far below
that of a form. Errors have the shape of the API also where the request never reached the executor.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.errors import describe, mask
from alliance.graphql.engine.execute import Answer, execute
from alliance.graphql.engine.requests import read_request
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.errors import AllianceError, BadInputError, LimitExceededError
from alliance.platform.kernel.ratelimit import RateLimit, spend
from alliance.platform.kernel.texts import _
from alliance.web.security.access import logged_in
from alliance.web.security.csrf import CSRFError
from alliance.web.security.current import services, subject, work
from alliance.web.security.locale import current_locale

MAX_BODY = 256 * 1024
RATE = RateLimit("graphql", most=1200, seconds=60)
JSON_TYPE = "application/json"

blueprint = Blueprint("graphql", __name__)


class UnsupportedTypeError(BadInputError):
    """The body is no JSON by its content type."""

    status = 415


class TooLargeError(LimitExceededError):
    """The body is larger than any request we serve."""

    status = 413


@blueprint.post("/graphql")
@logged_in
def answer() -> Response:
    """Execute the request of the JSON body; see `docs/api.md` for what it may hold."""
    caller = subject()
    spend(services(), RATE, str(caller.account.id))
    asked = read_request(read_body())
    with work() as uow:
        return respond(execute(engine(), asked, Context(uow, current_locale(), caller)))


def read_body() -> Any:
    """The JSON of the body. UnsupportedTypeError, TooLargeError, or BadInputError for what is no JSON."""
    if request.mimetype != JSON_TYPE:
        raise UnsupportedTypeError(_("请求的 Content-Type 须为 application/json"))
    if (request.content_length or 0) > MAX_BODY:
        raise TooLargeError(_("请求太大，最多 %(most)s 字节", most=MAX_BODY))
    raw = request.stream.read(MAX_BODY + 1)
    if len(raw) > MAX_BODY:
        raise TooLargeError(_("请求太大，最多 %(most)s 字节", most=MAX_BODY))
    try:
        return json.loads(raw.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise BadInputError(_("请求的内容不是有效的 JSON")) from None


def respond(made: Answer) -> Response:
    """An answer over HTTP: 200 once something was executed or the client is to send a document again, else 400."""
    unknown_document = any(error["message"] == "PersistedQueryNotFound" for error in made.errors)
    return Response(made.to_json(), 200 if made.executed or unknown_document else 400, content_type=JSON_TYPE)


@blueprint.errorhandler(AllianceError)
def answer_refusal(problem: AllianceError) -> Response:
    """What is refused before the executor: nobody logged in, too many requests, a malformed body."""
    response = _one_error(describe(problem, current_locale()), problem.status)
    if isinstance(problem, LimitExceededError) and problem.retry_after:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


@blueprint.errorhandler(CSRFError)
def answer_without_token(_problem: CSRFError) -> Response:
    """A session's request without its CSRF token."""
    refusal = BadInputError(_("请在 X-CSRFToken 请求头中附上 CSRF 令牌"))
    return _one_error(describe(refusal, current_locale()), 400)


@blueprint.errorhandler(HTTPException)
def answer_http(problem: HTTPException) -> Response:
    """What Werkzeug refuses while reading the body."""
    refusal = BadInputError(_("请求的内容不是有效的 JSON"))
    return _one_error(describe(refusal, current_locale()), problem.code or 400)


@blueprint.errorhandler(Exception)
def answer_fault(problem: Exception) -> Response:
    """A fault of ours outside every field."""
    return _one_error(mask(problem, current_locale()), 500)


def _one_error(error: dict[str, Any], status: int) -> Response:
    body = json.dumps({"errors": [error]}, ensure_ascii=False)
    return Response(body, status, content_type=JSON_TYPE)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
