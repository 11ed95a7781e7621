"""A real browser for the pages: Debian's Chromium, desktop and phone, told to reach nothing but this machine."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

CHROMIUM = shutil.which("chromium")
needs_chromium = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="browser tests need Debian's Chromium; install it with apt-get"),
]
VIEWS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True},
}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """
() => [...document.querySelectorAll('button, select, summary, .btn, input:not([type=hidden]):not([type=checkbox])')]
    .filter(e => e.checkVisibility() && !e.matches('.visually-hidden') && e.getBoundingClientRect().height < 43.5)
    .map(e => e.outerHTML.slice(0, 80))
"""


class QuietHandler(WSGIRequestHandler):
    """Writes no line for each request."""

    def log(self, *_arguments: Any) -> None:
        """Nothing."""


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """The application on a free port of this machine."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=QuietHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, without its sandbox where root would not get one."""
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watched:
    """A page whose every complaint is kept: console, script errors, requests that leave this machine."""

    page: Page
    address: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go to a path of the application."""
        self.page.goto(self.address + path)

    def take_faults(self, *, but: str = "\0") -> list[str]:
        """What was complained about since the last time, without lines that contain `but`."""
        found, self.faults = [fault for fault in self.faults if but not in fault], []
        return found


def watch(context: BrowserContext, address: str) -> Watched:
    """A new page that cannot reach anything but the application."""
    page = context.new_page()
    watched = Watched(page, address)
    page.on("console", lambda message: watched.faults.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: watched.faults.append(f"script: {error}"))

    def keep_home(route: Any) -> None:
        if route.request.url.startswith((address, "data:")):
            route.continue_()
        else:
            watched.faults.append(f"request: {route.request.url}")
            route.abort()

    context.route("**/*", keep_home)
    return watched


def log_in_by_hand(watched: Watched, email: str, password: str) -> None:
    """Fill in the log-in form."""
    watched.open("/login")
    watched.page.locator("#email").fill(email)
    watched.page.locator("#password").fill(password)
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_url(f"{watched.address}/")
