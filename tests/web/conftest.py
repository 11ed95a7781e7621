"""The application over the worker's database, and browsers without script for its pages."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from support.actors import MemberActor
from support.logins import PASSWORD, give_password
from support.pages import token_of

from alliance.platform.kernel.services import Services
from alliance.web.entry.app import create_app


@pytest.fixture(scope="session")
def app(services: Services) -> Flask:
    """The whole application."""
    return create_app(services)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has logged in with."""
    return app.test_client()


@pytest.fixture
def log_in(app: Flask, services: Services) -> Callable[[MemberActor], FlaskClient]:
    """Log a person in through the page, in a browser of their own."""

    known: set[UUID] = set()

    def enter(member: MemberActor) -> FlaskClient:
        if member.account_id not in known:  # setting it again would end the sessions this test has opened
            give_password(services, member)
            known.add(member.account_id)
        browser = app.test_client()
        fields = {"email": member.email, "password": PASSWORD, "csrf_token": token_of(browser)}
        answer = browser.post("/login", data=fields)
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return browser

    return enter
