"""Keeps personal data out of the audit: it is kept for years and can never be changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"
PERSONAL_KEYS = frozenset({"email", "phone", "mobile", "address", "name", "contact", "note", "text"})
# Bounded, so that a long text costs its length and not the square of it.
EMAIL = re.compile(r"[^\s@<>\"']{1,254}+@[^\s@<>\"']+")
# Eight and more digits with usual separators: telephone numbers, never amounts or counts, which are integers here.
PHONE = re.compile(r"(?<![0-9A-Za-z-])\+?\d(?:[ -]?\d){7,14}(?![0-9A-Za-z-])")


def masked(detail: Mapping[str, Any]) -> dict[str, Any]:
    """The detail with e-mail addresses, telephone numbers and values under personal keys replaced.

    Only JSON without floats is taken (they do not come back from the database digit by digit): else TypeError.
    """
    return {key: MASK if key in PERSONAL_KEYS and value else _masked(value) for key, value in detail.items()}


def _masked(value: Any) -> Any:
    match value:
        case Mapping():
            return masked(value)
        case str():
            return mask_text(value)
        case None | bool() | int():
            return value
        case list() | tuple():
            return [_masked(item) for item in value]
        case _:
            raise TypeError(
                f"the audit takes texts, integers, booleans, lists and mappings, not {type(value).__name__}"
            )


def mask_text(value: str) -> str:
    """The text without e-mail addresses, telephone numbers and NUL, which PostgreSQL cannot hold."""
    return PHONE.sub(MASK, EMAIL.sub(MASK, value)).replace("\x00", "")
