"""Flask's session, held by the server. The cookie is 256 random bits; `auth.sessions` keeps its SHA-256 and all else.

Three small cookies, HttpOnly and Lax, with the `__Host-` prefix under https: `sid` names the stored session; `pre`
ties a visitor's CSRF token to the browser before the log-in, so that a mere visit stores nothing; `note` carries a
message to the next page, signed. A logged-in session's CSRF token is derived from its `sid`, hence changes with it.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from flask import Flask, Request, Response
from flask.sessions import SessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.datastructures import CallbackDict

NOTE_SECONDS = 300
PRE_SECONDS = 24 * 3600
SESSION_SECONDS = 30 * 24 * 3600
_CSRF = "csrf_token"
_FLASHES = "_flashes"


class WebSession(CallbackDict[str, Any], SessionMixin):
    """What a request knows of its session before the database is asked. `token` is None for a visitor."""

    modified = False

    def __init__(self, values: dict[str, Any], *, token: str | None) -> None:
        def touched(session: WebSession) -> None:
            session.modified = True

        super().__init__(values, touched)
        self.token = token
        self.original_token = token
        self.original_flashes = list(values.get(_FLASHES, []))

    def start(self, token: str) -> None:
        """Continue under a fresh token after a log-in; the visitor's CSRF token ends with it."""
        self.token = token
        self.pop(_CSRF, None)

    def end(self) -> None:
        """Forget the session in the browser after a log-out or once the server no longer knows it."""
        self.token = None
        self.pop(_CSRF, None)


class TableSessions(SessionInterface):
    """Reads and writes the cookies; the table is asked only where the caller matters (`current.find_subject`)."""

    def __init__(self, *, secret: str, secure: bool) -> None:
        self.secret = secret
        self.secure = secure
        self.notes = URLSafeTimedSerializer(secret, salt="note")

    def cookie(self, name: str) -> str:
        """The cookie's full name; under https the prefix binds it to this host and path."""
        return f"__Host-{name}" if self.secure else name

    def open_session(self, app: Flask, request: Request) -> WebSession:
        """The session named by the cookies. A garbled cookie counts as none."""
        token = request.cookies.get(self.cookie("sid"))
        token = token if token and 32 <= len(token) <= 100 else None
        values: dict[str, Any] = {}
        pre = request.cookies.get(self.cookie("pre"))
        if token:
            values[_CSRF] = self.csrf_secret(token)
        elif pre and len(pre) == 40:
            values[_CSRF] = pre
        flashes = self._read_note(request)
        if flashes:
            values[_FLASHES] = flashes
        return WebSession(values, token=token)

    def csrf_secret(self, token: str) -> str:
        """A logged-in session's CSRF secret: keyed to its token, so nothing has to be stored for it."""
        return hmac.new(self.secret.encode(), b"csrf:" + token.encode(), hashlib.sha256).hexdigest()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Send the cookies that changed, and only those."""
        if not isinstance(session, WebSession):
            return
        if session.token != session.original_token:
            self._write(response, "sid", session.token, SESSION_SECONDS)
        if session.token is None and session.modified and _CSRF in session:
            self._write(response, "pre", session[_CSRF], PRE_SECONDS)
        elif session.token and not session.original_token:
            self._write(response, "pre", None, 0)
        flashes = list(session.get(_FLASHES, []))
        if flashes != session.original_flashes:
            note = self.notes.dumps(flashes[-5:]) if flashes else None
            self._write(response, "note", note, NOTE_SECONDS)

    def _read_note(self, request: Request) -> list[tuple[str, str]]:
        raw = request.cookies.get(self.cookie("note"))
        if not raw:
            return []
        try:
            return [(str(kind), str(text)) for kind, text in self.notes.loads(raw, max_age=NOTE_SECONDS)]
        except (BadData, ValueError, TypeError):
            return []

    def _write(self, response: Response, name: str, value: str | None, seconds: int) -> None:
        flags: dict[str, Any] = {"httponly": True, "secure": self.secure, "samesite": "Lax", "path": "/"}
        if value is None:
            response.delete_cookie(self.cookie(name), **flags)
        else:
            response.set_cookie(self.cookie(name), value, max_age=seconds, **flags)
