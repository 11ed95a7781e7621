"""Stored bytes: every file encrypted in records of 64 KiB, written whole or not at all, read from any position.

Layout: `magic(4) | salt(16)`, then records of AES-256-GCM under a key derived from the caller's key and the salt. The
nonce counts the records and marks the last one, so that a record changed, moved or cut off does not open; the blob's
own path is authenticated too, so that two blobs cannot be swapped. Names come from random ids, never from a user.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from alliance.platform.kernel.crypto import KEY_BYTES, BrokenSealError
from alliance.platform.kernel.errors import LimitExceededError, NotFoundError, UnavailableError
from alliance.platform.kernel.ids import random_id
from alliance.platform.kernel.texts import _

MAGIC = b"LLB1"
SALT_BYTES = 16
HEADER_BYTES = len(MAGIC) + SALT_BYTES
CHUNK = 64 * 1024
RECORD = CHUNK + 16
PATH = re.compile(r"[0-9a-f]{2}/[0-9a-f]{32}")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
MEGABYTE = 1024 * 1024


class ReadableStream(Protocol):
    """Anything bytes can be read from: a file, an upload."""

    def read(self, size: int, /) -> bytes:
        """Up to `size` bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class BlobRef:
    """A stored blob: plain size in bytes, SHA-256 of the plain bytes, path inside the store."""

    size: int
    sha256: bytes
    path: str


@dataclass(frozen=True, slots=True)
class BlobStore:
    """Encrypted blobs under one folder of the installation. Several processes may share it."""

    root: Path
    max_bytes: int

    def write(self, stream: ReadableStream, key: bytes, *, max_bytes: int | None = None) -> BlobRef:
        """Store a stream under `key` (32 bytes), in constant memory, durable when it returns.

        More than `max_bytes` (default: the installation's upload limit) is refused with LimitExceededError, a full
        disk with UnavailableError; neither leaves anything behind.
        """
        name = random_id().hex
        path = f"{name[:2]}/{name}"
        most = self.max_bytes if max_bytes is None else max_bytes
        temporary = self.root / "incoming" / name
        try:
            with _whole_or_nothing(temporary):
                size, digest = _encrypt(stream, temporary, key=key, path=path, most=most)
                self._publish(temporary, path)
        except OSError as problem:
            if problem.errno in FULL:
                raise UnavailableError(_("服务器磁盘空间不足，文件没有保存，请联系管理员")) from problem
            raise
        return BlobRef(size=size, sha256=digest, path=path)

    def open(self, ref: BlobRef, key: bytes) -> BinaryIO:
        """The plain bytes as a seekable stream, each record checked when it is read; close it.

        NotFoundError where the bytes are gone; BrokenSealError where they were changed or cut, or for another key.
        """
        try:
            source = self._path(ref.path).open("rb", buffering=0)
        except FileNotFoundError:
            raise NotFoundError from None
        try:
            return io.BufferedReader(_Decrypted(source, key=key, path=ref.path), CHUNK)
        except BaseException:
            source.close()
            raise

    def delete(self, ref: BlobRef) -> None:
        """Remove the bytes; already gone is fine."""
        self._path(ref.path).unlink(missing_ok=True)

    def list_paths(self, *, older_than_seconds: float) -> Iterator[str]:
        """Paths of blobs of at least that age: what a sweep compares with the rows."""
        before = time.time() - older_than_seconds
        for folder in sorted(self.root.glob("[0-9a-f][0-9a-f]")):
            for entry in sorted(folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):
                    if PATH.fullmatch(f"{folder.name}/{entry.name}") and entry.stat().st_mtime < before:
                        yield f"{folder.name}/{entry.name}"

    def remove_abandoned(self, *, older_than_seconds: float) -> int:
        """Remove half-written blobs of processes that were killed; answers how many."""
        removed = 0
        before = time.time() - older_than_seconds
        for entry in (self.root / "incoming").glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    entry.unlink()
                    removed += 1
        return removed

    def _path(self, path: str) -> Path:
        if not PATH.fullmatch(path):
            raise ValueError(f"{path!r} is no blob path")
        return self.root / path

    def _publish(self, temporary: Path, path: str) -> None:
        target = self._path(path)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.replace(target)
        _sync_folder(target.parent)


@contextlib.contextmanager
def _whole_or_nothing(temporary: Path) -> Iterator[None]:
    temporary.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        yield
    finally:
        temporary.unlink(missing_ok=True)


def _encrypt(stream: ReadableStream, target: Path, *, key: bytes, path: str, most: int) -> tuple[int, bytes]:
    salt = secrets.token_bytes(SALT_BYTES)
    cipher = AESGCM(_file_key(key, salt))
    digest, size, number = hashlib.sha256(), 0, 0
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(MAGIC + salt)
        chunk = _read_full(stream)
        while True:
            size += len(chunk)
            if size > most:
                raise LimitExceededError(_("文件超过 %(limit)s MB 的上限", limit=_megabytes(most)))
            following = _read_full(stream) if len(chunk) == CHUNK else b""
            digest.update(chunk)
            out.write(cipher.encrypt(_nonce(number, last=not following), chunk, path.encode()))
            if not following:
                break
            chunk, number = following, number + 1
        out.flush()
        os.fsync(out.fileno())
    return size, digest.digest()


class _Decrypted(io.RawIOBase):
    """Plain bytes of an encrypted file, one record in memory."""

    def __init__(self, source: io.FileIO, *, key: bytes, path: str) -> None:
        super().__init__()
        header = source.read(HEADER_BYTES) or b""
        body = os.fstat(source.fileno()).st_size - HEADER_BYTES
        if len(header) < HEADER_BYTES or header[: len(MAGIC)] != MAGIC or body < RECORD - CHUNK:
            raise BrokenSealError("not a stored blob")
        self._source = source
        self._cipher = AESGCM(_file_key(key, header[len(MAGIC) :]))
        self._context = path.encode()
        self._last = (body - 1) // RECORD
        self._number, self._record = -1, b""
        self._position = 0
        # Opening the last record first shows a cut file before anybody has read a byte of it.
        self._load(self._last)
        self._size = self._last * CHUNK + len(self._record)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("negative position")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # the stubs want a private Buffer type
        if self._position >= self._size:
            return 0
        self._load(self._position // CHUNK)
        start = self._position % CHUNK
        piece = self._record[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._source.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._number:
            return
        self._source.seek(HEADER_BYTES + number * RECORD)
        sealed = self._source.read(RECORD) or b""
        try:
            self._record = self._cipher.decrypt(_nonce(number, last=number == self._last), sealed, self._context)
        except (InvalidTag, ValueError):
            raise BrokenSealError(f"record {number} of the blob does not open") from None
        self._number = number


def _read_full(stream: ReadableStream) -> bytes:
    """A whole chunk, or less only at the end: a socket or an upload may hand out small pieces."""
    pieces, missing = [], CHUNK
    while missing and (piece := stream.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def _file_key(key: bytes, salt: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"alliance blob").derive(key)


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}".removesuffix(".0")
