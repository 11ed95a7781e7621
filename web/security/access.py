"""Who may call a route. Each view declares it; a blueprint without the check, or a silent view, stops the start.

`@public` needs nobody, `@logged_in` any account, `@requires(permission)` a permission in the active shop. Commands
check permissions again: this is the door, not the lock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, request
from werkzeug.exceptions import NotFound

from alliance.platform.kernel.errors import ForbiddenError, UnauthenticatedError
from alliance.platform.kernel.texts import _
from alliance.web.security.csrf import check_csrf
from alliance.web.security.current import find_subject, services
from alliance.web.security.uploads import allow_upload

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "access"


@dataclass(frozen=True, slots=True)
class Access:
    """What a route asks of its caller. `permission` implies a log-in and an active shop; `upload` takes a file."""

    public: bool = False
    permission: str | None = None
    upload: bool = False


def public(view: View) -> View:
    """Anybody may call the view: log-in, health, assets."""
    return _declare(view, Access(public=True))


def logged_in(view: View) -> View:
    """Any logged-in account may call the view, also one without a shop: its own settings."""
    return _declare(view, Access())


def requires(permission: str, *, upload: bool = False) -> Callable[[View], View]:
    """Only a member whose role has `permission` in the active shop may call the view.

    With `upload` the request may be as large as a file of this installation, else only as large as a form.
    """
    return lambda view: _declare(view, Access(permission=str(permission), upload=upload))


def _declare(view: View, access: Access) -> View:
    setattr(view, _ATTRIBUTE, access)
    return view


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the endpoint's view declared; None where it said nothing."""
    found = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return found if isinstance(found, Access) else None


def register(app: Flask, blueprint: Blueprint) -> None:
    """Register a blueprint with the access check in front of its views."""
    # On the application, not on the blueprint: several applications of one process share the blueprints.
    app.before_request_funcs.setdefault(blueprint.name, []).insert(0, admit)
    app.register_blueprint(blueprint)


def admit() -> None:
    """Check the declared access, then the CSRF token. The order matters: a stranger's upload is refused unread.

    Raises UnauthenticatedError, ForbiddenError, or CsrfError.
    """
    endpoint = request.endpoint
    if endpoint is None:
        raise NotFound
    access = access_of(current_app, endpoint)
    if access is None:
        raise ForbiddenError
    if not access.public:
        _check(access)
    if access.upload:
        allow_upload(services().settings.max_upload_mb)
    check_csrf()


def _check(access: Access) -> None:
    subject = find_subject()
    if subject is None:
        raise UnauthenticatedError
    if access.permission is None:
        return
    if subject.shop_id is None:
        raise ForbiddenError(_("您还没有加入任何店铺，请让店主邀请您"))
    if access.permission not in subject.permissions:
        raise ForbiddenError


def undeclared_routes(app: Flask) -> list[str]:
    """Endpoints that declare no access, or whose blueprint lacks the check. Empty in a sound application."""
    faults = []
    for endpoint in sorted({rule.endpoint for rule in app.url_map.iter_rules()}):
        blueprint = endpoint.rpartition(".")[0]
        guarded = admit in app.before_request_funcs.get(blueprint or None, [])
        if access_of(app, endpoint) is None or not guarded:
            faults.append(endpoint)
    return faults


def assert_declared(app: Flask) -> None:
    """Refuse to start with a route that nobody guards: LookupError naming each."""
    faults = undeclared_routes(app)
    if faults:
        raise LookupError(f"these routes declare no access: {', '.join(faults)}")
