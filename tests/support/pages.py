"""Pages as a browser without script sees them: tokens of forms, forms of pages, statements behind a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from alliance.platform.kernel.services import Services
from alliance.web.entry.app import create_app

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


def token_of(browser: FlaskClient, path: str = "/login") -> str:
    """The CSRF token in the first form of a page."""
    found = TOKEN.search(browser.get(path, follow_redirects=True).get_data(as_text=True))
    assert found, f"{path} has no form"
    return found.group(1)


def post(browser: FlaskClient, path: str, *, page: str = "/settings/account", **fields: object) -> TestResponse:
    """Send a form with the token a page of this browser holds."""
    return browser.post(path, data={"csrf_token": token_of(browser, page), **fields})


@dataclass
class Page(HTMLParser):
    """What tests ask of a page: its forms, its visible text, its links."""

    html: str
    forms: list[dict[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    text: str = ""
    attributes: list[tuple[str, str]] = field(default_factory=list)
    _silent: int = 0

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.attributes += list(values.items())
        if tag == "form":
            self.forms.append({"action": values.get("action", ""), "method": values.get("method", "get").lower()})
        elif tag == "input" and self.forms and values.get("name"):
            self.forms[-1][values["name"]] = values.get("value", "")
        elif tag == "a":
            self.links.append(values.get("href", ""))
        elif tag in ("script", "style"):
            self._silent += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._silent -= 1

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.text += data


def page_of(answer: TestResponse) -> Page:
    """The parsed page of an answer."""
    return Page(answer.get_data(as_text=True))


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements the block sends, but for the scope's settings and the check that a connection lives."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("SET LOCAL") and statement != "SELECT 1":
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def https_app(services: Services, **changes: object) -> Flask:
    """The application as it stands behind https at shop.example."""
    settings = services.settings.model_copy(update={"public_url": "https://shop.example", **changes})
    return create_app(replace(services, settings=settings))
