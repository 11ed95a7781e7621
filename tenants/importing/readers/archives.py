"""Checks of a zipped workbook before any parser sees it: what it would unpack to, counted and not believed."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.readers.rows import UnreadableFileError

MEGABYTE = 1024 * 1024
MAX_ENTRIES = 2_000
MAX_UNPACKED = 400 * MEGABYTE
# XML of a table packs about tenfold; a bomb a thousandfold. Small entries may exceed the ratio.
MAX_RATIO = 200
RATIO_FROM = 10 * MEGABYTE
BLOCK = 256 * 1024
_STORED, _DEFLATED = 0, 8
_LOCAL_HEADER = 30


def check_workbook(stream: BinaryIO) -> None:
    """Unpack every entry into nothing and count. A bomb, a lying size or a password is UnreadableFileError."""
    try:
        with zipfile.ZipFile(stream) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise _damaged() from None
    if len(entries) > MAX_ENTRIES or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise _bomb()
    unpacked = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise UnreadableFileError(_("Excel 文件有密码保护。请去掉密码后再上传"))
        unpacked += _unpacked_size(stream, entry, room=MAX_UNPACKED - unpacked)
    stream.seek(0)


def _unpacked_size(stream: BinaryIO, entry: zipfile.ZipInfo, *, room: int) -> int:
    stream.seek(entry.header_offset)
    header = stream.read(_LOCAL_HEADER)
    if len(header) < _LOCAL_HEADER or entry.compress_type not in (_STORED, _DEFLATED):
        raise _damaged()
    stream.seek(int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little"), 1)
    if entry.compress_type == _STORED:
        return entry.file_size
    size = _inflate(stream, entry.compress_size, room=room)
    if size > RATIO_FROM and size > entry.compress_size * MAX_RATIO:
        raise _bomb()
    if size != entry.file_size:
        raise _damaged()
    return size


def _inflate(stream: BinaryIO, packed: int, *, room: int) -> int:
    machine, size = zlib.decompressobj(-zlib.MAX_WBITS), 0
    left = packed
    try:
        while left > 0 and not machine.eof:
            block = stream.read(min(BLOCK, left))
            if not block:
                raise _damaged()
            left -= len(block)
            while block:
                size += len(machine.decompress(block, BLOCK))
                block = machine.unconsumed_tail
                if size > room:
                    raise _bomb()
    except zlib.error:
        raise _damaged() from None
    return size + len(machine.flush())


def _bomb() -> UnreadableFileError:
    return UnreadableFileError(
        _(
            "文件解压后超过 %(limit)s MB，可能是压缩炸弹，已拒绝。请把表格拆分，或另存为 CSV 后再上传",
            limit=MAX_UNPACKED // MEGABYTE,
        )
    )


def _damaged() -> UnreadableFileError:
    return UnreadableFileError(_("Excel 文件已损坏，无法打开。请重新导出或另存后再上传"))
