"""How pages write texts, money, numbers and times: in the reader's language and the active shop's zone."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal, format_percent
from flask import Flask
from lucide import lucide_icon
from markupsafe import Markup

from alliance.platform.kernel import clock
from alliance.platform.kernel.money import precision
from alliance.platform.kernel.texts import Text, translate
from alliance.web.security.current import current_timezone
from alliance.web.security.locale import current_locale

NOTHING = "—"


def page_text(msgid: str, /, **values: Any) -> Markup:
    """Templates' `_()`: the text in the reader's language, its values escaped; a value may itself be a `Text`."""
    template = Markup(translate(msgid, current_locale()))  # noqa: S704 (from our catalogues)
    return template % {name: finish(value) for name, value in values.items()} if values else template


def finish(value: Any) -> Any:
    """What a template prints: a `Text` is rendered in the reader's language, all else stays."""
    return value.render(current_locale()) if isinstance(value, Text) else value


def money(amount_minor: int | None, currency: str) -> str:
    """Minor units as an amount with its currency sign; a dash for an unknown amount."""
    if amount_minor is None:
        return NOTHING
    amount = Decimal(amount_minor).scaleb(-precision(currency))
    return str(format_currency(amount, currency, locale=current_locale()))


def number(value: float | None) -> str:
    """A count with the language's separators; a dash for None."""
    return NOTHING if value is None else str(format_decimal(value, locale=current_locale()))


def percent(value: float | None) -> str:
    """A share of 1 as a percentage with at most one decimal; a dash for None."""
    return NOTHING if value is None else str(format_percent(value, "#,##0.#%", locale=current_locale()))


def day(value: date | datetime | None) -> str:
    """A date in the shop's zone: `2026年11月25日`, `Nov 25, 2026`."""
    if value is None:
        return NOTHING
    local = value.astimezone(_zone()) if isinstance(value, datetime) else value
    return str(format_date(local, "medium", locale=current_locale()))


def moment(value: datetime | None) -> str:
    """A date and minute in the shop's zone."""
    if value is None:
        return NOTHING
    pattern = "yyyy年M月d日 HH:mm" if current_locale() == "zh_CN" else "MMM d, yyyy, HH:mm"
    return str(format_datetime(value.astimezone(_zone()), pattern, locale=current_locale()))


def ago(value: datetime | None) -> str:
    """How long ago, in words."""
    if value is None:
        return NOTHING
    return str(format_timedelta(value - clock.now(), add_direction=True, locale=current_locale()))


def file_size(size: int) -> str:
    """Bytes in the unit a person would choose."""
    amount = float(size)
    for unit in ("B", "KB", "MB"):
        if amount < 1024:
            return f"{number(round(amount, 1 if unit == 'MB' else 0))} {unit}"
        amount /= 1024
    return f"{number(round(amount, 1))} GB"


@cache
def icon(name: str, size: int = 18) -> Markup:
    """An inline picture from Lucide, decoration only: a text beside it carries the meaning."""
    drawing = lucide_icon(name, width=size, height=size, cls="icon")
    if "<svg" not in drawing:
        raise LookupError(f"there is no icon {name}")
    return Markup(drawing.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1))  # noqa: S704 (our package's own drawing)


def _zone() -> ZoneInfo:
    return ZoneInfo(current_timezone())


def install_formats(app: Flask) -> None:
    """Give the templates `_()`, the filters and `icon()`."""
    environment = app.jinja_env
    environment.filters.update(
        money=money, number=number, percent=percent, day=day, moment=moment, ago=ago, file_size=file_size
    )
    environment.globals.update(_=page_text, icon=icon, locale=current_locale)
