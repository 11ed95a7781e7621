"""Step three: read the whole file and say what would happen. Nothing of it is written but the findings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import polars as pl
from sqlalchemy import delete

from alliance.platform.kernel import clock
from alliance.platform.kernel.crypto import field_context, seal
from alliance.platform.kernel.errors import AllianceError, ConflictError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.jobs.enqueueing import enqueue
from alliance.platform.kernel.jobs.models import JobState
from alliance.platform.kernel.jobs.progress import report_progress
from alliance.platform.kernel.jobs.queries import find_open_job, get_job
from alliance.platform.kernel.jobs.registry import job
from alliance.platform.kernel.jobs.reporting import encode_text
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.ahead import working_ahead
from alliance.tenants.importing.context import (
    expect_status,
    get_import,
    opened_file,
    options_of,
    reading_of,
    without_time_limit,
)
from alliance.tenants.importing.layout import missing_in_first, read_file
from alliance.tenants.importing.models import Import, ImportProblem, ImportProblemGroup
from alliance.tenants.importing.problems import Problem, severity_of
from alliance.tenants.importing.staging.chunks import ROW
from alliance.tenants.importing.staging.evidence import DateEvidence
from alliance.tenants.importing.staging.findings import Finding, Findings
from alliance.tenants.importing.staging.pipeline import Pipeline, Staged
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import DateOrder, ImportKind, ImportStatus
from alliance.tenants.importing.writing.catalog import Catalog
from alliance.tenants.importing.writing.customers import Customers
from alliance.tenants.importing.writing.later import Later
from alliance.tenants.importing.writing.orders import known_rows as known_sales
from alliance.tenants.importing.writing.returns import known_rows as known_returns
from alliance.tenants.importing.writing.returns import link_orders, refuse_too_early, unlinked_rows
from alliance.tenants.importing.writing.stage import clear_stage, copy_frame, create_stage

Progress = Callable[[int], None]
SAMPLE_COLUMN = "tenants.import_problem.value_sealed"
_SOME_VARIANT = "00000000-0000-0000-0000-000000000000"
_CHECKABLE = (ImportStatus.MAPPING, ImportStatus.CHECKED, ImportStatus.FAILED)


@dataclass
class Tally:
    """Counts of the file's rows, and all that was found."""

    total: int = 0
    rejected: int = 0
    duplicate: int = 0
    warned: int = 0
    findings: Findings = field(default_factory=Findings)

    @property
    def accepted(self) -> int:
        """Rows that a commit would write."""
        return self.total - self.rejected - self.duplicate

    def add(self, rows: int, rejected: set[int], duplicate: set[int], found: list[Finding]) -> None:
        """One chunk."""
        self.total += rows
        self.rejected += len(rejected)
        self.duplicate += len(duplicate - rejected)
        gone = rejected | duplicate
        kept = [item for item in found if item.row in rejected or item.row not in gone]
        self.warned += len({item.row for item in kept if item.row not in gone})
        for item in kept:
            # A rejected row is told of by its errors only.
            if item.row not in rejected or self.findings.is_error((item.problem.value, item.column)):
                self.findings.add(item)


def check_import(uow: UnitOfWork, import_id: UUID) -> UUID:
    """Start the check of a mapped import; the job's id. Needs `imports:write`; ConflictError in another state."""
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id, for_update=True)
    expect_checkable(uow, row)
    row.status, row.error = ImportStatus.CHECKING.value, None
    row.job_id = enqueue(uow, run_check, key=check_key(import_id), import_id=import_id)
    uow.session.flush()
    return row.job_id


def expect_checkable(uow: UnitOfWork, row: Import) -> None:
    """Go on only where no check is under way; one whose job has ended without an answer is none. ConflictError."""
    if row.status != ImportStatus.CHECKING or find_open_job(uow, check_key(row.id)) is not None:
        expect_status(row, *_CHECKABLE)


def check_key(import_id: UUID) -> str:
    """What makes two checks of one import the same job."""
    return f"import:{import_id}:check"


