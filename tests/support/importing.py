"""Imports for tests: a file in, the import's row out, by the commands a person would use. Jobs run inline."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import xlsxwriter
from sqlalchemy import func, select
from support.actors import ShopActor

from alliance.platform.kernel.files import store_file
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work
from alliance.tenants.importing.committing import commit_import
from alliance.tenants.importing.context import get_import
from alliance.tenants.importing.models import Import, ImportProblemGroup
from alliance.tenants.importing.starting import ColumnChoice, map_import, start_import
from alliance.tenants.importing.states import ImportKind


def csv_bytes(*lines: str, encoding: str = "utf-8") -> bytes:
    """Lines as a CSV file."""
    return ("\n".join(lines) + "\n").encode(encoding)


def xlsx_bytes(rows: Sequence[Sequence[Any]], *, merges: Sequence[tuple[int, int, int, int, str]] = ()) -> bytes:
    """Rows as a workbook of one sheet; `merges` are (first row, first column, last row, last column, text)."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet()
    for index, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(index, column, value)
    for first_row, first_column, last_row, last_column, text in merges:
        sheet.merge_range(first_row, first_column, last_row, last_column, text)
    book.close()
    return buffer.getvalue()


def upload(services: Services, shop: ShopActor, content: bytes, *, name: str = "file.csv") -> UUID:
    """Store an upload of the shop; its id."""
    with unit_of_work(services, shop.scope) as uow:
        return store_file(uow, stream=io.BytesIO(content), name=name, content_type="text/csv").id


def start(
    services: Services, shop: ShopActor, content: bytes, *, kind: ImportKind | None, preset: str | None = None
) -> Import:
    """Upload and take up a file."""
    file_id = upload(services, shop, content)
    with unit_of_work(services, shop.scope) as uow:
        return start_import(uow, file_id=file_id, kind=kind, preset=preset)


def check(
    services: Services,
    shop: ShopActor,
    content: bytes,
    *,
    kind: ImportKind | None,
    preset: str | None = None,
    columns: Sequence[ColumnChoice] = (),
    reasons: Mapping[str, str] | None = None,
) -> Import:
    """Upload, map as guessed (but for `columns`) and check a file."""
    row = start(services, shop, content, kind=kind, preset=preset)
    with unit_of_work(services, shop.scope) as uow:
        map_import(uow, row.id, columns=columns, reasons=reasons)
    return read(services, shop, row.id)


def commit(services: Services, shop: ShopActor, import_id: UUID, *, skip_bad_rows: bool = True) -> Import:
    """Commit a checked import."""
    with unit_of_work(services, shop.scope) as uow:
        commit_import(uow, import_id, skip_bad_rows=skip_bad_rows)
    return read(services, shop, import_id)


def bring_in(services: Services, shop: ShopActor, content: bytes, *, kind: ImportKind | None, **options: Any) -> Import:
    """All four steps."""
    return commit(services, shop, check(services, shop, content, kind=kind, **options).id)


def read(services: Services, shop: ShopActor, import_id: UUID) -> Import:
    """The import as it stands."""
    with unit_of_work(services, shop.scope) as uow:
        return get_import(uow, import_id)


def problems(services: Services, shop: ShopActor, import_id: UUID) -> dict[tuple[str, str], int]:
    """Rows by cause and column."""
    with unit_of_work(services, shop.scope) as uow:
        groups = uow.session.scalars(
            select(ImportProblemGroup).where(
                ImportProblemGroup.shop_id == shop.id, ImportProblemGroup.import_id == import_id
            )
        )
        return {(group.code, group.column): group.rows for group in groups}


def count(services: Services, shop: ShopActor, *models: Any) -> tuple[int, ...]:
    """How many rows of each table the shop has."""
    with unit_of_work(services, shop.scope) as uow:
        return tuple(
            uow.session.scalar(select(func.count()).select_from(model).where(model.shop_id == shop.id)) or 0
            for model in models
        )


def rows(services: Services, shop: ShopActor, model: Any) -> list[Any]:
    """All rows of a table of the shop, in the order of their ids."""
    with unit_of_work(services, shop.scope) as uow:
        return list(uow.session.scalars(select(model).where(model.shop_id == shop.id).order_by(model.id)))
