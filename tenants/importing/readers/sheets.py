"""Rows of a workbook (XLSX, XLS), every cell as the text a person sees, merged cells filled."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any, BinaryIO

from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.readers.archives import check_workbook
from alliance.tenants.importing.readers.rows import Row, UnreadableFileError
from alliance.tenants.importing.states import FileFormat

# Above 15 digits a spreadsheet has already rounded a number; it must not pass for exact.
EXACT = 10**15
MAX_COLUMNS = 1_000


class Workbook:
    """An opened workbook. The sheet being read is held in memory; `check_workbook` bounds how much that can be."""

    def __init__(self, stream: BinaryIO, file_format: FileFormat) -> None:
        if file_format is FileFormat.XLSX:
            check_workbook(stream)
        stream.seek(0)
        self._book = _open(io.BytesIO(stream.read()))

    @property
    def sheet_names(self) -> list[str]:
        """The visible worksheets, in the workbook's order."""
        return [
            sheet.name
            for sheet in self._book.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]

    def rows(self, name: str, *, limit: int | None = None) -> Iterator[Row]:
        """Numbered rows of one sheet; trailing empty ones are left out. An unknown sheet is UnreadableFileError."""
        sheet = _guarded(self._book.get_sheet_by_name, name)
        check_width(sheet.total_width)
        fills = _Fills(sheet.merged_cell_ranges or [])
        # The parser begins at row 1 but leaves out empty columns on the left.
        margin = [""] * (sheet.start[1] if sheet.start else 0)
        for index, values in enumerate(sheet.iter_rows()):
            if limit is not None and index >= limit:
                return
            cells = fills.apply(index, margin + [cell_text(value) for value in values])
            if any(cells):
                yield Row(index + 1, cells)


def check_width(columns: int) -> None:
    """Refuse a table with more columns than any export has with UnreadableFileError: guessing them takes minutes."""
    if columns > MAX_COLUMNS:
        raise UnreadableFileError(_("表格超过 %(limit)s 列。请删去多余的列后再上传", limit=MAX_COLUMNS))


class _Fills:
    """Merged ranges: the value of the top left cell stands for every row of the range (not for its columns)."""

    def __init__(self, ranges: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
        self._open = sorted(ranges)
        self._values: dict[tuple[int, int], str] = {}

    def apply(self, row: int, cells: list[str]) -> list[str]:
        for (top, left), (bottom, _right) in self._open:
            if top > row:
                break
            if left < len(cells) and row == top:
                self._values[(top, left)] = cells[left]
            elif left < len(cells) and top < row <= bottom and not cells[left]:
                cells[left] = self._values.get((top, left), "")
        if self._open and row % 1000 == 0:
            self._open = [item for item in self._open if item[1][0] >= row]
        return cells


def cell_text(value: Any) -> str:
    """A typed cell as text: whole numbers without ".0", times in ISO form, a rounded long number in its true form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, (dt.date, dt.time, dt.timedelta)):
        return str(value)
    return str(value)


def _number_text(value: float) -> str:
    if abs(value) >= EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else repr(value)


def _open(buffer: BinaryIO) -> CalamineWorkbook:
    book: CalamineWorkbook = _guarded(CalamineWorkbook.from_filelike, buffer)
    return book


def _guarded(action: Any, argument: Any) -> Any:
    try:
        return action(argument)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as problem:  # noqa: BLE001 (the parser's panics are BaseException)
        if "password" in str(problem).lower() or "encrypt" in str(problem).lower():
            raise UnreadableFileError(_("Excel 文件有密码保护。请去掉密码后再上传")) from None
        raise UnreadableFileError(_("Excel 文件已损坏，无法打开。请重新导出或另存后再上传")) from None
