"""What must not stand in the audit, and what the hash is made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.audit.masking import mask_text, masked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("write to li.lei@example.com now", "write to *** now"),
        ("13812345678", "***"),
        ("call +86 138-1234-5678", "call ***"),
        ("import 20 rows, 3 rejected", "import 20 rows, 3 rejected"),
        ("account:01a21099-f3e0-7254-8edb-6a6017801750", "account:01a21099-f3e0-7254-8edb-6a6017801750"),
        ("R-2026-000123", "R-2026-000123"),
        ("a\x00b", "ab"),
    ],
)
def test_contacts_are_masked_and_ids_and_counts_are_not(before, after):
    assert mask_text(before) == after


def test_values_under_personal_keys_are_masked_at_every_depth():
    detail = {"email": "x", "rows": 3, "list": [{"phone": "1", "kind": "size"}], "name": "", "none": None, "yes": True}
    assert masked(detail) == {
        "email": "***",
        "rows": 3,
        "list": [{"phone": "***", "kind": "size"}],
        "name": "",
        "none": None,
        "yes": True,
    }


@pytest.mark.parametrize("value", [1.5, b"x", object()])
def test_what_json_does_not_keep_exactly_is_refused(value):
    with pytest.raises(TypeError):
        masked({"value": value})


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"), st.text(alphabet="退货单 ，.", max_size=8))
def test_no_mobile_number_gets_through_whatever_stands_around_it(number, around):
    assert number not in mask_text(f"{around}{number}{around}")
