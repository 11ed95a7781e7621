"""Importing a file in four steps: upload, map the columns, check, import; and taking it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from alliance.platform.grading.reasons import REASONS
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import AllianceError
from alliance.platform.kernel.jobs.enqueueing import retry_job
from alliance.platform.kernel.jobs.queries import get_job
from alliance.platform.kernel.jobs.reporting import decode_text
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission
from alliance.tenants.importing.checking import reopen_import
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.context import get_import
from alliance.tenants.importing.fields import REQUIRED, fields_of
from alliance.tenants.importing.models import Import
from alliance.tenants.importing.presets.registry import PRESETS, get_preset
from alliance.tenants.importing.reading import list_imports
from alliance.tenants.importing.reporting import first_report
from alliance.tenants.importing.starting import ColumnChoice, map_import, start_import
from alliance.tenants.importing.states import DateOrder, ImportKind, ImportStatus
from alliance.tenants.importing.telling import list_columns, list_groups, unmapped_reasons
from alliance.tenants.importing.undoing import undo_import
from alliance.web.member.jobs import OPEN, remaining
from alliance.web.member.lists import page_request
from alliance.web.security.access import requires
from alliance.web.security.current import services, work
from alliance.web.security.locale import current_locale
from alliance.web.security.uploads import store_upload

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

KINDS: dict[str, Text] = {
    ImportKind.ORDERS: _("订单"),
    ImportKind.RETURNS: _("退货"),
    ImportKind.COMBINED: _("销售和退货在一张表"),
    ImportKind.PRODUCTS: _("商品"),
}
STATUSES: dict[str, tuple[Text, str]] = {
    ImportStatus.QUEUED: (_("排队中"), "neutral"),
    ImportStatus.MAPPING: (_("待对应列"), "info"),
    ImportStatus.CHECKING: (_("检查中"), "info"),
    ImportStatus.CHECKED: (_("待导入"), "warn"),
    ImportStatus.COMMITTING: (_("导入中"), "info"),
    ImportStatus.DONE: (_("已导入"), "good"),
    ImportStatus.UNDONE: (_("已撤销"), "neutral"),
    ImportStatus.FAILED: (_("没有完成"), "bad"),
}
DATE_ORDERS: dict[str, Text] = {
    DateOrder.DMY: _("日/月/年"),
    DateOrder.MDY: _("月/日/年"),
    DateOrder.YMD: _("年/月/日"),
}
STEPS = (_("上传文件"), _("对应列"), _("检查"), _("完成"))
WORKING = (ImportStatus.CHECKING, ImportStatus.COMMITTING, ImportStatus.QUEUED)
MAPPABLE = (ImportStatus.MAPPING, ImportStatus.CHECKED, ImportStatus.FAILED)


@blueprint.get("")
@requires(Permission.IMPORTS_READ)
def index() -> str:
    """The shop's imports, newest first."""
    with work() as uow:
        page = list_imports(uow, request=page_request())
    return render_template("imports/index.html", page=page, kinds=KINDS, statuses=STATUSES)


@blueprint.get("/new")
@requires(Permission.IMPORTS_WRITE)
def new() -> str:
    """The form for a file."""
    return _form()


@blueprint.post("/new")
@requires(Permission.IMPORTS_WRITE, upload=True)
def receive() -> Response | tuple[str, int]:
    """Take the file up; what it cannot be read as comes back with its reason."""
    kind = request.form.get("kind", "")
    try:
        with work() as uow:
            stored = store_upload(uow)
            row = start_import(uow, file_id=stored.id, kind=ImportKind(kind) if kind in KINDS else None)
    except AllianceError as refused:
        if refused.status >= 500:
            raise
        return _form(refusal=refused.message), refused.status
    return redirect(url_for("imports.show", import_id=row.id), 303)


@blueprint.get("/<uuid:import_id>")
@requires(Permission.IMPORTS_READ)
def show(import_id: UUID) -> str:
    """The import at the step it has reached; `?step=map` goes back to the columns."""
    with work() as uow:
        row = get_import(uow, import_id)
        status = ImportStatus(row.status)
        about: dict[str, Any] = {
            "row": row,
            "kind": KINDS[row.kind],
            "status": STATUSES[status],
            "preset": get_preset(row.preset, ImportKind(row.kind)).label,
            "steps": STEPS,
        }
        may_write = Permission.IMPORTS_WRITE in uow.scope.permissions
        if status in WORKING:
            return render_template("imports/working.html", **about, **_progress(uow, row))
        if may_write and (
            status in (ImportStatus.MAPPING, ImportStatus.FAILED)
            or (status is ImportStatus.CHECKED and request.args.get("step") == "map")
        ):
            return render_template("imports/map.html", **about, **_mapping(uow, row))
        if status is ImportStatus.CHECKED:
            return render_template("imports/check.html", **about, **_checked(uow, row, may_write=may_write))
        if status is ImportStatus.DONE:
            report = first_report(uow, import_id)
            undoable = may_write and row.undo_until is not None and clock.now() < row.undo_until
            return render_template("imports/done.html", **about, report=report, undoable=undoable, reasons=REASONS)
        return render_template("imports/ended.html", **about, error=decode_text(row.error))


