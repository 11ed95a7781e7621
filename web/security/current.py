"""Who and what this request is about: the services, the caller, the active shop's zone, a unit of work in its scope."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol
from uuid import UUID

from flask import current_app, g, has_request_context, session

from alliance.platform.kernel.errors import UnauthenticatedError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.web.security.sessions import WebSession

DEFAULT_TIMEZONE = "Asia/Shanghai"


class Caller(Protocol):
    """What the faces need of `auth.subject.Subject`."""

    @property
    def locale(self) -> str: ...
    @property
    def shop_id(self) -> UUID | None: ...
    @property
    def timezone(self) -> str: ...
    @property
    def permissions(self) -> frozenset[str]: ...
    def scope(self) -> Scope: ...


FindSubject = Callable[[Services, str], Caller | None]


def services() -> Services:
    """The services the application was composed with."""
    found: Services = current_app.extensions["services"]
    return found


def find_subject() -> Caller | None:
    """The logged-in caller, looked up once a request; None for a visitor and for an ended session."""
    if "subject" not in g:
        token = session.token if isinstance(session, WebSession) else None
        look_up: FindSubject = current_app.extensions["find_subject"]
        g.subject = look_up(services(), token) if token else None
    found: Caller | None = g.subject
    return found


def known_subject() -> Caller | None:
    """The caller if it was already looked up; never asks the database, so that error pages work without it."""
    found: Caller | None = g.get("subject")
    return found


def subject() -> Caller:
    """The logged-in caller. Raises UnauthenticatedError for a visitor."""
    found = find_subject()
    if found is None:
        raise UnauthenticatedError
    return found


def work() -> AbstractContextManager[UnitOfWork]:
    """A unit of work on behalf of the caller, in the active shop."""
    return unit_of_work(services(), subject().scope())


def current_timezone() -> str:
    """The active shop's zone; that of the installation's home for visitors."""
    known = known_subject() if has_request_context() else None
    return known.timezone if known else DEFAULT_TIMEZONE
