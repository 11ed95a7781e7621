"""Cross-site request forgery: Flask-WTF's token on every changing request, by form field or the X-CSRFToken header."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, current_app, request
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf

_protection = CSRFProtect()


def install_csrf(app: Flask) -> None:
    """Configure Flask-WTF. The check runs in `access.admit`, after the caller is known, not before every request."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    # The token is bound to the session, which has its own end; a form left open over lunch must still work.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    app.config["WTF_I18N_ENABLED"] = False
    _protection.init_app(app)


def check_csrf() -> None:
    """Refuse a changing request without a valid token: CSRFError, status 400."""
    if request.method in current_app.config["WTF_CSRF_METHODS"]:
        _protection.protect()


def csrf_token() -> str:
    """The signed token of this session, for forms and the htmx header."""
    token: str = generate_csrf()
    return token


def is_same_origin() -> bool:
    """Whether the browser says that the request came from one of our own pages; silence is a no."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return bool(origin) and urlsplit(origin).netloc == request.host


__all__ = ["CSRFError", "check_csrf", "csrf_token", "install_csrf", "is_same_origin"]
