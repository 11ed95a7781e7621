"""Money and quantities: currency signs, separators, brackets and full-width digits to integer minor units."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from alliance.platform.kernel.money import precision
from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.words import EMPTY_WORDS, clean_code
from alliance.tenants.importing.problems import Problem

MAX_MINOR = 10**12
MAX_QUANTITY = 1_000_000
_SIGNS: dict[str, frozenset[str]] = {
    "¥": frozenset({"CNY", "JPY"}),
    "元": frozenset({"CNY"}),
    "圆": frozenset({"CNY"}),
    "块": frozenset({"CNY"}),
    "RMB": frozenset({"CNY"}),
    "人民币": frozenset({"CNY"}),
    "円": frozenset({"JPY"}),
    "$": frozenset({"USD", "CAD", "AUD", "SGD", "HKD", "TWD", "NZD", "MXN"}),
    "US$": frozenset({"USD"}),
    "HK$": frozenset({"HKD"}),
    "NT$": frozenset({"TWD"}),
    "美元": frozenset({"USD"}),
    "港币": frozenset({"HKD"}),
    "€": frozenset({"EUR"}),
    "欧元": frozenset({"EUR"}),
    "£": frozenset({"GBP"}),
    "₩": frozenset({"KRW"}),
    "CN¥": frozenset({"CNY"}),
    "CN￥": frozenset({"CNY"}),
}
_SHAPE = re.compile(
    r"^(?P<open>\()?\s*(?P<sign>[+\-−–])?\s*(?P<before>[^\d\s.,()+\-−–]*)\s*(?P<sign2>[+\-−–])?\s*"
    r"(?P<number>\d[\d.,' ]*|[.,]\d+)\s*(?P<after>[^\d\s.,()]*)\s*(?P<close>\))?$"
)
_PLAIN = re.compile(r"^-?\d+(?:\.\d+)?$")
_MINUS = frozenset("-−–")


def read_money(value: str, *, currency: str) -> Cell[int]:
    """An amount of the shop's currency in minor units; may be negative (the column decides whether it may).

    Both decimal comma and thousand separators are understood: the last separator followed by one or two digits is
    the decimal one. Another currency's sign or code is a fault, not a conversion.
    """
    text = clean_code(value).replace("￥", "¥")
    if text.lower() in EMPTY_WORDS:
        return Cell()
    if _PLAIN.match(text):
        return _scaled(Decimal(text), currency, note=None)
    shape = _SHAPE.match(text)
    if shape is None or bool(shape["open"]) != bool(shape["close"]):
        return Cell(fault=Problem.MONEY_UNREADABLE)
    wrong = _wrong_currency(shape["before"], shape["after"], currency)
    if wrong is not None:
        return Cell(fault=wrong)
    number = _decimal(shape["number"])
    if number is None:
        return Cell(fault=Problem.MONEY_UNREADABLE)
    negative = bool(shape["open"]) or shape["sign"] in _MINUS or shape["sign2"] in _MINUS
    return _scaled(-number if negative else number, currency, note=Problem.MONEY_REREAD)


def _wrong_currency(before: str, after: str, currency: str) -> Problem | None:
    for sign in (before.strip().upper(), after.strip().upper()):
        if not sign or sign == currency or currency in _SIGNS.get(sign, ()):
            continue
        known = sign in _SIGNS or (len(sign) == 3 and sign.isascii() and sign.isalpha())
        return Problem.CURRENCY_MISMATCH if known else Problem.MONEY_UNREADABLE
    return None


def _decimal(text: str) -> Decimal | None:
    digits = text.replace(" ", "").replace("'", "")
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
    elif comma >= 0:
        thousands = "" if digits.count(",") == 1 and len(digits) - comma - 1 in (1, 2) else ","
    else:
        thousands = "." if digits.count(".") > 1 else ""
    if thousands:
        parts = digits.split(thousands)
        whole = [part.split("," if thousands == "." else ".")[0] for part in parts[1:]]
        if any(len(part) != 3 for part in whole):
            return None
        digits = digits.replace(thousands, "")
    digits = digits.replace(",", ".")
    return Decimal(digits) if digits.count(".") <= 1 and digits.strip(".") else None


def _scaled(number: Decimal, currency: str, *, note: Problem | None) -> Cell[int]:
    places = precision(currency)
    exact = number.scaleb(places)
    minor = exact.to_integral_value(rounding=ROUND_HALF_UP)
    if abs(minor) > MAX_MINOR:
        return Cell(fault=Problem.MONEY_TOO_LARGE)
    if minor != exact:
        note = Problem.MONEY_ROUNDED
    return Cell(int(minor), note=note)


_COUNT = re.compile(
    r"^(?P<sign>[-−])?\(?(?P<number>\d[\d,]*)(?:\.0*)?\)?\s*(?:件|个|双|条|套|只|瓶|盒|pcs|pc|x|×)?$", re.I
)


def read_quantity(value: str) -> Cell[int]:
    """A whole number of pieces, with or without a measure word. Negative ones are kept: a sign may mean a return."""
    text = clean_code(value)
    if text.lower() in EMPTY_WORDS:
        return Cell()
    shape = _COUNT.match(text.removeprefix("x").removeprefix("×").removeprefix("*"))
    if shape is None:
        return Cell(fault=Problem.QUANTITY_UNREADABLE)
    number = int(shape["number"].replace(",", ""))
    if number > MAX_QUANTITY:
        return Cell(fault=Problem.QUANTITY_UNREADABLE)
    return Cell(-number if shape["sign"] else number)
