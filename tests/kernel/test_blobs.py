"""Stored bytes: whole or not at all, unreadable to everybody else, and every cut or swap is seen."""

from __future__ import annotations

import errno
import hashlib
import io
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.kernel.blobs import CHUNK, HEADER_BYTES, RECORD, BlobStore
from alliance.platform.kernel.crypto import BrokenSealError, new_key
from alliance.platform.kernel.errors import LimitExceededError, NotFoundError, UnavailableError

KEY = new_key()
SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17]


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "blobs", max_bytes=10 * CHUNK)


def files_in(store: BlobStore) -> list[str]:
    return sorted(str(path.relative_to(store.root)) for path in store.root.rglob("*") if path.is_file())


class Dripping(io.RawIOBase):
    """A stream that hands out a few bytes at a time, and may break."""

    def __init__(self, content: bytes, *, error: Exception | None = None) -> None:
        self._inner, self._error = io.BytesIO(content), error

    def read(self, size: int = -1, /) -> bytes:
        piece = self._inner.read(min(size, 7_001))
        if not piece and self._error is not None:
            raise self._error
        return piece


@pytest.mark.parametrize("size", SIZES)
def test_bytes_come_back_as_they_went_in(store, size):
    content = os.urandom(size)
    ref = store.write(Dripping(content), KEY)
    assert (ref.size, ref.sha256) == (size, hashlib.sha256(content).digest())
    with store.open(ref, KEY) as stream:
        assert stream.read() == content
    assert content[:32] not in (store.root / ref.path).read_bytes() or size < 32


@given(positions=st.lists(st.tuples(st.integers(0, 3 * CHUNK + 40), st.integers(0, 2 * CHUNK)), max_size=8))
def test_a_stored_file_can_be_read_from_any_position(tmp_path_factory, positions):
    store = BlobStore(tmp_path_factory.mktemp("blobs"), max_bytes=10 * CHUNK)
    content = os.urandom(3 * CHUNK + 17)
    with store.open(store.write(io.BytesIO(content), KEY), KEY) as stream:
        for start, length in positions:
            assert stream.seek(start) == start
            assert stream.read(length) == content[start : start + length]
        assert stream.seek(-5, io.SEEK_END) == len(content) - 5
        assert stream.read() == content[-5:]


@pytest.mark.parametrize("size", SIZES)
def test_every_cut_is_seen_when_it_is_opened(store, size):
    ref = store.write(io.BytesIO(os.urandom(size)), KEY)
    path = store.root / ref.path
    stored = path.read_bytes()
    cuts = {0, 4, HEADER_BYTES, len(stored) - 1, *range(HEADER_BYTES + RECORD, len(stored), RECORD)} - {len(stored)}
    for cut in cuts:
        path.write_bytes(stored[:cut])
        with pytest.raises(BrokenSealError):
            store.open(ref, KEY)


def test_a_changed_moved_or_added_record_is_seen(store):
    ref = store.write(io.BytesIO(os.urandom(3 * CHUNK)), KEY)
    path = store.root / ref.path
    stored = path.read_bytes()
    records = [stored[start : start + RECORD] for start in range(HEADER_BYTES, len(stored), RECORD)]
    header = stored[:HEADER_BYTES]
    changed = bytearray(stored)
    changed[HEADER_BYTES + 5] ^= 1
    moved = header + records[1] + records[0] + records[2]
    for forged in (bytes(changed), moved, stored + records[0], header + records[0] + records[2]):
        path.write_bytes(forged)
        with pytest.raises(BrokenSealError), store.open(ref, KEY) as stream:
            stream.read()


def test_another_key_and_a_swapped_file_do_not_open(store):
    first, second = store.write(io.BytesIO(b"a"), KEY), store.write(io.BytesIO(b"b"), KEY)
    with pytest.raises(BrokenSealError):
        store.open(first, new_key())
    (store.root / first.path).write_bytes((store.root / second.path).read_bytes())
    with pytest.raises(BrokenSealError):
        store.open(first, KEY)


def test_too_large_is_refused_while_it_streams_and_leaves_nothing(store):
    endless = Dripping(os.urandom(11 * CHUNK), error=AssertionError("read beyond the limit"))
    with pytest.raises(LimitExceededError) as caught:
        store.write(endless, KEY)
    assert caught.value.message.render("en") == "The file is larger than the limit of 0.6 MB"
    with pytest.raises(LimitExceededError):
        store.write(io.BytesIO(b"xx"), KEY, max_bytes=1)
    assert files_in(store) == []


def test_a_full_disk_and_a_broken_upload_leave_nothing(store, monkeypatch):
    with pytest.raises(ConnectionResetError):
        store.write(Dripping(os.urandom(CHUNK), error=ConnectionResetError()), KEY)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError) as caught:
        store.write(io.BytesIO(b"x" * CHUNK), KEY)
    assert "disk is full" in caught.value.message.render("en")
    assert files_in(store) == []


def test_paths_are_random_and_private_and_no_other_path_opens(store):
    ref = store.write(io.BytesIO(b"x"), KEY)
    assert (store.root / ref.path).stat().st_mode & 0o777 == 0o600
    assert store.write(io.BytesIO(b"x"), KEY).path != ref.path
    for path in ("../keys.db", "/etc/passwd", f"aa/../{ref.path}", ref.path.upper() + "x", ""):
        with pytest.raises(ValueError, match="no blob path"):
            store.open(replace(ref, path=path), KEY)


def test_a_deleted_file_is_not_found_and_may_be_deleted_again(store):
    ref = store.write(io.BytesIO(b"x"), KEY)
    store.delete(ref)
    store.delete(ref)
    with pytest.raises(NotFoundError):
        store.open(ref, KEY)


def test_old_paths_are_listed_and_abandoned_writes_removed(store):
    ref = store.write(io.BytesIO(b"x"), KEY)
    (store.root / "incoming" / "half").write_bytes(b"x")
    assert list(store.list_paths(older_than_seconds=60)) == []
    assert list(store.list_paths(older_than_seconds=-1)) == [ref.path]
    assert store.remove_abandoned(older_than_seconds=60) == 0
    assert store.remove_abandoned(older_than_seconds=-1) == 1
    assert files_in(store) == [ref.path]
