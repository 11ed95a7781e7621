"""What a request carries through the executor. One context a request, so nothing loaded can outlive it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import strawberry

from alliance.platform.auth.subject import Subject
from alliance.platform.kernel.errors import UnauthenticatedError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import Locale
from alliance.platform.kernel.work import UnitOfWork

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """One caller's unit of work and language. `subject` is the login session's; a token of a program has none.

    `remembered` holds what several fields of one request need (the shop's row), by a key of its own.
    """

    uow: UnitOfWork
    locale: Locale
    subject: Subject | None = None
    remembered: dict[Hashable, Any] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """The process's services."""
        return self.uow.services

    @property
    def scope(self) -> Scope:
        """On whose behalf the request reads and writes."""
        return self.uow.scope

    @property
    def account_id(self) -> UUID:
        """Who is asking. A scope without a person is refused with UnauthenticatedError."""
        if self.scope.account_id is None:
            raise UnauthenticatedError
        return self.scope.account_id

    def once(self, key: Hashable, load: Callable[[], T]) -> T:
        """The value of `load`, called at most once in this request."""
        if key not in self.remembered:
            self.remembered[key] = load()
        found: T = self.remembered[key]
        return found


Info = strawberry.Info[Context, None]
