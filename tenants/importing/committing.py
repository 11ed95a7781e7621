"""Step four: read the file again and write it, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import AllianceError, BadInputError, ConflictError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.jobs.enqueueing import enqueue
from alliance.platform.kernel.jobs.progress import report_progress
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.locking import Lock, lock
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.roles import Permission, require
from alliance.platform.members.settings import fix_currency
from alliance.tenants.importing.ahead import working_ahead
from alliance.tenants.importing.checking import fail_import
from alliance.tenants.importing.context import (
    expect_status,
    get_import,
    opened_file,
    options_of,
    reading_of,
    without_time_limit,
)
from alliance.tenants.importing.layout import read_file
from alliance.tenants.importing.models import Import, ImportMapping
from alliance.tenants.importing.staging.pipeline import Pipeline, Staged
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.starting import fingerprint
from alliance.tenants.importing.states import ImportKind, ImportStatus
from alliance.tenants.importing.writing import orders, returns, texts
from alliance.tenants.importing.writing.catalog import Catalog
from alliance.tenants.importing.writing.customers import Customers
from alliance.tenants.importing.writing.later import Later
from alliance.tenants.importing.writing.stage import clear_stage, copy_frame, create_stage

UNDO_FOR = timedelta(hours=24)
# Below this a chunk is quicker looked up row by row in a shop that has many.
MANY_ROWS = 5_000


@dataclass
class Created:
    """What a commit has written, by table; `duplicates` are rows the shop had already."""

    orders: int = 0
    completed_orders: int = 0
    order_lines: int = 0
    inferred_orders: int = 0
    returns: int = 0
    return_lines: int = 0
    products: int = 0
    variants: int = 0
    customers: int = 0
    duplicates: int = 0


def commit_import(uow: UnitOfWork, import_id: UUID, *, skip_bad_rows: bool = False) -> UUID:
    """Start the commit of a checked import; the job's id. An import that is done or under way answers its job.

    One whose job failed or was called off is started anew: nothing of it has been written.

    Needs `imports:write`. Refused: rows that must be mended unless they are to be skipped, and nothing to import
    (BAD_INPUT); an import that has not been checked (ConflictError).
    """
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id, for_update=True)
    if row.status == ImportStatus.DONE and row.job_id is not None:
        return row.job_id
    if row.status == ImportStatus.COMMITTING:
        return _enqueue(uow, row)
    expect_status(row, ImportStatus.CHECKED)
    if row.rows_rejected and not skip_bad_rows:
        message = _("有 %(rows)s 行要改。请改好后重新上传，或选择跳过这些行", rows=row.rows_rejected)
        raise BadInputError(message, field=("skipBadRows",))
    if row.rows_accepted == 0 and row.rows_duplicate == 0:
        raise BadInputError(_("没有可以导入的行"), field=("importId",))
    row.status = ImportStatus.COMMITTING.value
    return _enqueue(uow, row)


@job(queue="import", timeout=4 * 3600, retries=5)
def run_commit(services: Services, scope: Scope, import_id: UUID, job_id: UUID) -> dict[str, Any]:
    """Write one import in one transaction. A run that died has written nothing, so the next one starts anew."""
    try:
        with unit_of_work(services, scope) as uow:
            # Another import of the shop may take long; waiting for it must not use up the attempts.
            without_time_limit(uow)
            lock(uow.session, Lock.IMPORT_COMMIT, scope.shop)
            row = get_import(uow, import_id, for_update=True)
            if row.status != ImportStatus.COMMITTING:
                return dict(row.created)
            total = row.rows_total

            def tell(done: int) -> None:
                report_progress(services, scope, job_id, done, total)

            return write_import(uow, row, progress=tell)
    except AllianceError as problem:
        if problem.status < 500:
            fail_import(services, scope, import_id, problem)
        raise


def write_import(uow: UnitOfWork, row: Import, *, progress: Callable[[int], None]) -> dict[str, Any]:
    """Everything the import's file holds into the shop's tables; what was created, by table.

    ConflictError where the shop's currency has been changed since the file's amounts were read in it.
    """
    without_time_limit(uow)
    reading = reading_of(uow, row)
    writer = Writer(uow, row, reading)
    create_stage(uow.session)
    _join_whole(uow, row.rows_total)
    writer.later.prepare()
    done = 0
    with (
        opened_file(uow, row) as stream,
        working_ahead(Pipeline(reading).run(read_file(stream, reading.layout))) as chunks,
    ):
        for staged in chunks:
            writer.write(staged)
            done += staged.rows
            progress(done)
    created = writer.finish()
    _remember(uow, row)
    now = clock.now()
    row.created = asdict(created)
    row.status, row.committed_at, row.undo_until = ImportStatus.DONE.value, now, now + UNDO_FOR
    record(uow, "import.committed", target=f"import:{row.id}", detail={"created": row.created})
    return dict(row.created)


class Writer:
    """Writes staged chunks of one import, in the file's order."""

    def __init__(self, uow: UnitOfWork, row: Import, reading: Reading) -> None:
        self.uow, self.reading, self.created = uow, reading, Created()
        self.catalog = Catalog(uow, row.id, row.created_at)
        self.customers = Customers(uow, row.id, reading.channel, row.created_at)
        self.later = Later(uow, reading, self.customers, self.catalog)
        self._values: dict[str, object] = {
            "shop": uow.scope.shop,
            "channel": reading.channel,
            "currency": reading.currency,
            "import": row.id,
            "now": row.created_at,
        }
        self._named = reading.has("customer_id", "phone", "email")
        self._spread = False

    def write(self, staged: Staged) -> None:
        """One chunk."""
        frame = self.catalog.attach(staged.frame)
        if self.reading.kind is ImportKind.PRODUCTS or not frame.height:
            return
        frame = self.later.set_apart(frame)
        if self._named:
            frame = self.customers.attach(frame)
        clear_stage(self.uow.session)
        copy_frame(self.uow.session, frame)
        if frame["is_sale"].any():
            self._write_sales(frame)
        coming = frame.filter(pl.col("is_return"))
        if coming.height:
            named = coming.height - coming["variant_id"].null_count()
            single = coming["return_number"].n_unique() == coming.height
            self._write_returns(coming.height, named=named, single=single, mixed=bool(coming["is_sale"].any()))

    def finish(self) -> Created:
        """What had to wait for the end of the file; the counts."""
        session, shop = self.uow.session, self.uow.scope.shop
        if self.later.rows:
            clear_stage(session)
            coming = self.later.bring_back()
            self._write_returns(coming, named=coming, single=False, mixed=False)
        if self._spread and self.reading.has("refund"):
            returns.settle_refunds(session, shop=shop, import_id=self._import_id)
        if self.created.orders or self.created.completed_orders or self.created.inferred_orders:
            fix_currency(self.uow, self.reading.currency)
        self.created.products, self.created.variants = self.catalog.products, self.catalog.variants
        self.created.customers = self.customers.made
        return self.created

    @property
    def _import_id(self) -> UUID:
        return UUID(str(self._values["import"]))

    def _write_sales(self, frame: pl.DataFrame) -> None:
        session = self.uow.session
        adds_up = not self.reading.has("order_total")
        made, completed = orders.insert_orders(session, adds_up=adds_up, **self._values)
        self.created.orders += made
        self.created.completed_orders += completed
        all_new = made == frame.filter(pl.col("is_sale"))["order_number"].n_unique()
        lines = orders.insert_order_lines(session, all_new=all_new, **self._values)
        self.created.order_lines += lines
        self.created.duplicates += int(frame["is_sale"].sum()) - lines

    def _write_returns(self, coming: int, *, named: int, single: bool, mixed: bool) -> None:
        """The `coming` returns of the stage, of which `named` name a product; `single`: each row is one return.

        `mixed`: the rows are sales too, which have been counted as known or not already.
        """
        if not coming:
            return
        session, values, shop = self.uow.session, self._values, self.uow.scope.shop
        channel = self.reading.channel
        links = returns.link_orders(session, shop=shop, channel=channel, coming=coming)
        if links.linked < coming:
            self.created.inferred_orders += returns.infer_orders(session, **values)
            links = returns.link_orders(session, shop=shop, channel=channel, coming=coming)
        early = len(returns.refuse_too_early(session)) if links.too_early else 0
        if named < coming:
            single = False
            returns.name_the_nameless(session, shop=shop, variant=self.catalog.unnamed())
        sealed = self.reading.has("reason_text") and texts.seal_staged(self.uow, channel=self.reading.channel)
        self._spread = self._spread or not single
        made, lines = returns.insert_returns(session, staged=coming - early, single=single, sealed=sealed, **values)
        self.created.returns += made
        if not mixed:
            self.created.duplicates += max(named - early - lines, 0)
        self.created.return_lines += lines
        if named < coming:
            self.created.return_lines += returns.insert_whole_orders(session, **values)


