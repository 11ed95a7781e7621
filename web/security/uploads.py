"""Receiving one file by multipart: refused unread if too large by its announced size, stored encrypted as a stream."""

from __future__ import annotations

from pathlib import PurePath

from flask import request

from alliance.platform.kernel.errors import AllianceError, BadInputError, LimitExceededError
from alliance.platform.kernel.files.models import File
from alliance.platform.kernel.files.storing import store_file
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork

MEGABYTE = 1024 * 1024
# The other fields and the boundaries of the form beside the file.
FORM_ROOM = MEGABYTE
CONTENT_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".tsv": "text/tab-separated-values",
    ".xls": "application/vnd.ms-excel",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TooLargeError(AllianceError):
    """The file is larger than this installation takes."""

    code = "LIMIT_EXCEEDED"
    status = 413


def too_large_text(most_mb: int) -> Text:
    """What a person is told about the limit."""
    return _("文件超过 %(limit)s MB 的上限，请拆分后再上传", limit=most_mb)


def allow_upload(most_mb: int) -> None:
    """Let this request be as large as a file may be; all others are held to a form's size."""
    request.max_content_length = most_mb * MEGABYTE + FORM_ROOM


def store_upload(uow: UnitOfWork, *, field: str = "file") -> File:
    """Store the file of a form field for the scope's shop. The type is told by the name, never by the sender.

    Nothing chosen or an empty file is BadInputError, too large TooLargeError; nothing is kept then.
    """
    received = request.files.get(field)
    if received is None or not received.filename:
        raise BadInputError(_("请选择要上传的文件"), field=(field,))
    most_mb = uow.services.settings.max_upload_mb
    suffix = PurePath(received.filename).suffix.lower()
    try:
        stored = store_file(
            uow,
            stream=received.stream,
            name=received.filename,
            content_type=CONTENT_TYPES.get(suffix, "application/octet-stream"),
            max_bytes=most_mb * MEGABYTE,
        )
    except LimitExceededError:
        raise TooLargeError(too_large_text(most_mb), field=(field,)) from None
    if stored.size == 0:
        raise BadInputError(_("文件是空的，请重新导出后再上传"), field=(field,))
    return stored
