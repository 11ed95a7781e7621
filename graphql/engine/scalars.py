"""The contract's scalars. Serialised so that one SQL expression gives the same text: see each function."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, NewType

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

from alliance.tenants.insights.months import Month, parse_month

JSON = NewType("JSON", object)
LONGEST = 60
_DECIMAL = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def moment_text(value: datetime) -> str:
    """UTC with milliseconds: "2026-10-01T04:05:06.789Z". SQL: to_char(... AT TIME ZONE 'UTC', '...SS.MS"Z"')."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_moment(value: object) -> datetime:
    """An ISO 8601 time with its offset. A time without one is refused with ValueError: it names no moment."""
    text = _text(value, "2026-10-01T12:00:00+08:00")
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            "DateTime must be an ISO 8601 time with an offset, such as 2026-10-01T12:00:00+08:00"
        ) from None


def read_date(value: object) -> date:
    """A calendar date, "2026-10-01". Anything else raises ValueError."""
    text = _text(value, "2026-10-01")
    try:
        if not _DATE.fullmatch(text):
            raise ValueError("another form of date")
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("Date must be written as 2026-10-01") from None


def read_decimal(value: object) -> Decimal:
    """An exact decimal in a string, "12.50"; never a float. At most 15 digits before and 10 after the point."""
    text = _text(value, "12.50")
    try:
        if not _DECIMAL.fullmatch(text):
            raise InvalidOperation
        return Decimal(text)
    except InvalidOperation:
        raise ValueError('Decimal must be a string such as "12.50"') from None


def read_month(value: object) -> Month:
    """A calendar month, "2026-10". Anything else raises ValueError."""
    text = _text(value, "2026-10")
    try:
        return parse_month(text)
    except Exception:  # noqa: BLE001 (whatever is wrong with it, the client reads one sentence)
        raise ValueError("Month must be written as 2026-10") from None


def _text(value: object, example: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST:
        raise ValueError(f'expected a string such as "{example}"')
    return value


def _json(value: object) -> object:
    return value


def show_json(value: object) -> object:
    """Any JSON value; one with integers beyond 64 bits, which PostgreSQL holds, as finished text."""
    try:
        orjson.dumps(value)
    except TypeError:
        return orjson.Fragment(json.dumps(value, ensure_ascii=False))
    return value


SCALARS: Mapping[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment: ISO 8601 with its offset, answered in UTC.",
        serialize=moment_text,
        parse_value=read_moment,
    ),
    date: strawberry.scalar(
        name="Date", description="A calendar date, 2026-10-01.", serialize=date.isoformat, parse_value=read_date
    ),
    Month: strawberry.scalar(
        name="Month", description="A calendar month, 2026-10.", serialize=str, parse_value=read_month
    ),
    Decimal: strawberry.scalar(
        name="Decimal", description='An exact decimal in a string, "12.50".', serialize=str, parse_value=read_decimal
    ),
    JSON: strawberry.scalar(name="JSON", description="Any JSON value.", serialize=show_json, parse_value=_json),
}


def decimal_of(value: int, *, places: int) -> Decimal:
    """An integer count of the smallest unit as an exact decimal with that many places (grams as kilograms)."""
    return Decimal(value).scaleb(-places)


def plain(value: Any) -> Any:
    """A value of an input as JSON, for hashing: the same input always gives the same text."""
    if isinstance(value, datetime):
        return moment_text(value)
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
