"""Cursors that nobody of ours has made: refused in words, whatever is in them."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.paging import decode_cursor, encode_cursor

KINDS = (datetime, UUID)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda part: st.lists(part), max_leaves=5
)


def wrapped(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize("text", ["[" * 50_000, '{"a":' * 50_000, "9" * 10_000, "[1e999, 2]", "", "null"])
def test_a_hostile_cursor_is_bad_input(text: str):
    with pytest.raises(BadInputError):
        decode_cursor(wrapped(text), KINDS)


@given(st.lists(JSON, max_size=3))
def test_a_cursor_of_other_values_is_bad_input(values: list[Any]):
    with pytest.raises(BadInputError):
        decode_cursor(wrapped(json.dumps(values)), KINDS)


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_our_own_cursor_comes_back(moment: datetime, key: UUID):
    assert decode_cursor(encode_cursor([moment, key]), KINDS) == [moment, key]
