"""Asking the schema as a member would, below the web: one unit of work a request, statements counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import event
from support.actors import MemberActor, ShopActor, make_member

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.execute import Answer, execute
from alliance.graphql.engine.ids import global_id
from alliance.graphql.engine.requests import read_request
from alliance.graphql.schema.build import engine
from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import Locale
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.roles import MemberRole


@dataclass
class Statements:
    """What was sent to the database, without the scope's settings."""

    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)


@contextmanager
def counted(services: Services) -> Iterator[Statements]:
    """Count the statements of the block."""
    seen = Statements()

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SET LOCAL"):
            seen.texts.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(services.database.engine, "before_cursor_execute", note)


@dataclass(frozen=True)
class GraphQLClient:
    """A caller with a scope and a language; `compiled` as the installation's setting of that name."""

    services: Services
    scope: Scope
    locale: Locale = "en"
    compiled: bool = False

    def answer(self, body: Any) -> Answer:
        """The answer to a JSON body. Refusals of the body itself are raised."""
        chosen = self.services.settings.model_copy(update={"compile_reads": self.compiled})
        with unit_of_work(replace(self.services, settings=chosen), self.scope) as uow:
            return execute(engine(), read_request(body), Context(uow, self.locale))

    def ask(self, document: str, **variables: Any) -> dict[str, Any]:
        """The whole response to a document."""
        return self.answer({"query": document, "variables": variables}).body

    def data(self, document: str, **variables: Any) -> Any:
        """The data of a response that must have no errors."""
        body = self.ask(document, **variables)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def codes(self, document: str, **variables: Any) -> list[str]:
        """The error codes of a response, or of a refused request."""
        try:
            errors = self.ask(document, **variables).get("errors", [])
        except AllianceError as problem:
            return [problem.code]
        return [error["extensions"]["code"] for error in errors]

    def cost(self, document: str, **variables: Any) -> int:
        """The number of statements a document takes, and it must have no errors."""
        with counted(self.services) as seen:
            self.data(document, **variables)
        return len(seen)


def client_of(services: Services, actor: MemberActor | ShopActor, locale: Locale = "en") -> GraphQLClient:
    """A client for an actor."""
    return GraphQLClient(services, actor.scope, locale)


def make_client(services: Services, shop: ShopActor, role: MemberRole = MemberRole.OWNER) -> GraphQLClient:
    """A client for a new member of the shop."""
    return client_of(services, make_member(services, shop, role))


def gid(kind: str, key: UUID) -> str:
    """A global id."""
    return global_id(kind, key)
