"""The query editor in a real browser: it runs offline, under its policy, as the logged-in member."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page, expect, sync_playwright
from support.actors import MemberActor, make_member, make_shop
from werkzeug.serving import make_server

from alliance.platform.kernel.services import Services

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need Debian's Chromium"),
]


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context()
        context.route(lambda url: not url.startswith(address), lambda route: route.abort())
        yield context.new_page()
        browser.close()


def test_a_query_runs_in_the_editor(
    services: Services, log_in: Callable[[MemberActor], FlaskClient], address: str, page: Page
) -> None:
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("requestfailed", lambda request: faults.append(request.url))
    member = make_member(services, make_shop(services, name="云朵"))
    cookie = log_in(member).get_cookie("sid")
    assert cookie is not None
    page.context.add_cookies([{"name": "sid", "value": cookie.value, "url": address}])
    page.goto(f"{address}/graphiql")
    page.get_by_role("button", name="Execute query (Ctrl-Enter)").click()
    expect(page.locator(".result-window")).to_contain_text("云朵")
    expect(page.locator(".result-window")).to_contain_text("returns:read")
    assert faults == []
