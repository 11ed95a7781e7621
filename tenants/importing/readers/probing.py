"""A first look at a workbook in a process of its own: the parser may want more memory than there is, and aborts then.

A file of a few kilobytes with one cell in the last corner makes the parser ask for half a terabyte. What dies of that
must not be the web server.
"""

from __future__ import annotations

import subprocess
import sys
from typing import BinaryIO

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.readers.archives import check_workbook
from alliance.tenants.importing.readers.rows import UnreadableFileError
from alliance.tenants.importing.states import FileFormat

# Cells between the first used corner of a sheet and the last one: 32 bytes each once it is read.
MAX_CELLS = 20_000_000
MEMORY_BYTES = 3 * 1024**3
CPU_SECONDS = 120
TOO_LARGE = 3
_LOOK = """
import io, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[2]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[3]),) * 2)
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
from python_calamine import CalamineWorkbook, SheetTypeEnum
book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
for sheet in book.sheets_metadata:
    if sheet.typ is SheetTypeEnum.WorkSheet:
        found = book.get_sheet_by_name(sheet.name)
        if found.total_height * found.total_width > int(sys.argv[1]):
            sys.exit(3)
"""


def probe_workbook(stream: BinaryIO, file_format: FileFormat) -> None:
    """Refuse a workbook whose sheets cannot be held in memory with UnreadableFileError; leaves it at its start.

    Any other fault of the file is left to the reader, who names it.
    """
    if file_format is FileFormat.XLSX:
        check_workbook(stream)
    stream.seek(0)
    limits = (str(MAX_CELLS), str(MEMORY_BYTES), str(CPU_SECONDS))
    looked = subprocess.run(  # noqa: S603 (our own script; the file is only its input)
        [sys.executable, "-I", "-c", _LOOK, *limits], input=stream.read(), capture_output=True, check=False, cwd="/"
    )
    stream.seek(0)
    if looked.returncode == TOO_LARGE or looked.returncode < 0:
        raise UnreadableFileError(
            _(
                "表格的范围太大，超过 %(limit)s 个单元格，可能有一个格子远离其他内容。"
                "请删去多余的行和列，或另存为 CSV 后再上传",
                limit=MAX_CELLS,
            )
        )
