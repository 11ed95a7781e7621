"""Dates and times as people and platforms write them, to aware moments in UTC.

A time without a zone is the shop's. `03/04/25` means nothing until its column has an order (`DateOrder`): a column's
own evidence decides (a part above 12), else a person does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.words import EMPTY_WORDS, clean_code
from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.states import DateOrder

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
# Platform deadlines lie ahead; anything else later than this is a wrong year.
AHEAD = timedelta(days=366)
EXCEL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 (a serial has no zone; the shop's is added)
EXCEL_FIRST, EXCEL_LAST = 20_000, 80_000
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$")

_TIME = (
    r"(?:[T\s]+(?P<half>上午|下午|晚上|中午|凌晨)?\s*"
    r"(?P<h>\d{1,2})[:时点](?P<mi>\d{1,2})?(?:[:分](?P<s>\d{1,2}))?秒?"
    r"(?:[.,](?P<f>\d{1,9}))?\s*(?P<ampm>[AaPp]\.?[Mm]\.?)?)?"
)
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2}|PST|PDT|EST|EDT|CST)?$"
_YMD = re.compile(r"^(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})日?" + _TIME + _ZONE)
_ABC = re.compile(r"^(?P<a>\d{1,2})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})" + _TIME + _ZONE)
_NAMED = re.compile(
    r"^(?:[A-Za-z]{3,9},?\s+)?"
    r"(?:(?P<d1>\d{1,2})[ -](?P<n1>[A-Za-z]{3,9})|(?P<n2>[A-Za-z]{3,9})\s+(?P<d2>\d{1,2}))"
    r",?[ -](?P<y>\d{4})" + _TIME + _ZONE
)
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# North American abbreviations that platforms export; CST is China's here, since the shop's zone is the default.
_ZONES = {"PST": -8, "PDT": -7, "EST": -5, "EDT": -4, "CST": 8}


@dataclass(frozen=True, slots=True)
class DateRules:
    """How a column is read: the shop's zone, the slashed order if decided, and the import's moment."""

    zone: tzinfo
    order: DateOrder | None
    now: datetime


def shape_of(value: str) -> str:
    """The group a date belongs to in the report of mixed formats; slashed ones say what they prove.

    `iso`, `chinese`, `slashed-ymd`, `serial`, `epoch`, `compact`, `named`; `day-first`, `month-first`, `ambiguous`
    and `same` (03/03) for slashed dates with the year last; `empty`, `other`.
    """
    text = clean_code(value)
    if text.lower() in EMPTY_WORDS:
        return "empty"
    if _YMD.match(text):
        return "chinese" if "年" in text else "iso" if "-" in text[:8] else "slashed-ymd"
    slashed = _ABC.match(text)
    if slashed:
        a, b = int(slashed["a"]), int(slashed["b"])
        if a > 12 >= b:
            return "day-first"
        if b > 12 >= a:
            return "month-first"
        return "same" if a == b else "ambiguous"
    for name, pattern in (("serial", _SERIAL), ("epoch", _EPOCH), ("compact", COMPACT), ("named", _NAMED)):
        if pattern.match(text):
            return name
    return "other"


def read_date(value: str, rules: DateRules) -> Cell[datetime]:
    """The moment in UTC. Unreadable, impossible, ambiguous and out-of-range dates are faults, each its own."""
    text = clean_code(value)
    if text.lower() in EMPTY_WORDS or text.startswith("0000-00-00"):
        return Cell()
    try:
        moment = _parse(text, rules)
    except _AmbiguousError:
        return Cell(fault=Problem.DATE_AMBIGUOUS)
    except (ValueError, OverflowError):
        return Cell(fault=Problem.DATE_UNREADABLE)
    if not EARLIEST <= moment <= rules.now + AHEAD:
        return Cell(fault=Problem.DATE_OUT_OF_RANGE)
    return Cell(moment)


class _AmbiguousError(Exception):
    """Day and month cannot be told apart."""


def _parse(text: str, rules: DateRules) -> datetime:
    ymd = _YMD.match(text)
    if ymd:
        return _moment(ymd, int(ymd["y"]), int(ymd["m"]), int(ymd["d"]), rules)
    slashed = _ABC.match(text)
    if slashed:
        return _slashed(slashed, rules)
    named = _NAMED.match(text)
    if named:
        month = _MONTHS.index((named["n1"] or named["n2"])[:3].lower()) + 1
        return _moment(named, int(named["y"]), month, int(named["d1"] or named["d2"]), rules)
    compact = COMPACT.match(text)
    if compact and len(text) != 10:
        parts = [int(part or 0) for part in compact.groups()]
        return datetime(*parts[:3], *parts[3:], tzinfo=rules.zone).astimezone(UTC)  # type: ignore[arg-type,misc]  # a fixed run of ints
    if _EPOCH.match(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if _SERIAL.match(text):
        return _serial(float(text), rules)
    raise ValueError(text)


def _serial(serial: float, rules: DateRules) -> datetime:
    if not EXCEL_FIRST <= serial <= EXCEL_LAST:
        raise ValueError(serial)
    local = EXCEL_EPOCH + timedelta(seconds=round(serial * 86_400))
    return local.replace(tzinfo=rules.zone).astimezone(UTC)


def _slashed(match: re.Match[str], rules: DateRules) -> datetime:
    a, b, year = int(match["a"]), int(match["b"]), int(match["y"])
    if len(match["y"]) == 2:
        if rules.order is DateOrder.YMD:
            return _moment(match, 2000 + a, b, year, rules)
        year += 2000
    if a > 12 or b > 12 or a == b:
        day, month = (a, b) if a > 12 or a == b else (b, a)
    elif rules.order is DateOrder.DMY:
        day, month = a, b
    elif rules.order is DateOrder.MDY:
        day, month = b, a
    else:
        raise _AmbiguousError
    return _moment(match, year, month, day, rules)


def _moment(match: re.Match[str], year: int, month: int, day: int, rules: DateRules) -> datetime:
    hour, minute, second = (int(match[part] or 0) for part in ("h", "mi", "s"))
    later = (match["ampm"] or "")[:1].lower() == "p" or match["half"] in {"下午", "晚上"}
    if later and hour < 12:
        hour += 12
    elif hour == 12 and ((match["ampm"] or "")[:1].lower() == "a" or match["half"] == "凌晨"):
        hour = 0
    micro = int((match["f"] or "0")[:6].ljust(6, "0"))
    local = datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
    zone = match["zone"]
    if zone in {"Z", "UTC", "GMT"}:
        return local
    if zone in _ZONES:
        return local - timedelta(hours=_ZONES[zone])
    if zone:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return local - offset if zone[0] == "+" else local + offset
    return local.replace(tzinfo=rules.zone).astimezone(UTC)
