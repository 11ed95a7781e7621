"""`POST /uploads`: a file for a later import, answered with its id."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from alliance.platform.members.roles import Permission
from alliance.web.security.access import requires
from alliance.web.security.current import work
from alliance.web.security.uploads import store_upload

blueprint = Blueprint("uploads", __name__)


@blueprint.post("/uploads")
@requires(Permission.IMPORTS_WRITE, upload=True)
def receive() -> tuple[Response, int]:
    """Store the multipart field `file` for the active shop; 201 with `{"id", "name", "size"}`."""
    with work() as uow:
        stored = store_upload(uow)
        body = {"id": str(stored.id), "name": stored.name, "size": stored.size}
    return jsonify(body), 201
