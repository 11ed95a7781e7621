"""What people type about alliances, shops and accounts, checked and in one form."""

from __future__ import annotations

import re
import unicodedata
from zoneinfo import available_timezones

from babel.core import get_global

from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.texts import LOCALES, _

HANDLE = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")
EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@\"(),:;<>\[\]\\]+\.[^\s@\"(),:;<>\[\]\\]{2,}")
MOST_EMAIL = 254
MOST_NAME = 80
# Names that Python lists and a database server need not know: no place, or whatever the machine is set to.
NO_PLACE = frozenset({"Factory", "localtime", "posixrules"})
# A joiner between two pictures; the first may carry a skin tone or the sign that asks for colours.
EMOJI_JOINER = re.compile(
    "(?<=[\u2190-\u2bff\ufe0f\U0001f300-\U0001faff])\u200d(?=[\u2190-\u2bff\U0001f300-\U0001faff])"
)


def clean_handle(value: str) -> str:
    """Two to forty lower-case letters, digits and inner hyphens, as it stands in addresses. Else BadInputError."""
    handle = value.strip().lower()
    if not HANDLE.fullmatch(handle):
        raise BadInputError(_("标识只能由 2 到 40 个小写字母、数字和连字符组成"), field=("handle",))
    return handle


def clean_name(value: str, *, field: str = "name") -> str:
    """One line of 1 to 80 characters without control characters, in composed form. Else BadInputError.

    The invisible sign that joins emoji into one (a family, say) is kept between them and refused elsewhere.
    """
    name = " ".join(unicodedata.normalize("NFC", value).split())
    if not 1 <= len(name) <= MOST_NAME or _has_control(EMOJI_JOINER.sub("", name)):
        raise BadInputError(_("名称须为 1 到 %(most)s 个字符", most=MOST_NAME), field=(field,))
    return name


def clean_email(value: str) -> str:
    """The address in the one form it is stored in and looked up by: lower case, composed. Else BadInputError."""
    email = unicodedata.normalize("NFKC", value).strip().lower()
    if len(email) > MOST_EMAIL or not EMAIL.fullmatch(email) or _has_control(email):
        raise BadInputError(_("请输入有效的邮箱地址"), field=("email",))
    return email


def clean_currency(value: str) -> str:
    """An ISO 4217 code that is in use or was. Else BadInputError."""
    currency = value.strip().upper()
    if currency not in get_global("all_currencies"):
        raise BadInputError(_("没有这种货币：%(currency)s", currency=value.strip()[:10]), field=("currency",))
    return currency


def clean_timezone(value: str) -> str:
    """A name of the time zone database, like Asia/Shanghai. Else BadInputError."""
    if value not in available_timezones() - NO_PLACE:
        raise BadInputError(_("没有这个时区：%(timezone)s", timezone=value.strip()[:40]), field=("timezone",))
    return value


def clean_locale(value: str) -> str:
    """One of the product's languages. Else BadInputError."""
    if value not in LOCALES:
        raise BadInputError(_("没有这种语言：%(locale)s", locale=value.strip()[:10]), field=("locale",))
    return value


def _has_control(text: str) -> bool:
    """Whether a text holds what nobody sees or no table can store: controls, invisible signs, half surrogate pairs."""
    return any(unicodedata.category(char)[0] == "C" for char in text)
