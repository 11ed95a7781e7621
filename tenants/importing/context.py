"""An import as check and commit see it: its row, how to read its file, and the open file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text

from alliance.platform.kernel.errors import ConflictError, NotFoundError
from alliance.platform.kernel.files import open_file
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.queries import get_shop
from alliance.tenants.importing.layout import Layout, layout_from_json
from alliance.tenants.importing.models import Import
from alliance.tenants.importing.presets.registry import get_preset
from alliance.tenants.importing.staging.reading import Reading
from alliance.tenants.importing.states import DateOrder, ImportKind, ImportStatus

_REGIONS = {"CNY": "CN", "USD": "US", "EUR": "DE", "GBP": "GB", "JPY": "JP", "HKD": "HK", "TWD": "TW", "SGD": "SG"}


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is read, as kept in `Import.options`."""

    layout: Layout
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        orders = {header: order.value for header, order in self.date_orders.items()}
        return {"layout": self.layout.to_json(), "date_orders": orders, "reasons": dict(self.reasons)}


def options_of(row: Import) -> Options:
    """The options that were kept with an import."""
    stored = row.options
    orders = {header: DateOrder(value) for header, value in stored.get("date_orders", {}).items()}
    return Options(layout_from_json(stored["layout"]), orders, stored.get("reasons", {}))


def get_import(uow: UnitOfWork, import_id: UUID, *, for_update: bool = False) -> Import:
    """An import of the scope's shop. NotFoundError for another shop's and for one that is not there."""
    statement = select(Import).where(Import.shop_id == uow.scope.shop, Import.id == import_id)
    row = uow.session.scalar(statement.with_for_update() if for_update else statement)
    if row is None:
        raise NotFoundError
    return row


def expect_status(row: Import, *allowed: ImportStatus) -> None:
    """Go on only in one of these states; else ConflictError."""
    if row.status not in {status.value for status in allowed}:
        raise ConflictError(_("这次导入现在不能这样操作，请刷新页面查看它的进度"), field=("importId",))


def reading_of(uow: UnitOfWork, row: Import, *, date_orders: Mapping[str, DateOrder] | None = None) -> Reading:
    """How the import's rows are understood: what was kept with it, and the shop's currency and zone."""
    shop, options, kind = get_shop(uow), options_of(row), ImportKind(row.kind)
    return Reading(
        kind=kind,
        preset=get_preset(row.preset, kind),
        layout=options.layout,
        mapping=row.mapping,
        currency=shop.currency,
        zone=ZoneInfo(shop.timezone),
        now=row.created_at,
        channel=row.channel,
        region=_REGIONS.get(shop.currency, "CN"),
        date_orders={**options.date_orders, **(date_orders or {})},
        reasons=options.reasons,
    )


@contextmanager
def opened_file(uow: UnitOfWork, row: Import) -> Iterator[BinaryIO]:
    """The import's file. ConflictError where it has been deleted after its time."""
    if row.file_id is None:
        raise ConflictError(_("原文件已按保存期限删除，请重新上传"), field=("importId",))
    _file, stream = open_file(uow, row.file_id)
    try:
        yield stream
    finally:
        stream.close()


def without_time_limit(uow: UnitOfWork) -> None:
    """Let the statements of this transaction take as long as the job may: a chunk is more than a page's query."""
    uow.session.execute(text("SET LOCAL statement_timeout = 0"))
