"""Readers: what a file is, by its content; encodings, delimiters, broken rows, workbooks and bombs."""

from __future__ import annotations

import io
import zipfile

import pytest
from support.importing import xlsx_bytes

from alliance.tenants.importing.layout import inspect_file, read_file
from alliance.tenants.importing.readers.archives import check_workbook
from alliance.tenants.importing.readers.delimited import detect_encoding
from alliance.tenants.importing.readers.rows import UnreadableFileError
from alliance.tenants.importing.readers.sheets import cell_text
from alliance.tenants.importing.states import FileFormat, ImportKind

HEADER = "订单号,SKU,下单时间"


def rows_of(content: bytes, kind: ImportKind | None = None) -> list[tuple[int, list[str]]]:
    """The data rows of a file as it is understood."""
    stream = io.BytesIO(content)
    layout = inspect_file(stream, kind).layout
    return [
        (number, cells)
        for block in read_file(stream, layout)
        for number, cells in zip(block.numbers, block.rows, strict=True)
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found(encoding: str, delimiter: str) -> None:
    content = f"{HEADER}\n0012,连衣裙-𠮷,2026-10-01\n".replace(",", delimiter).encode(encoding)
    stream = io.BytesIO(content)
    layout = inspect_file(stream, ImportKind.ORDERS).layout
    assert layout.headers == ("订单号", "SKU", "下单时间")
    assert rows_of(content) == [(2, ["0012", "连衣裙-𠮷", "2026-10-01"])]


def test_a_few_broken_bytes_do_not_make_utf8_another_encoding() -> None:
    good = "订单号,商品名称\n" + "1,很好看的连衣裙\n" * 50
    assert detect_encoding(io.BytesIO(good.encode() + b"2,\xff\xfe\n")) == "utf-8-sig"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空的"),
        (b"\xef\xbb\xbf\r\n \r\n", "空的"),
        (HEADER.encode(), "只有表头"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "图片"),
        (b"\xff\xd8\xff\xe0", "图片"),
        (b"<html><table><tr><td>1</td></tr></table>", "网页"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "网页"),
        (b"\x1f\x8b\x08rest", "压缩包"),
        (b"MZ\x90\x00", "程序"),
        (b"a\x00b\x00c\x00,\x00d\x00\n\x00", "二进制"),
        (b"PK\x03\x04 broken", "损坏"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 broken", "损坏"),
    ],
)
def test_what_is_no_table_is_told_what_it_is(content: bytes, words: str) -> None:
    with pytest.raises(UnreadableFileError) as refused:
        inspect_file(io.BytesIO(content), ImportKind.ORDERS)
    assert words in str(refused.value)
    assert refused.value.field == ("upload",)


def test_a_word_document_and_an_archive_are_told_apart() -> None:
    for name, words in (("word/document.xml", "Word"), ("holiday.jpg", "压缩包"), ("content.xml", "另存为")):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(name, "x")
        buffer.seek(0)
        with pytest.raises(UnreadableFileError, match=words):
            inspect_file(buffer, None)


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as entry:
            for _ in range(60):
                entry.write(b"\0" * (1 << 20))
    with pytest.raises(UnreadableFileError, match="压缩炸弹"):
        check_workbook(buffer)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "x" * 5_000_000)
    content = buffer.getvalue().replace((5_000_000).to_bytes(4, "little"), (500).to_bytes(4, "little"))
    with pytest.raises(UnreadableFileError, match="损坏"):
        check_workbook(io.BytesIO(content))


def test_too_many_entries_are_refused() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(2_100):
            archive.writestr(f"xl/{number}", "")
    with pytest.raises(UnreadableFileError, match="压缩炸弹"):
        check_workbook(buffer)


def test_typed_cells_of_a_workbook_are_what_a_person_sees() -> None:
    assert [cell_text(value) for value in (20261103882.0, 1.5, True, "x")] == ["20261103882", "1.5", "TRUE", "x"]
    assert cell_text(1234567890123456789.0) == "1.23456789012346E+18"


def test_titles_above_the_header_and_merged_cells_are_understood() -> None:
    content = xlsx_bytes(
        [
            ["十月订单", None, None],
            [None, None, None],
            ["订单信息", None, "商品"],
            ["订单号", "下单时间", "SKU"],
            ["0012", "2026-10-01", "A-1"],
            [None, "2026-10-01", "A-2"],
            ["0013", "2026-10-02", "A-3"],
            [None, None, None],
        ],
        merges=[(2, 0, 2, 1, "订单信息"), (4, 0, 5, 0, "0012")],
    )
    assert rows_of(content, ImportKind.ORDERS) == [
        (5, ["0012", "2026-10-01", "A-1"]),
        (6, ["0012", "2026-10-01", "A-2"]),
        (7, ["0013", "2026-10-02", "A-3"]),
    ]


def test_a_header_over_two_rows_is_put_together() -> None:
    content = ("订单号,商品,,下单时间\n,SKU,数量,\n1,A,2,2026-10-01\n").encode()
    stream = io.BytesIO(content)
    layout = inspect_file(stream, ImportKind.ORDERS).layout
    assert layout.headers == ("订单号", "SKU", "数量", "下单时间")
    assert rows_of(content, ImportKind.ORDERS) == [(3, ["1", "A", "2", "2026-10-01"])]


def test_repeated_and_empty_headers_stay_apart() -> None:
    stream = io.BytesIO("订单号,金额,金额,\n1,2,3,4\n".encode())
    assert inspect_file(stream, ImportKind.ORDERS).layout.headers[:3] == ("订单号", "金额", "金额 (2)")


def test_a_quote_that_never_closes_is_named_and_passed_over() -> None:
    content = f'{HEADER}\n1,"{"x" * 140_000}\n2,A,2026-10-01\n'.encode()
    stream = io.BytesIO(content)
    layout = inspect_file(io.BytesIO(f"{HEADER}\n1,2,3\n".encode()), ImportKind.ORDERS).layout
    blocks = list(read_file(stream, layout))
    assert [broken for block in blocks for broken in block.broken] == [(2, "row_quotes")]
    assert [list(block.rows) for block in blocks if block.rows] == [[["2", "A", "2026-10-01"]]]


def test_formats_are_told_by_content() -> None:
    stream = io.BytesIO(xlsx_bytes([["订单号", "SKU", "下单时间"], ["1", "A", "2026-10-01"]]))
    assert inspect_file(stream, None).layout.format is FileFormat.XLSX
