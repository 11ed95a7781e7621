"""Files made to break the reader: each is refused in words, soon, and nothing of the process dies."""

from __future__ import annotations

import io
import time

import pytest
import xlsxwriter
from support.importing import xlsx_bytes

from alliance.tenants.importing.layout import inspect_file
from alliance.tenants.importing.readers.rows import UnreadableFileError
from alliance.tenants.importing.readers.sheets import MAX_COLUMNS
from alliance.tenants.importing.states import ImportKind

HEADER = ["订单号", "SKU", "商品名称", "数量", "单价", "下单时间"]
ROW = ["0012", "A-1", "连衣裙", 1, 199.0, "2026-10-01"]


def with_a_far_cell() -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADER)
    sheet.write_row(1, 0, ROW)
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    return buffer.getvalue()


def test_a_cell_in_the_last_corner_is_refused_and_the_process_lives():
    with pytest.raises(UnreadableFileError, match="表格的范围太大"):
        inspect_file(io.BytesIO(with_a_far_cell()), ImportKind.ORDERS)


def test_an_ordinary_workbook_passes_the_look():
    found = inspect_file(io.BytesIO(xlsx_bytes([HEADER, ROW])), ImportKind.ORDERS)
    assert list(found.layout.headers) == HEADER


def test_a_text_file_with_a_hundred_thousand_columns_is_refused_at_once():
    content = (",".join(f"c{n}" for n in range(100_000)) + "\n" + ",".join("1" * 100_000) + "\n").encode()
    begun = time.monotonic()
    with pytest.raises(UnreadableFileError, match=f"表格超过 {MAX_COLUMNS} 列"):
        inspect_file(io.BytesIO(content), ImportKind.ORDERS)
    assert time.monotonic() - begun < 5


def test_looking_at_a_text_file_leaves_no_reader_behind(recwarn: pytest.WarningsRecorder):
    stream = io.BytesIO((",".join(HEADER) + "\n" + "0012,A-1,T,1,1,2026-10-01\n" * 100).encode())
    inspect_file(stream, ImportKind.ORDERS)
    stream.close()
    assert [str(warning.message) for warning in recwarn if "read_delimited" in str(warning.message)] == []
