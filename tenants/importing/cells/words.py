"""Text and codes: what spreadsheets and copy-and-paste add is taken away, what people wrote stays."""

from __future__ import annotations

import re
import unicodedata

from alliance.tenants.importing.cells.cell import Cell
from alliance.tenants.importing.problems import Problem

MAX_TEXT = 2_000
INVISIBLE = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060\u00ad"
# What marks a chunk as needing the slow way: invisible, non-breaking or full-width characters, quoting tricks.
SUSPECT = r"[\x{feff}\x{200b}-\x{200f}\x{2060}\x{00ad}\x{00a0}\x{3000}]|^\s*[='`]|\t"
SUSPECT_CODE = SUSPECT + r"|[\x{ff01}-\x{ff5e}]"
EMPTY_WORDS = frozenset({"", "-", "--", "—", "/", "null", "none", "nan", "n/a", "#n/a", "无", "nil"})

_FORMULA_TEXT = re.compile(r'^="(.*)"$', re.DOTALL)
_DROPPED = {ord(char): None for char in INVISIBLE}
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:\.\d+)?[eE][+-]?\d+$")
_EXCEL_WHOLE = re.compile(r"^\d+\.0+$")


def clean_text(value: str) -> str:
    """A text as written, without invisible characters, the text mark `'` and the form `="..."`."""
    text = value.translate(_DROPPED).replace("\u00a0", " ").replace("\u3000", " ").replace("\t", " ").strip()
    formula = _FORMULA_TEXT.match(text)
    if formula:
        text = formula.group(1).replace('""', '"').strip()
    if text[:1] in {"'", "`"} and len(text) > 1:
        text = text[1:].strip()
    return text


def clean_code(value: str) -> str:
    """A code, number or date in half-width characters (NFKC); leading zeros stay."""
    return unicodedata.normalize("NFKC", clean_text(value)).strip()


def read_number_code(value: str) -> Cell[str]:
    """An order, return, waybill or line number. Scientific notation is refused: its last digits are gone.

    A trailing ".0" that a spreadsheet added goes, and so does a leading "#".
    """
    code = clean_code(value)
    if code.lower() in EMPTY_WORDS:
        return Cell()
    if _SCIENTIFIC.match(code):
        return Cell(fault=Problem.SCIENTIFIC_NUMBER)
    if _EXCEL_WHOLE.match(code):
        code = code.split(".")[0]
    code = code.removeprefix("#")
    if len(code) > MAX_TEXT:
        return Cell(fault=Problem.TEXT_TOO_LONG)
    return Cell(code or None)


def read_code(value: str) -> Cell[str]:
    """A SKU or another id that may hold letters: like a number, but "1E5" is a SKU as good as any."""
    code = clean_code(value)
    if code.lower() in EMPTY_WORDS:
        return Cell()
    if _SCIENTIFIC.match(code) and "+" in code:
        return Cell(fault=Problem.SCIENTIFIC_NUMBER)
    if _EXCEL_WHOLE.match(code):
        code = code.split(".")[0]
    if len(code) > MAX_TEXT:
        return Cell(fault=Problem.TEXT_TOO_LONG)
    return Cell(code)


def read_text(value: str) -> Cell[str]:
    """Free text; more than 2000 characters are refused, since a lost quote makes such cells."""
    text = clean_text(value)
    if len(text) > MAX_TEXT:
        return Cell(fault=Problem.TEXT_TOO_LONG)
    return Cell(text or None)


_YES = frozenset(
    {"yes", "y", "true", "1", "是", "有", "已退", "已退货", "退货", "returned", "return", "退", "√", "✓", "x"}
)
_NO = frozenset(
    {"no", "n", "false", "0", "否", "没有", "未退", "未退货", "not returned", "complete", "completed", "sold"}
)
_OTHER_STATES = frozenset(
    {"cancelled", "canceled", "processing", "shipped", "delivered", "pending", "已完成", "已发货"}
)


def read_flag(value: str) -> Cell[bool]:
    """Whether something came back. An empty cell means no; a word nobody knows is noted and means no."""
    word = clean_code(value).lower()
    if word in EMPTY_WORDS or word in _NO or word in _OTHER_STATES:
        return Cell(value=False)
    if word in _YES:
        return Cell(value=True)
    return Cell(value=False, note=Problem.FLAG_UNKNOWN)
