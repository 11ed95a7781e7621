"""Bringing a shop's story into its tables: three imported files, then deliveries traced and pieces inspected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, time
from itertools import islice
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from alliance.platform.kernel.files import store_file
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import Scope
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.tenants.catalog.models import Product, Variant
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.context import get_import
from alliance.tenants.importing.models import Import
from alliance.tenants.importing.starting import ColumnChoice, map_import, start_import
from alliance.tenants.importing.states import ImportStatus
from alliance.tenants.returns.models import Return, ReturnLine, Unit
from alliance.tenants.returns.recording import MOST_AT_ONCE, ArrivedUnit, record_units
from alliance.tenants.suppliers.records import record_batch, record_supplier
from alliance.tenants.suppliers.tracing import OnSale, assign_batches
from alliance.web.cli.demo.catalogue import batch_of
from alliance.web.cli.demo.comebacks import Comeback, ReturnedPiece
from alliance.web.cli.demo.generate import ShopStory, months_after
from alliance.web.cli.demo.profiles import ZONE
from alliance.web.cli.demo.rows import DemoFile, write_rows


class DemoImportError(Exception):
    """A file of the demo was not taken as it stands: a fault of ours, never of whoever runs it."""


def bring_file(services: Services, scope: Scope, story: ShopStory, file: DemoFile) -> int:
    """Upload, map, check and commit one file as the shop's owner; rows of the file, 0 where it was in before."""
    with unit_of_work(services, scope) as uow:
        if _is_in(uow, file):
            return 0
    with TemporaryFile() as stream:
        rows = write_rows(file.rows(story), file.headers, stream)
        stream.seek(0)
        with unit_of_work(services, scope) as uow:
            stored = store_file(uow, stream=stream, name=file.name, content_type="text/csv")
            channel = story.profile.channel
            import_id = start_import(uow, file_id=stored.id, kind=file.kind, preset=file.preset, channel=channel).id
    columns = [ColumnChoice(header, field) for header, field in file.extra.items()]
    with unit_of_work(services, scope) as uow:
        map_import(uow, import_id, columns=columns)
    with unit_of_work(services, scope) as uow:
        commit_import(uow, import_id)
    with unit_of_work(services, scope) as uow:
        done = get_import(uow, import_id)
        if done.status != ImportStatus.DONE or done.rows_accepted + done.rows_duplicate != rows:
            raise DemoImportError(f"{file.name}: {done.status}, {done.rows_accepted} of {rows} rows, {done.error}")
    return rows


def trace_deliveries(services: Services, scope: Scope, story: ShopStory) -> int:
    """Record suppliers and their deliveries, and which sold pieces came from which; order lines traced."""
    with unit_of_work(services, scope) as uow:
        products = dict(_pairs(uow, select(Product.title, Product.id).where(Product.shop_id == scope.shop)))
        suppliers = {name: record_supplier(uow, name=name) for name in story.profile.suppliers}
        deliveries = []
        for style in story.catalogue.styles:
            for first, after in _quarters(story):
                batch_id = record_batch(
                    uow,
                    supplier_id=suppliers[style.supplier],
                    product_id=products[style.draft.title],
                    code=batch_of(style, first.date()),
                    received_at=first,
                )
                deliveries.append(OnSale(batch_id, sold_from=first, sold_before=after))
        return assign_batches(uow, deliveries)


def inspect_pieces(services: Services, scope: Scope, story: ShopStory, sites: Mapping[str, UUID]) -> int:
    """Record every piece that has arrived, with what was found; how many there are. Done once a shop."""
    with unit_of_work(services, scope) as uow:
        if uow.session.scalar(select(exists().where(Unit.shop_id == scope.shop))):
            return 0
        lines = _lines_by_number(uow)
        units = _arrived(story, lines, sites)
        count = 0
        while chunk := list(islice(units, MOST_AT_ONCE)):
            count += len(record_units(uow, chunk))
    return count


def _is_in(uow: UnitOfWork, file: DemoFile) -> bool:
    statement = exists().where(
        Import.shop_id == uow.scope.shop,
        Import.kind == file.kind.value,
        Import.file_name == file.name,
        Import.status == ImportStatus.DONE.value,
    )
    return bool(uow.session.scalar(select(statement)))


def _pairs(uow: UnitOfWork, statement: Any) -> list[tuple[Any, Any]]:
    return [(row[0], row[1]) for row in uow.session.execute(statement)]


def _quarters(story: ShopStory) -> Iterator[tuple[datetime, datetime]]:
    """The calendar quarters of the story; a delivery of each style came for each."""
    first = months_after(story.span.start, -((story.span.start.month - 1) % 3))
    while first < story.span.today:
        after = months_after(first, 3)
        yield datetime.combine(first, time(), ZONE), datetime.combine(after, time(), ZONE)
        first = after


def _lines_by_number(uow: UnitOfWork) -> dict[tuple[str, str], UUID]:
    """Return lines by the number of their return and their SKU; a sale of the demo has each SKU once."""
    shop = uow.scope.shop
    statement = (
        select(Return.number, Variant.sku, ReturnLine.id)
        .join(ReturnLine, (ReturnLine.shop_id == Return.shop_id) & (ReturnLine.return_id == Return.id))
        .join(Variant, (Variant.shop_id == ReturnLine.shop_id) & (Variant.id == ReturnLine.variant_id))
        .where(Return.shop_id == shop, ReturnLine.shop_id == shop, Variant.shop_id == shop)
    )
    return {(row[0], row[1]): row[2] for row in uow.session.execute(statement)}


def _arrived(
    story: ShopStory, lines: Mapping[tuple[str, str], UUID], sites: Mapping[str, UUID]
) -> Iterator[ArrivedUnit]:
    for comeback in story.comebacks:
        if comeback.journey.received_at is None:
            continue
        for piece in comeback.pieces:
            line_id = lines[comeback.number, piece.line.variant.sku]
            yield _unit(comeback, piece, line_id, sites.get(comeback.site), until=story.span.until)


def _unit(
    comeback: Comeback, piece: ReturnedPiece, line_id: UUID, site_id: UUID | None, *, until: datetime
) -> ArrivedUnit:
    finding, received_at = piece.finding, comeback.journey.received_at
    if finding is None:
        return ArrivedUnit(line_id, site_id=site_id, received_at=received_at)
    sold = finding.resold_at is not None and finding.resold_at < until
    return ArrivedUnit(
        return_line_id=line_id,
        inspection=finding.inspection,
        site_id=site_id,
        received_at=received_at,
        inspected_at=comeback.journey.inspected_at,
        grade=finding.grade,
        disposition=finding.disposition,
        defect=finding.defect,
        found_reason=finding.found,
        responsibility=finding.responsibility,
        resellability=finding.resellability,
        handling_minutes=finding.minutes,
        recovered_minor=finding.recovered_minor if sold else None,
        resale_channel=finding.resale_channel if sold else None,
        resold_at=finding.resold_at if sold else None,
    )
