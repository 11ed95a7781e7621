"""Rows of a CSV file, streaming: encoding and delimiter found out, broken rows named and passed over."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator
from itertools import islice
from typing import BinaryIO

from alliance.platform.kernel.texts import _
from alliance.tenants.importing.problems import Problem
from alliance.tenants.importing.readers.rows import Block, UnreadableFileError

PROBE = 1024 * 1024
REPLACEMENT = "\ufffd"
DELIMITERS = (",", "\t", ";", "|")
# Up to this share of broken sequences the text is still UTF-8 with damage, above it is another encoding.
DAMAGE = 0.1
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def detect_encoding(stream: BinaryIO) -> str:
    """`utf-8-sig`, `utf-16` or `gb18030`, by mark or by the first megabyte that is not plain ASCII.

    Leaves the stream at its start. A few broken bytes among good UTF-8 do not make it GB18030.
    """
    first = stream.read(4)
    stream.seek(0)
    for mark, name in _MARKS:
        if first.startswith(mark):
            return name
    try:
        while block := stream.read(PROBE):
            if not block.isascii():
                return _guess(block + stream.readline(256))
    finally:
        stream.seek(0)
    return "utf-8-sig"


def _guess(block: bytes) -> str:
    text = block.decode("utf-8", errors="replace")
    broken = text.count(REPLACEMENT)
    good = sum(1 for char in text if char > "\x7f") - broken
    if broken <= max(good * DAMAGE, 0):
        return "utf-8-sig"
    chinese = block.decode("gb18030", errors="replace").count(REPLACEMENT)
    return "gb18030" if chinese <= broken else "utf-8-sig"


def detect_delimiter(sample: str) -> str:
    """The delimiter that splits the sample's first lines most evenly; a comma where none does."""
    lines = [line for line in sample.splitlines() if line.strip()][:20]
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        usual = max(set(wide), key=wide.count)
        score = wide.count(usual) / len(widths) * (1 + usual / 1000)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def read_delimited(
    stream: BinaryIO, *, encoding: str, delimiter: str, size: int, skip: int = 0
) -> Generator[Block, None, None]:
    """Blocks of rows, without the first `skip`. A row whose quotes never close is named broken and passed over.

    Undecodable bytes become U+FFFD, which a later step looks for. The stream stays open; its owner closes it.
    """
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    try:
        yield from _blocks(text, delimiter, size, skip)
    finally:
        text.detach()


def _blocks(text: io.TextIOWrapper, delimiter: str, size: int, skip: int) -> Iterator[Block]:
    reader = csv.reader(text, delimiter=delimiter)
    number, ended = 0, False
    while not ended:
        rows: list[list[str]] = []
        broken: list[tuple[int, str]] = []
        first = number + 1
        try:
            rows.extend(islice(reader, size))
            ended = not rows
        except csv.Error:
            # The reader cannot go on after this; a new one takes up at the following line.
            reader = csv.reader(text, delimiter=delimiter)
            broken = [(first + len(rows), Problem.ROW_QUOTES.value)]
        number += len(rows) + len(broken)
        passed = min(max(skip + 1 - first, 0), len(rows))
        if len(rows) > passed or broken:
            yield Block(range(first + passed, first + len(rows)), rows[passed:] if passed else rows, broken)


def probe_delimited(stream: BinaryIO) -> tuple[str, str]:
    """Encoding and delimiter of a CSV file; leaves the stream at its start."""
    encoding = detect_encoding(stream)
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline="")
    sample = text.read(65_536)
    text.detach()
    stream.seek(0)
    if not sample.strip("\ufeff \t\r\n\x00"):
        raise UnreadableFileError(_("文件是空的，没有任何内容"))
    return encoding, detect_delimiter(sample)