@job(queue="import", timeout=3600, retries=3)
def run_check(services: Services, scope: Scope, import_id: UUID, job_id: UUID) -> dict[str, Any]:
    """Check one import; running it again gives the same."""
    try:
        with unit_of_work(services, scope) as uow:
            row = get_import(uow, import_id)
            if row.status != ImportStatus.CHECKING:
                return {"status": row.status}
            tally = check_file(uow, row, progress=lambda done: report_progress(services, scope, job_id, done))
            return {"accepted": tally.accepted, "rejected": tally.rejected}
    except AllianceError as problem:
        if problem.status < 500:
            fail_import(services, scope, import_id, problem)
        raise


def fail_import(services: Services, scope: Scope, import_id: UUID, problem: AllianceError) -> None:
    """Note why an import could not go on; it can be mapped and checked again."""
    with unit_of_work(services, scope) as uow:
        row = get_import(uow, import_id, for_update=True)
        row.status, row.error = ImportStatus.FAILED.value, encode_text(problem.message)


def check_file(uow: UnitOfWork, row: Import, *, progress: Progress) -> Tally:
    """Read the file once (twice where a date column has proved its order), store counts and problems."""
    without_time_limit(uow)
    reading = reading_of(uow, row)
    create_stage(uow.session)
    tally, evidence = _pass(uow, row, reading, progress)
    decided = {header: order for header, order in evidence.decided().items() if header not in reading.date_orders}
    if decided:
        reading = reading_of(uow, row, date_orders=decided)
        tally, evidence = _pass(uow, row, reading, progress)
        options = options_of(row)
        row.options = {**options.to_json(), "date_orders": _codes({**options.date_orders, **decided})}
    _tell_of_dates(tally, evidence, decided)
    _tell_of_second_sheet(uow, row, tally, reading)
    _store(uow, row, tally)
    return tally


def _codes(orders: Mapping[str, DateOrder]) -> dict[str, str]:
    return {header: order.value for header, order in orders.items()}


def _pass(uow: UnitOfWork, row: Import, reading: Reading, progress: Progress) -> tuple[Tally, DateEvidence]:
    tally, pipeline = Tally(), Pipeline(reading)
    catalog = Catalog(uow, row.id, row.created_at)
    later = Later(uow, reading, Customers(uow, row.id, reading.channel, row.created_at), catalog)
    later.prepare()
    with (
        opened_file(uow, row) as stream,
        working_ahead(pipeline.run(read_file(stream, reading.layout))) as chunks,
    ):
        for staged in chunks:
            found, rejected, known = _against_shop(uow, staged, reading, catalog, later)
            tally.add(staged.rows, staged.rejected | rejected, staged.duplicates | known, staged.findings + found)
            progress(tally.total)
    lost = later.rows_without_sale()
    header = reading.header_of("order_number")
    tally.add(0, set(lost), set(), [Finding(number, Problem.SALE_NOT_FOUND, header) for number in lost])
    return tally, pipeline.evidence


def _against_shop(
    uow: UnitOfWork, staged: Staged, reading: Reading, catalog: Catalog, later: Later
) -> tuple[list[Finding], set[int], set[int]]:
    """What only the shop's own rows can tell: findings, rows refused, rows it already has."""
    session, shop, frame = uow.session, uow.scope.shop, staged.frame
    if not frame.height:
        return [], set(), set()
    if reading.kind is ImportKind.PRODUCTS:
        unknown = catalog.unknown_skus(frame)
        return [], set(), set(frame.filter(~pl.col("sku").is_in(list(unknown)))[ROW].to_list())
    has_product = pl.when(pl.col("sku").is_not_null()).then(pl.lit(_SOME_VARIANT))
    frame = later.set_apart(frame.with_columns(has_product.alias("variant_id")), dry=True)
    clear_stage(session)
    copy_frame(session, frame)
    later.remember_sales()
    found: list[Finding] = []
    refused: set[int] = set()
    if reading.kind is ImportKind.RETURNS:
        links = link_orders(session, shop=shop, channel=reading.channel, coming=frame.height)
        missing = unlinked_rows(session) if links.linked < frame.height else []
        found += [Finding(number, Problem.ORDER_UNKNOWN, reading.header_of("order_number")) for number in missing]
        early = refuse_too_early(session) if links.too_early else []
        name = "requested_at" if reading.has("requested_at") else "received_at"
        found += [Finding(number, Problem.DATE_BEFORE_ORDER, reading.header_of(name)) for number in early]
        refused = set(early)
        found += _unknown_products(staged.frame, catalog, reading)
    elif not reading.has("placed_at"):
        rows = frame.filter(pl.col("is_sale"))[ROW].unique().to_list()
        found += [Finding(number, Problem.DATE_ASSUMED) for number in rows]
    known = known_sales(session, shop=shop, channel=reading.channel)
    return found, refused, known | known_returns(session, shop=shop, channel=reading.channel)


