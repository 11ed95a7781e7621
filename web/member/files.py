"""`/files/<id>`: a stored file, authorised at every request."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, Response, send_file

from alliance.platform.kernel.files.storing import open_file
from alliance.platform.members.roles import Permission
from alliance.web.security.access import requires
from alliance.web.security.current import work

blueprint = Blueprint("files", __name__, url_prefix="/files")


@blueprint.get("/<uuid:file_id>")
@requires(Permission.CUSTOMERS_READ)
def download(file_id: UUID) -> Response:
    """The file's bytes, always as a download. Needs `customers:read`, since a shop's files name its customers.

    Another shop's file and one that is not there answer alike.
    """
    with work() as uow:
        row, stream = open_file(uow, file_id)
    response = send_file(
        stream, mimetype=row.content_type, as_attachment=True, download_name=row.name, conditional=False
    )
    response.content_length = row.size
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox; frame-ancestors 'none'"
    return response
