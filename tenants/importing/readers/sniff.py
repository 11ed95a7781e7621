"""What a file is, by its first bytes. Names and declared types are not believed."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from alliance.platform.kernel.texts import Text, _
from alliance.tenants.importing.readers.rows import UnreadableFileError
from alliance.tenants.importing.states import FileFormat

HEAD = 8192
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"
# More zero bytes than this in a file without a mark is UTF-16 or a program, never a table.
ZERO_SHARE = 0.05

_SIGNATURES: tuple[tuple[bytes, Text], ...] = (
    (b"%PDF", _("这是 PDF 文件，无法读出表格。请在来源系统中导出 CSV 或 Excel（xlsx）后再上传")),
    (b"\x89PNG", _("这是图片，无法读出表格。请上传 CSV 或 Excel（xlsx、xls）文件")),
    (b"\xff\xd8\xff", _("这是图片，无法读出表格。请上传 CSV 或 Excel（xlsx、xls）文件")),
    (b"GIF8", _("这是图片，无法读出表格。请上传 CSV 或 Excel（xlsx、xls）文件")),
    (b"RIFF", _("这是图片，无法读出表格。请上传 CSV 或 Excel（xlsx、xls）文件")),
    (b"\x1f\x8b", _("这是压缩包。请先解压，再上传其中的 CSV 或 Excel 文件")),
    (b"Rar!", _("这是压缩包。请先解压，再上传其中的 CSV 或 Excel 文件")),
    (b"7z\xbc\xaf", _("这是压缩包。请先解压，再上传其中的 CSV 或 Excel 文件")),
    (b"MZ", _("这是程序文件，不能导入。请上传 CSV 或 Excel（xlsx、xls）文件")),
    (b"\x7fELF", _("这是程序文件，不能导入。请上传 CSV 或 Excel（xlsx、xls）文件")),
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<head", b"<meta", b"<style")


def detect_format(stream: BinaryIO) -> FileFormat:
    """The format by content; leaves the stream at its start. Anything but CSV, XLSX, XLS is UnreadableFileError."""
    head = stream.read(HEAD)
    stream.seek(0)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise UnreadableFileError(_("文件是空的，没有任何内容"))
    if head.startswith(OLE):
        return FileFormat.XLS
    if head.startswith((ZIP, EMPTY_ZIP)):
        return _zip_format(stream)
    for signature, message in _SIGNATURES:
        if head.startswith(signature):
            raise UnreadableFileError(message)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise UnreadableFileError(
            _("这是网页格式的文件（扩展名可能是 xls）。请用 Excel 或 WPS 打开，另存为 xlsx 或 CSV 后再上传")
        )
    if not head.startswith((b"\xff\xfe", b"\xfe\xff")) and head.count(0) > len(head) * ZERO_SHARE:
        raise UnreadableFileError(_("文件不是文本表格（含有大量二进制内容）。请另存为 UTF-8 编码的 CSV 后再上传"))
    return FileFormat.CSV


def _zip_format(stream: BinaryIO) -> FileFormat:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise UnreadableFileError(_("Excel 文件已损坏，无法打开。请重新导出或另存后再上传")) from None
    finally:
        stream.seek(0)
    if "xl/workbook.xml" in names:
        return FileFormat.XLSX
    if "word/document.xml" in names:
        raise UnreadableFileError(_("这是 Word 文档。请把表格复制到 Excel，另存为 xlsx 后再上传"))
    if "xl/workbook.bin" in names or "content.xml" in names:
        raise UnreadableFileError(_("暂不支持这种电子表格格式。请另存为 xlsx 或 CSV 后再上传"))
    raise UnreadableFileError(_("这是压缩包。请先解压，再上传其中的 CSV 或 Excel 文件"))