def _unknown_products(frame: pl.DataFrame, catalog: Catalog, reading: Reading) -> list[Finding]:
    unknown = catalog.unknown_skus(frame)
    header = reading.header_of("sku") or reading.header_of("product_title")
    rows = (
        frame.filter(pl.col("sku").is_in(list(unknown))).select(ROW, "sku")
        if unknown
        else frame.head(0).select(ROW, "sku")
    )
    found = [Finding(number, Problem.PRODUCT_UNKNOWN, header, sku) for number, sku in rows.iter_rows()]
    nameless = frame.filter(pl.col("sku").is_null())[ROW].to_list()
    return found + [Finding(number, Problem.PRODUCT_UNNAMED) for number in nameless]


def _tell_of_dates(tally: Tally, evidence: DateEvidence, decided: Mapping[str, DateOrder]) -> None:
    for header, families in evidence.mixed().items():
        rows = sum(families.values()) - max(families.values())
        tally.findings.counted(Problem.DATE_FORMATS_MIXED, header, max(rows, 1), shapes=families)
    for header, order in decided.items():
        rows = evidence.ambiguous(header)
        tally.findings.counted(Problem.DATE_ORDER_GUESSED, header, rows, order=order.value)


def _tell_of_second_sheet(uow: UnitOfWork, row: Import, tally: Tally, reading: Reading) -> None:
    if reading.layout.join is None:
        return
    with opened_file(uow, row) as stream:
        for number, order in missing_in_first(stream, reading.layout):
            tally.findings.add(Finding(number, Problem.JOIN_UNMATCHED, reading.layout.join.sheet, order))


def _store(uow: UnitOfWork, row: Import, tally: Tally) -> None:
    session, shop = uow.session, uow.scope.shop
    for model in (ImportProblem, ImportProblemGroup):
        session.execute(delete(model).where(model.shop_id == shop, model.import_id == row.id))
    key = uow.services.keys.shop_key(shop)
    context = field_context(shop, None, SAMPLE_COLUMN)
    for (code, column), group in tally.findings.groups.items():
        stored = ImportProblemGroup(
            shop_id=shop,
            id=new_id(),
            import_id=row.id,
            code=code,
            severity=severity_of(code).value,
            column=column,
            rows=group.rows,
            detail=group.detail,
        )
        session.add(stored)
        session.flush()
        for sample in group.samples:
            sealed = seal(key, sample.value[:200].encode(), context) if sample.value else None
            session.add(
                ImportProblem(
                    shop_id=shop,
                    id=new_id(),
                    import_id=row.id,
                    group_id=stored.id,
                    row=sample.row,
                    value_sealed=sealed,
                )
            )
    row.rows_total, row.rows_accepted = tally.total, tally.accepted
    row.rows_rejected, row.rows_duplicate = tally.rejected, tally.duplicate
    row.rows_warned = tally.warned
    row.status, row.checked_at = ImportStatus.CHECKED.value, clock.now()
    session.flush()


def reopen_import(uow: UnitOfWork, import_id: UUID) -> Import:
    """Take an import whose job failed or was called off back to the step before. Needs `imports:write`.

    ConflictError while the job still waits or runs, and in other states.
    """
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id, for_update=True)
    expect_status(row, ImportStatus.CHECKING, ImportStatus.COMMITTING)
    if row.job_id is not None and get_job(uow, row.job_id).state in (JobState.QUEUED, JobState.RUNNING):
        raise ConflictError(_("任务还在进行，请先取消"), field=("importId",))
    row.status = (ImportStatus.MAPPING if row.status == ImportStatus.CHECKING else ImportStatus.CHECKED).value
    uow.session.flush()
    return row
