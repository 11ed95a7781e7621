"""A GraphQL request as JSON, taken apart and checked; nothing of it is trusted before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alliance.graphql.engine.errors import bad_input
from alliance.graphql.engine.limits import check_variables
from alliance.platform.kernel.texts import _

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sends: a document or the hash of one, values for its variables, which operation to run."""

    document: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    document_hash: str | None = None


def read_request(body: Any) -> Request:
    """The request of a JSON body. BadInputError for another shape, LimitExceededError for too many variables.

    One operation a request: a list of requests is refused, for its cost would not be bounded.
    """
    if not isinstance(body, Mapping):
        raise bad_input(_("请求须为一个 JSON 对象，包含 query"))
    document = _optional_text(body, "query")
    name = _optional_text(body, "operationName")
    variables = body.get("variables")
    if variables is None:
        variables = {}
    if not isinstance(variables, Mapping):
        raise bad_input(_("variables 须为一个 JSON 对象"), "variables")
    check_variables(variables)
    if name is not None and len(name) > LONGEST_NAME:
        raise bad_input(_("operationName 太长"), "operationName")
    digest = _hash(body.get("extensions"))
    if not document and digest is None:
        raise bad_input(_("请求须为一个 JSON 对象，包含 query"), "query")
    return Request(document or None, variables, name or None, digest)


def _optional_text(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_input(_("%(name)s 须为文本", name=name), name)
    return value


def _hash(extensions: Any) -> str | None:
    if extensions is None:
        return None
    if not isinstance(extensions, Mapping):
        raise bad_input(_("extensions 须为一个 JSON 对象"), "extensions")
    persisted = extensions.get("persistedQuery")
    if persisted is None:
        return None
    if not isinstance(persisted, Mapping) or persisted.get("version") != 1:
        raise bad_input(_("只支持 persistedQuery 的版本 1"), "extensions", "persistedQuery")
    digest = persisted.get("sha256Hash")
    if not isinstance(digest, str):
        raise bad_input(_("查询的散列值须为 64 位十六进制数"), "extensions", "persistedQuery", "sha256Hash")
    return digest.lower()
