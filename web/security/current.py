"""Who and what this request is about: the services, the caller, the active shop's zone, a unit of work in its scope."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import current_app, g, has_request_context, request, session

from alliance.platform.auth.sessions import Client
from alliance.platform.auth.subject import Subject
from alliance.platform.auth.subject import find_subject as read_subject
from alliance.platform.kernel.errors import UnauthenticatedError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.web.security.sessions import WebSession

DEFAULT_TIMEZONE = "Asia/Shanghai"
DEVICE = "device"


def services() -> Services:
    """The services the application was composed with."""
    found: Services = current_app.extensions["services"]
    return found


def find_subject() -> Subject | None:
    """The logged-in caller, looked up once a request; None for a visitor and for an ended session."""
    if "subject" not in g:
        token = session.token if isinstance(session, WebSession) else None
        g.subject = read_subject(services(), token)
    found: Subject | None = g.subject
    return found


def known_subject() -> Subject | None:
    """The caller if it was already looked up; never asks the database, so that error pages work without it."""
    found: Subject | None = g.get("subject")
    return found


def subject() -> Subject:
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
    return known.active.timezone if known and known.active else DEFAULT_TIMEZONE


def current_currency() -> str:
    """The active shop's currency. Raises UnauthenticatedError without one."""
    active = subject().active
    if active is None:
        raise UnauthenticatedError
    return active.currency


def client() -> Client:
    """Where the request comes from, with the token of the device cookie."""
    return Client(
        address=request.remote_addr or "",
        agent=request.user_agent.string,
        device_token=request.cookies.get(cookie_name(DEVICE)),
    )


def cookie_name(name: str) -> str:
    """A cookie's full name: bound to this host by its prefix under https."""
    return f"__Host-{name}" if services().settings.secure_cookies else name
