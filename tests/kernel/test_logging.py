"""Logs: structured, with the ids of the request, and without anything that names a person."""

from __future__ import annotations

import io
import json
import logging
import sys
import time
from uuid import uuid4

import pytest
import structlog

from alliance.platform.kernel.logging import (
    configure_logging,
    get_logger,
    is_personal,
    log_context,
    mask,
    new_error_id,
    report_fault,
)

SHOP = "12345678-1234-4234-8234-123456789012"


@pytest.fixture
def lines(settings, monkeypatch):
    """The JSON lines logged so far, in production's form."""
    root, written = logging.getLogger(), io.StringIO()
    before = (list(root.handlers), root.level)
    monkeypatch.setattr(sys, "stderr", written)
    configure_logging(settings.model_copy(update={"alliance_env": "production"}))
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers[:], root.level = before
    structlog.reset_defaults()


def test_a_line_is_json_with_the_ids_of_its_context(lines):
    shop = uuid4()
    with log_context(request_id="r1", shop_id=shop):
        get_logger("room").info("import committed", rows=12)
    get_logger("room").info("after")
    first, second = lines()
    assert first.pop("timestamp").endswith("Z")
    expected = {
        "event": "import committed",
        "level": "info",
        "logger": "room",
        "request_id": "r1",
        "shop_id": str(shop),
    }
    assert first == {**expected, "rows": 12}
    assert "request_id" not in second


def test_values_under_personal_keys_are_dropped_however_deep(lines):
    get_logger("room").info(
        "x",
        email="a@b.cn",
        customer_name="王小明",
        replyToAddress="上海市",
        access_token="s3cret",
        row={"phone": "1", "sku": "A-1", "list": [{"password": "p"}]},
    )
    (line,) = lines()
    dropped = {"email", "customer_name", "replyToAddress", "access_token"}
    assert {key for key, value in line.items() if value == "[dropped]"} == dropped
    assert line["row"] == {"phone": "[dropped]", "sku": "A-1", "list": [{"password": "[dropped]"}]}


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("写给 wang.x+1@mail.example.com。", "写给 [address]。"),
        ("电话13812345678未接", "电话[digits]未接"),
        ("+86 138 1234 5678", "[digits]"),
        ("010-6552-9988", "[digits]"),
        ("１３８１２３４５６７８", "[digits]"),
        ("postgresql://app:pw@host/db", "postgresql://[login]@host/db"),
        (f"shop {SHOP}", f"shop {SHOP}"),
        (
            "at 2026-11-25T02:00:00Z, 123456 rows, SO2026112500123",
            "at 2026-11-25T02:00:00Z, 123456 rows, SO2026112500123",
        ),
    ],
)
def test_free_text_loses_addresses_and_phone_numbers_and_keeps_ids(text, masked):
    assert mask(text) == masked


@pytest.mark.parametrize("piece", ["a", "1", "a@", "://a:", "1-", "a."])
def test_a_huge_text_is_masked_in_no_time(piece):
    began = time.process_time()
    mask(piece * 100_000)
    assert time.process_time() - began < 3


def test_a_traceback_and_a_librarys_line_are_masked_too(lines):
    try:
        raise RuntimeError("no customer 13812345678 <a@b.cn>")
    except RuntimeError as problem:
        identity = report_fault(problem, room="room")
    logging.getLogger("library").warning("mail to %s failed", "a@b.cn")
    fault, library = lines()
    assert fault["error_id"] == identity
    assert "RuntimeError" in fault["exception"]
    assert "[digits]" in fault["exception"]
    assert "a@b.cn" not in json.dumps([fault, library])
    assert library["event"] == "mail to [address] failed"


def test_only_whole_words_make_a_key_personal():
    assert [key for key in ("filename", "shop_id", "event", "renamed", "queue") if is_personal(key)] == []
    assert all(is_personal(key) for key in ("NAME", "buyer_phone", "contactEmail", "Authorization"))


def test_error_ids_can_be_read_out():
    identities = {new_error_id() for _ in range(200)}
    assert len(identities) == 200
    assert all(len(one) == 10 and not set(one) & set("01OIL") for one in identities)
