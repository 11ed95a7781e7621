from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from support.actors import make_member, make_shop
from support.pages import https_app, page_of

from alliance.platform.kernel.services import Services
from alliance.web.security.headers import CONTENT_SECURITY_POLICY

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"


@pytest.mark.parametrize("path", ["/login", "/", "/nope", "/health/live", "/uploads", "/a/000000000000/theme.css"])
def test_every_answer_carries_the_strict_policy(client: FlaskClient, path: str):
    answer = client.get(path)
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_the_policy_allows_only_our_own_files():
    parts = dict(part.split(" ", 1) for part in CONTENT_SECURITY_POLICY.split("; "))
    assert parts["default-src"] == "'none'"
    assert {parts[name] for name in ("script-src", "style-src", "connect-src", "form-action", "font-src")} == {"'self'"}
    assert parts["img-src"] == "'self' data:"
    assert {parts[name] for name in ("base-uri", "frame-ancestors", "object-src")} == {"'none'"}


def test_pages_are_never_stored_by_a_cache(client: FlaskClient):
    assert client.get("/login").headers["Cache-Control"] == "no-store"


def test_https_is_kept_once_pages_are_served_over_it(services: Services, client: FlaskClient):
    assert "Strict-Transport-Security" not in client.get("/login").headers
    secure = https_app(services).test_client()
    assert (
        secure.get("/login", base_url="https://shop.example")
        .headers["Strict-Transport-Security"]
        .startswith("max-age=")
    )


def test_a_foreign_host_header_is_refused(client: FlaskClient):
    assert client.get("/login", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/login", headers={"Host": "127.0.0.1:9000"}).status_code == 200


def test_forwarded_headers_count_only_from_our_own_proxies(services: Services, client: FlaskClient):
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert client.get("/login", headers=forged).status_code == 200
    behind = https_app(services, trusted_proxies=1).test_client()
    assert behind.get("/login", headers=forged).status_code == 400
    named = {"X-Forwarded-Host": "shop.example", "X-Forwarded-Proto": "https"}
    assert behind.get("/login", headers=named).status_code == 200


def test_assets_are_kept_for_a_year_under_the_hash_of_their_content(client: FlaskClient):
    page = page_of(client.get("/login"))
    address = next(value for name, value in page.attributes if name == "href" and value.endswith("/theme.css"))
    answer = client.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Set-Cookie" not in answer.headers
    assert client.get("/a/000000000000/theme.css").status_code == 404


def test_pages_leave_gzipped_where_the_browser_takes_it(client: FlaskClient):
    answer = client.get("/login", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in client.get("/login").headers


def test_no_template_holds_an_inline_style_or_handler_or_script():
    faults = []
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        faults += [
            f"{path.name}: {mark}"
            for mark in (" style=", " onclick=", " onchange=", " onsubmit=", "<script>", "javascript:")
            if mark in text
        ]
        faults += [f"{path.name}: {mark}" for mark in ("http://", "https://", "|safe") if mark in text]
    assert faults == []


def test_both_faces_of_a_logged_in_page_keep_the_policy(services: Services, log_in):
    browser = log_in(make_member(services, make_shop(services)))
    for path in ("/", "/returns", "/settings/members", "/files/018f0000-0000-7000-8000-000000000000"):
        assert browser.get(path).headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
