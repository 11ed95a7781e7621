"""Files that belong to importing: our templates, and the rows that must be mended."""

from __future__ import annotations

import io
from uuid import UUID

import xlsxwriter
from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from alliance.platform.kernel.texts import Locale, choose_locale
from alliance.platform.members.roles import Permission
from alliance.tenants.importing.context import get_import
from alliance.tenants.importing.presets.template import template_headers
from alliance.tenants.importing.states import ImportKind
from alliance.tenants.importing.telling import write_bad_rows
from alliance.web.security.access import requires
from alliance.web.security.current import work
from alliance.web.security.locale import current_locale

blueprint = Blueprint("import_files", __name__, url_prefix="/imports")
SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/templates/<kind>.xlsx")
@requires(Permission.IMPORTS_READ)
def template(kind: str) -> Response:
    """An empty workbook with our headers, in the language of `?lang=`; all its cells are text, so no number is bent."""
    if kind not in set(ImportKind):
        raise NotFound
    locale = choose_locale(request.args.get("lang"), current_locale())
    return _download(_workbook(ImportKind(kind), locale), SPREADSHEET, f"linli-{kind}-{locale}.xlsx")


@blueprint.get("/<uuid:import_id>/bad-rows.csv")
@requires(Permission.IMPORTS_WRITE)
def bad_rows(import_id: UUID) -> Response:
    """The rejected rows alone, each with what is to be mended."""
    with work() as uow:
        name = get_import(uow, import_id).file_name.rpartition(".")[0] or "import"
        body = b"".join(write_bad_rows(uow, import_id, locale=current_locale()))
    return _download(body, "text/csv; charset=utf-8", f"{name}-to-mend.csv")


def _workbook(kind: ImportKind, locale: Locale) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    as_text, heading = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
    for column, header in enumerate(template_headers(kind, locale)):
        sheet.set_column(column, column, max(12, len(header) * 2), as_text)
        sheet.write_string(0, column, header, heading)
    sheet.freeze_panes(1, 0)
    book.close()
    return buffer.getvalue()


def _download(body: bytes, kind: str, name: str) -> Response:
    response = Response(body, mimetype=kind.partition(";")[0], content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response
