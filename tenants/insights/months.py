"""Calendar months in a shop's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from zoneinfo import ZoneInfo

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import _


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month, "2026-10"."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    def next(self) -> Month:
        """The month after."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    def start(self, zone: str) -> datetime:
        """The first moment of the month in a zone, in UTC."""
        return datetime(self.year, self.number, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def parse_month(text: str) -> Month:
    """A month from "2026-10", of the years 2 to 9998. Anything else is BAD_INPUT."""
    year, _dash, number = text.partition("-")
    if len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdigit():
        month = Month(int(year), int(number))
        # The neighbours of the first and the last year have no dates, so neither year has its own bounds.
        if 1 <= month.number <= 12 and MINYEAR < month.year < MAXYEAR:
            return month
    raise BadInputError(_("月份请写成 2026-10 这样的格式"), field=("month",))


def month_of(moment: datetime, zone: str) -> Month:
    """The month a moment falls in, in a zone."""
    local = moment.astimezone(ZoneInfo(zone))
    return Month(local.year, local.month)
