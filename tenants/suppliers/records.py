"""Recording suppliers and the batches they deliver. Recording the same once more answers the one there is."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError, NotFoundError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.inputs import clean_name
from alliance.platform.members.roles import Permission, require
from alliance.tenants.catalog.models import Product
from alliance.tenants.suppliers.models import Batch, Supplier

MOST_CODE = 60


def record_supplier(uow: UnitOfWork, *, name: str) -> UUID:
    """The shop's supplier of this name, made where it is new. Needs `suppliers:write`."""
    require(uow, Permission.SUPPLIERS_WRITE)
    row = {"shop_id": uow.scope.shop, "id": new_id(), "name": clean_name(name), "created_at": clock.now()}
    made: UUID | None = uow.session.scalar(insert(Supplier).values(row).on_conflict_do_nothing().returning(Supplier.id))
    if made is not None:
        record(uow, "supplier.recorded", target=f"supplier:{made}")
        return made
    statement = select(Supplier.id).where(Supplier.shop_id == uow.scope.shop, Supplier.name == row["name"])
    return uow.session.scalars(statement).one()


def record_batch(
    uow: UnitOfWork, *, supplier_id: UUID, product_id: UUID, code: str, received_at: datetime | None = None
) -> UUID:
    """The supplier's delivery under this code, made where it is new. Needs `suppliers:write`.

    A supplier or product that is not the shop's is a NotFoundError; a code that the supplier used for another
    product, or one that is no line of 1 to 60 characters, a BadInputError.
    """
    require(uow, Permission.SUPPLIERS_WRITE)
    cleaned = clean_code(code)
    _expect_own(uow, supplier_id=supplier_id, product_id=product_id)
    row = {
        "shop_id": uow.scope.shop,
        "id": new_id(),
        "supplier_id": supplier_id,
        "product_id": product_id,
        "code": cleaned,
        "received_at": received_at,
        "created_at": clock.now(),
    }
    made: UUID | None = uow.session.scalar(insert(Batch).values(row).on_conflict_do_nothing().returning(Batch.id))
    if made is not None:
        record(uow, "batch.recorded", target=f"batch:{made}", detail={"code": cleaned})
        return made
    return _known_batch(uow, supplier_id=supplier_id, product_id=product_id, code=cleaned)


def clean_code(code: str) -> str:
    """A batch code as it is stored: one composed line of 1 to 60 characters. Else BadInputError."""
    cleaned = " ".join(unicodedata.normalize("NFKC", code).split())
    if not 1 <= len(cleaned) <= MOST_CODE or not cleaned.isprintable():
        raise BadInputError(_("批次号须为 1 到 %(most)s 个字符", most=MOST_CODE), field=("code",))
    return cleaned


def _known_batch(uow: UnitOfWork, *, supplier_id: UUID, product_id: UUID, code: str) -> UUID:
    statement = select(Batch.id, Batch.product_id).where(
        Batch.shop_id == uow.scope.shop, Batch.supplier_id == supplier_id, Batch.code == code
    )
    known_id, known_product = uow.session.execute(statement).one()
    if known_product != product_id:
        raise BadInputError(_("批次号 %(code)s 已用于另一件商品", code=code), field=("code",))
    return known_id


def _expect_own(uow: UnitOfWork, *, supplier_id: UUID, product_id: UUID) -> None:
    for table, wanted in ((Supplier, supplier_id), (Product, product_id)):
        statement = select(table.id).where(table.shop_id == uow.scope.shop, table.id == wanted)
        if uow.session.scalar(statement) is None:
            raise NotFoundError
