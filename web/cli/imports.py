"""`alliance import`: a file into a shop, from the terminal, through the same four steps as on the pages."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import click

from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.files import store_file
from alliance.platform.kernel.jobs.queries import get_job
from alliance.platform.kernel.jobs.reporting import decode_text
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope, shop_scope, system_scope
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import unit_of_work
from alliance.platform.members.queries import find_open_alliance_id, get_shop_by_handle
from alliance.platform.members.roles import MemberRole, permissions_of
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.context import get_import
from alliance.tenants.importing.models import Import
from alliance.tenants.importing.presets.registry import BY_NAME, FREE
from alliance.tenants.importing.starting import map_import, start_import
from alliance.tenants.importing.states import ImportKind, ImportStatus
from alliance.tenants.importing.telling import GroupView, list_groups
from alliance.web.cli.base import ready_services
from alliance.web.cli.terminal import CommandError, say, terminal_locale

OPERATOR = system_scope("command line")
NOT_IMPORTED = 3
LOOK_SECONDS = 1.0


class RowsToMendError(click.ClickException):
    """The file was checked and nothing of it was written, since some of its rows must be mended first."""

    exit_code = NOT_IMPORTED


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--shop", "handle", required=True, help="The shop's handle.")
@click.option("--kind", type=click.Choice([kind.value for kind in ImportKind]), help="Recognised where not given.")
@click.option("--preset", type=click.Choice([FREE, *BY_NAME]), help="Recognised where not given; needs --kind.")
@click.option("--skip-bad-rows", is_flag=True, help="Import the good rows even if others must be mended.")
@click.option("--yes", is_flag=True, help="Do not ask before importing.")
def import_file(
    file: Path, handle: str, *, kind: str | None, preset: str | None, skip_bad_rows: bool, yes: bool
) -> None:
    """Import orders, products or returns of a shop from a CSV, XLS or XLSX file.

    Exit code 0: imported (also if every row was known already). 1: the file or a setting is refused. 3: rows must be
    mended and --skip-bad-rows was not given, or the question was answered with no; nothing was written.
    """
    with ready_services() as opened:
        # The work is done here and now, whether or not a worker runs.
        services = replace(opened, settings=opened.settings.model_copy(update={"jobs": "inline"}))
        scope = _owner(services, handle)
        import_id = _start(services, scope, file, ImportKind(kind) if kind else None, preset)
        with _watched(services, scope, import_id), unit_of_work(services, scope) as uow:
            map_import(uow, import_id)
        row = _reached(services, scope, import_id, ImportStatus.CHECKED)
        _tell_check(services, scope, row)
        if row.rows_rejected and not skip_bad_rows:
            raise RowsToMendError(_say(_("有 %(rows)s 行要改，没有写入任何数据", rows=row.rows_rejected)))
        if not row.rows_accepted and row.rows_duplicate:
            say(_("这些行都已经导入过，不会重复写入。"))
            return
        if not yes and not click.confirm(_say(_("导入 %(good)s 行？", good=row.rows_accepted))):
            raise RowsToMendError(_say(_("没有写入任何数据")))
        with _watched(services, scope, import_id), unit_of_work(services, scope) as uow:
            commit_import(uow, import_id, skip_bad_rows=skip_bad_rows)
        done = _reached(services, scope, import_id, ImportStatus.DONE)
        for name, count in done.created.items():
            if count:
                click.echo(f"{name}\t{count}")


def _owner(services: Services, handle: str) -> Scope:
    with unit_of_work(services, OPERATOR) as uow:
        shop = get_shop_by_handle(uow, handle)
        alliance_id = find_open_alliance_id(uow, shop.id)
    permissions = frozenset(permission.value for permission in permissions_of(MemberRole.OWNER))
    return shop_scope(shop.id, alliance_id=alliance_id, permissions=permissions, reason="command line")


def _start(services: Services, scope: Scope, file: Path, kind: ImportKind | None, preset: str | None) -> UUID:
    most = services.settings.max_upload_mb * 1024 * 1024
    with file.open("rb") as stream, unit_of_work(services, scope) as uow:
        stored = store_file(uow, stream=stream, name=file.name, content_type="application/octet-stream", max_bytes=most)
        return start_import(uow, file_id=stored.id, kind=kind, preset=preset).id


def _reached(services: Services, scope: Scope, import_id: UUID, status: ImportStatus) -> Import:
    """The import once its job has ended. CommandError with the job's or the import's reason where it failed."""
    with unit_of_work(services, scope) as uow:
        row = get_import(uow, import_id)
        job = get_job(uow, row.job_id) if row.job_id else None
    if row.status == status:
        return row
    reason = decode_text(row.error) or (job.error if job else None)
    raise CommandError(_say(reason or _("没有完成")))


def _tell_check(services: Services, scope: Scope, row: Import) -> None:
    say(
        _(
            "共 %(total)s 行：可导入 %(good)s，要改 %(bad)s，提醒 %(warned)s，重复 %(known)s",
            total=row.rows_total,
            good=row.rows_accepted,
            bad=row.rows_rejected,
            warned=row.rows_warned,
            known=row.rows_duplicate,
        )
    )
    with unit_of_work(services, scope) as uow:
        for group in list_groups(uow, row.id):
            click.echo(_line(group))


def _line(group: GroupView) -> str:
    locale = terminal_locale()
    rows = ", ".join(str(sample.row) for sample in group.samples[:5])
    parts = [
        "!" if group.is_error else "-",
        f"{group.rows}x",
        group.column,
        _message(group),
        group.advice.mend.render(locale),
        f"[{rows}]" if rows else "",
    ]
    return "  ".join(part for part in parts if part)


def _message(group: GroupView) -> str:
    message = group.advice.message.render(terminal_locale())
    return message if group.detail is None else f"{message} ({group.detail.render(terminal_locale())})"


@contextmanager
def _watched(services: Services, scope: Scope, import_id: UUID) -> Iterator[None]:
    """Show on the terminal how far the import's job is, while the block runs."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(LOOK_SECONDS):
            try:
                with unit_of_work(services, scope) as uow:
                    job_id = get_import(uow, import_id).job_id
                    job = get_job(uow, job_id) if job_id else None
            except UnavailableError:
                continue
            if job is not None and job.done:
                click.echo(f"\r{job.done}{f' / {job.total}' if job.total else ''}", nl=False, err=True)

    thread = threading.Thread(target=look, daemon=True)
    if sys.stderr.isatty():
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if thread.is_alive():
            thread.join()
            click.echo("", err=True)


def _say(text: Text) -> str:
    return text.render(terminal_locale())