def _enqueue(uow: UnitOfWork, row: Import) -> UUID:
    """Ask for the commit's job; the one that still waits or runs, where there is one."""
    job_id = enqueue(uow, run_commit, key=f"import:{row.id}:commit", import_id=row.id)
    row.job_id = job_id
    uow.session.flush()
    return job_id


def _join_whole(uow: UnitOfWork, rows: int) -> None:
    """Let large chunks be joined by hashing. What this transaction has written is in no statistics: the planner takes
    it for one row, and may go through the whole chunk for each.
    """
    if rows >= MANY_ROWS:
        uow.session.execute(text("SET LOCAL enable_nestloop = off"))


def _remember(uow: UnitOfWork, row: Import) -> None:
    """Offer this mapping again for the same headers; one that was not touched is remembered as well."""
    if row.file_id is None:
        raise ConflictError(_("原文件已按保存期限删除，请重新上传"))
    options = options_of(row)
    values = {"preset": row.preset, "mapping": row.mapping, "reasons": dict(options.reasons)}
    statement = insert(ImportMapping).values(
        shop_id=uow.scope.shop,
        id=new_id(),
        kind=row.kind,
        fingerprint=fingerprint(options.layout.headers),
        created_at=clock.now(),
        **values,
    )
    uow.session.execute(statement.on_conflict_do_update(index_elements=["shop_id", "kind", "fingerprint"], set_=values))
