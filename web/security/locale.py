"""The reader's language: the account's setting, then the cookie, then what the browser asks for, then Chinese."""

from __future__ import annotations

from flask import g, has_request_context, request
from werkzeug.wrappers import Response

from alliance.platform.kernel.texts import DEFAULT_LOCALE, LOCALES, Locale, choose_locale
from alliance.web.security.current import known_subject

COOKIE = "locale"
YEAR = 365 * 24 * 3600


def current_locale() -> Locale:
    """The language of this request's reader; Chinese outside a request."""
    if not has_request_context():
        return DEFAULT_LOCALE
    cached: Locale | None = g.get("locale")
    if cached is not None:
        return cached
    subject = known_subject()
    cookie = request.cookies.get(COOKIE)
    wanted = [tag for tag, _quality in request.accept_languages]
    found = choose_locale(subject.locale if subject else None, cookie if cookie in LOCALES else None, *wanted)
    if subject is not None:
        g.locale = found
    return found


def remember_locale(response: Response, locale: Locale, *, secure: bool) -> None:
    """Keep the choice in a cookie, for pages before the log-in."""
    g.locale = locale
    response.set_cookie(COOKIE, locale, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
