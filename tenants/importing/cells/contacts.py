"""Phone numbers to E.164 and e-mail addresses to lower case. Masked contacts of platforms are no contacts."""

from __future__ import annotations

import re

import phonenumbers

from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.cells.words import EMPTY_WORDS, clean_code
from alliance.tenants.importing.problems import Problem

_MAIL = re.compile(r"^[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,190}\.[^@\s,;<>\".]{2,63}$")
_CHINESE_MOBILE = re.compile(r"^1[3-9]\d{9}$")
_EXCEL_WHOLE = re.compile(r"^\d+\.0+$")


def read_phone(value: str, *, region: str = "CN") -> Cell[str]:
    """The number in E.164. A masked, short or invalid one is dropped with a note; the row stays."""
    text = clean_code(value)
    if text.lower() in EMPTY_WORDS:
        return Cell()
    if _EXCEL_WHOLE.match(text):
        text = text.split(".")[0]
    if _CHINESE_MOBILE.match(text) and region == "CN":
        return Cell("+86" + text)
    if "*" in text:
        return Cell(note=Problem.CONTACT_DROPPED)
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return Cell(note=Problem.CONTACT_DROPPED)
    if not phonenumbers.is_valid_number(number):
        return Cell(note=Problem.CONTACT_DROPPED)
    return Cell(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def read_email(value: str) -> Cell[str]:
    """The address in lower case. What is no address, or masked, is dropped with a note; the row stays."""
    text = clean_code(value).lower()
    if text in EMPTY_WORDS:
        return Cell()
    if "*" in text or not _MAIL.match(text):
        return Cell(note=Problem.CONTACT_DROPPED)
    return Cell(text)
