"""Browsers of the matrix: logged in without the log-in page, so that hundreds of requests stay cheap."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from isolation.matrix.owners import Party
from support.actors import SYSTEM
from werkzeug.test import TestResponse

from alliance.platform.auth.sessions import Client, open_session
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.web.security.csrf import csrf_token

TOKEN_HEADER = "X-CSRFToken"


@dataclass(frozen=True)
class Browser:
    """A client with its CSRF token."""

    client: FlaskClient
    token: str

    def send(self, method: str, path: str, **given: object) -> TestResponse:
        """A request of one of our pages, redirects not followed."""
        return self.client.open(path, method=method, headers={TOKEN_HEADER: self.token}, **given)


def open_browser(app: Flask, services: Services, party: Party, *, shop_id: UUID | None = None) -> Browser:
    """The party's owner in its shop, or in another one where they have a role."""
    with unit_of_work(services, SYSTEM) as uow:
        token = open_session(
            uow, account_id=party.owner.account_id, shop_id=shop_id or party.id, client=Client(agent="matrix")
        )
    client = app.test_client()
    client.set_cookie("sid", token)
    with app.test_request_context("/", headers={"Cookie": f"sid={token}"}):
        return Browser(client, csrf_token())


def open_visitor(app: Flask) -> Browser:
    """Nobody."""
    return Browser(app.test_client(), "")


# What differs from answer to answer of one page: its token, and the length that follows from it.
NOISE = re.compile(r"'Content-Length': '\d+'|\.?[\w-]{20,}\.[\w-]{6}\.[\w-]{27}(?![\w-])")


def text_of(response: TestResponse, sent: list[str]) -> str:
    """Everything a response says in headers and body, without what the request itself has said."""
    body = response.get_data()
    said = NOISE.sub("", f"{dict(response.headers)} {body.decode('utf-8', 'replace')}")
    said = html.unescape(said)
    for value in sorted(sent, key=len, reverse=True):
        for form in (value, quote(value), quote(value, safe="")):
            said = said.replace(form, "")
    return re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), said)