@blueprint.post("/<uuid:import_id>/map")
@requires(Permission.IMPORTS_WRITE)
def save_mapping(import_id: UUID) -> Response:
    """Settle which column is what, and start the check."""
    names = request.form.getlist("column")
    choices = [
        ColumnChoice(name, request.form.get(f"field-{index}") or None, request.form.get(f"format-{index}") or None)
        for index, name in enumerate(names)
    ]
    return _on_import(import_id, lambda uow: map_import(uow, import_id, columns=choices))


@blueprint.post("/<uuid:import_id>/rule")
@requires(Permission.IMPORTS_WRITE)
def apply_rule(import_id: UUID) -> Response:
    """One click on the check page: read a whole column one way, or give reasons their place; then check again."""
    form = request.form
    texts, handles = form.getlist("reason_text"), form.getlist("reason_handle")
    reasons = {text: handle for text, handle in zip(texts, handles, strict=False) if handle}

    def settle(uow: UnitOfWork) -> object:
        columns = []
        if form.get("column"):
            field = get_import(uow, import_id).mapping.get(form["column"])
            columns.append(ColumnChoice(form["column"], field, form.get("order")))
        return map_import(uow, import_id, columns=columns, reasons=reasons)

    return _on_import(import_id, settle)


@blueprint.post("/<uuid:import_id>/commit")
@requires(Permission.IMPORTS_WRITE)
def commit(import_id: UUID) -> Response:
    """Import what is in order."""
    skip = request.form.get("skip") == "1"
    return _on_import(import_id, lambda uow: commit_import(uow, import_id, skip_bad_rows=skip))


@blueprint.post("/<uuid:import_id>/undo")
@requires(Permission.IMPORTS_WRITE)
def undo(import_id: UUID) -> Response:
    """Take the whole import back."""
    return _on_import(import_id, lambda uow: undo_import(uow, import_id), done=_("这次导入已整批撤销"))


@blueprint.post("/<uuid:import_id>/retry")
@requires(Permission.IMPORTS_WRITE)
def retry(import_id: UUID) -> Response:
    """Run a check or an import again whose job has failed or was called off."""

    def again(uow: UnitOfWork) -> None:
        row = get_import(uow, import_id)
        if row.job_id is not None:
            retry_job(uow, job_id=row.job_id)

    return _on_import(import_id, again)


@blueprint.post("/<uuid:import_id>/back")
@requires(Permission.IMPORTS_WRITE)
def back(import_id: UUID) -> Response:
    """Return to the step before, after a job that failed or was called off."""
    return _on_import(import_id, lambda uow: reopen_import(uow, import_id))


def _on_import(import_id: UUID, command: Callable[[UnitOfWork], object], *, done: Text | None = None) -> Response:
    """Run a command and show the import again; a refusal is told over the page."""
    here = url_for("imports.show", import_id=import_id)
    try:
        with work() as uow:
            command(uow)
        if done is not None:
            flash(done.render(current_locale()), "good")
    except AllianceError as refused:
        if refused.status >= 500 or refused.status == 404:
            raise
        flash(refused.message.render(current_locale()), "bad")
        if request.endpoint == "imports.save_mapping":
            here = url_for("imports.show", import_id=import_id, step="map")
    return redirect(here, 303)


def _form(*, refusal: Text | None = None) -> str:
    chosen = request.values.get("kind", "")
    return render_template(
        "imports/new.html",
        kinds=KINDS,
        chosen=chosen if chosen in KINDS else "",
        refusal=refusal,
        steps=STEPS,
        limit_mb=services().settings.max_upload_mb,
        presets=[preset.label for preset in PRESETS],
    )


def _progress(uow: UnitOfWork, row: Import) -> dict[str, Any]:
    job = get_job(uow, row.job_id) if row.job_id else None
    return {
        "job": job,
        "is_open": job is not None and job.state in OPEN,
        "remaining": remaining(job) if job else None,
        "next_url": url_for("imports.show", import_id=row.id),
    }


def _mapping(uow: UnitOfWork, row: Import) -> dict[str, Any]:
    kind = ImportKind(row.kind)
    fields = fields_of(kind)
    columns = list_columns(uow, row.id)
    return {
        "columns": columns,
        "ignored": [column.header for column in columns if not column.field],
        "fields": fields,
        "dates": [field.name for field in fields if field.type == "date"],
        "date_orders": DATE_ORDERS,
        "required": REQUIRED[kind],
        "labels": {field.name: field.label for field in fields},
        "error": decode_text(row.error),
    }


def _checked(uow: UnitOfWork, row: Import, *, may_write: bool) -> dict[str, Any]:
    groups = list_groups(uow, row.id)
    return {
        "errors": [group for group in groups if group.is_error],
        "warnings": [group for group in groups if not group.is_error],
        "date_orders": DATE_ORDERS,
        "unmapped": unmapped_reasons(uow, row.id) if may_write else [],
        "reasons": REASONS,
        "may_write": may_write,
    }
