"""A text with its values as JSON in a row, to be read later in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from alliance.platform.kernel.texts import Text


def encode_text(text: Text | None) -> dict[str, Any] | None:
    """The text as JSON; values that are no text or number become text."""
    if text is None:
        return None
    return {"msgid": text.msgid, "values": {key: _encode(value) for key, value in text.values.items()}}


def decode_text(stored: Mapping[str, Any] | None) -> Text | None:
    """The text that was stored."""
    if stored is None:
        return None
    return Text(stored["msgid"], {key: _decode(value) for key, value in stored["values"].items()})


def _encode(value: Any) -> Any:
    if isinstance(value, Text):
        return encode_text(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _decode(value: Any) -> Any:
    return decode_text(value) if isinstance(value, dict) else value
