"""Storing, opening and deleting files. The callers check who may; the row's policy keeps to the shop."""

from __future__ import annotations

from functools import partial
from typing import BinaryIO
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.blobs import BlobRef, ReadableStream
from alliance.platform.kernel.errors import NotFoundError
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.work import UnitOfWork

LONGEST_NAME = 200


def store_file(
    uow: UnitOfWork,
    *,
    stream: ReadableStream,
    name: str,
    content_type: str,
    subject_id: UUID | None = None,
    max_bytes: int | None = None,
) -> File:
    """Store a file of the scope's shop, under its customer's key if it is about one; the row is not committed yet.

    The name is kept for showing only, without its folders. Too large is LimitExceededError, a full disk
    UnavailableError, a customer whose key was destroyed LookupError.
    """
    shop_id, keys = uow.scope.shop, uow.services.keys
    key = keys.shop_key(shop_id) if subject_id is None else keys.create_subject_key(shop_id, subject_id)
    ref = uow.services.blobs.write(stream, key, max_bytes=max_bytes)
    row = File(
        id=new_id(),
        shop_id=shop_id,
        name=plain_name(name),
        content_type=content_type,
        size=ref.size,
        sha256=ref.sha256,
        path=ref.path,
        subject_id=subject_id,
        created_by=uow.scope.actor,
    )
    uow.session.add(row)
    uow.session.flush()
    return row


def get_file(uow: UnitOfWork, file_id: UUID) -> File:
    """The row of a file of the scope's shop. NotFoundError for another's and for one that is not there."""
    row = uow.session.scalar(select(File).where(File.id == file_id, File.shop_id == uow.scope.shop))
    if row is None:
        raise NotFoundError
    return row


def open_file(uow: UnitOfWork, file_id: UUID) -> tuple[File, BinaryIO]:
    """A file of the scope's shop and its plain bytes, seekable; close them.

    NotFoundError for another shop's, a missing one, and one whose customer's key was destroyed.
    """
    row = get_file(uow, file_id)
    keys = uow.services.keys
    key = keys.shop_key(row.shop_id) if row.subject_id is None else keys.subject_key(row.shop_id, row.subject_id)
    if key is None:
        raise NotFoundError
    return row, uow.services.blobs.open(_ref(row), key)


def delete_file(uow: UnitOfWork, file_id: UUID) -> None:
    """Delete a file of the scope's shop; its bytes go after the commit. NotFoundError for another's."""
    row = get_file(uow, file_id)
    uow.session.delete(row)
    uow.on_commit(partial(uow.services.blobs.delete, _ref(row)))


def plain_name(name: str) -> str:
    """A file's name for showing: no folders, no control characters, bounded, never empty."""
    base = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(character for character in base if character.isprintable()).strip(". ")
    return clean[-LONGEST_NAME:] or "file"


def _ref(row: File) -> BlobRef:
    return BlobRef(size=row.size, sha256=row.sha256, path=row.path)
