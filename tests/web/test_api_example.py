"""The Python example of the API page, run as it stands there against a real server."""

from __future__ import annotations

import contextlib
import io
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from support.actors import make_member, make_shop
from support.factories import make_return
from support.logins import PASSWORD, give_password
from werkzeug.serving import make_server

from alliance.platform.kernel.services import Services

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def test_the_example_prints_the_shops_returns(services: Services, address: str) -> None:
    shop = make_shop(services)
    member = give_password(services, make_member(services, shop))
    row = make_return(services, shop, refund_minor=12_300)
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    script = found.group(1).replace("http://127.0.0.1:8000", address)
    script = script.replace('"email": "..."', f'"email": "{member.email}"')
    script = script.replace('"password": "..."', f'"password": "{PASSWORD}"')
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, str(PAGE), "exec"), {})  # noqa: S102 (our own page)
    expected = {"number": row.number, "refund": {"amount": "123.00", "currency": "CNY"}}
    assert f"'nodes': [{expected}]" in printed.getvalue()
