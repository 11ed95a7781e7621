"""What list pages read from the address: the page, chosen codes, days and the search."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from flask import request

from alliance.platform.kernel.paging import DEFAULT_PAGE, PageRequest
from alliance.platform.kernel.searching import search_text
from alliance.web.security.current import current_timezone

Code = TypeVar("Code", bound=StrEnum)


def page_request(size: int = DEFAULT_PAGE) -> PageRequest:
    """The page the address asks for, by `before` or `after`."""
    before = request.args.get("before")
    if before:
        return PageRequest(last=size, before=before)
    return PageRequest(first=size, after=request.args.get("after") or None)


def chosen_codes(name: str, kind: type[Code]) -> tuple[Code, ...]:
    """The values of one argument that are codes of `kind`; others are ignored, as an old bookmark may hold them."""
    known = {item.value: item for item in kind}
    return tuple(known[value] for value in request.args.getlist(name) if value in known)


def chosen_code(name: str, kind: type[Code], default: Code) -> Code:
    """The one value of an argument, or the default."""
    return next(iter(chosen_codes(name, kind)), default)


def chosen_day(name: str) -> date | None:
    """A day as `2026-11-25`; anything else counts as not given."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def day_start(day: date | None, *, days_later: int = 0) -> datetime | None:
    """The moment a day begins in the shop's zone, in UTC."""
    if day is None:
        return None
    try:
        moved = day + timedelta(days=days_later)
        return datetime.combine(moved, time.min, ZoneInfo(current_timezone())).astimezone(UTC)
    except OverflowError:
        return None


def typed_search() -> str:
    """What was typed into the search field, as our texts can hold it."""
    return search_text(request.args.get("q"))
