"""Taking a committed import back whole, for a day, unless later work stands on it."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import text

from alliance.platform.audit.record import record
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import ConflictError
from alliance.platform.kernel.locking import Lock, lock
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.context import expect_status, get_import, without_time_limit
from alliance.tenants.importing.models import Import
from alliance.tenants.importing.states import ImportStatus
from alliance.tenants.importing.writing.stage import affected

# What stands on an import's rows, each with how it is told; the count goes into the text.
_DEPENDENTS: tuple[tuple[Text, str], ...] = (
    (
        _("导入的退货已有处理记录"),
        """SELECT count(DISTINCT e.return_id) FROM tenants.return_event e
           JOIN tenants.returns r ON r.shop_id = :shop AND r.id = e.return_id
           WHERE e.shop_id = :shop AND r.import_id = :import""",
    ),
    (
        _("导入的退货已登记单件"),
        """SELECT count(*) FROM tenants.unit u
           JOIN tenants.return_line l ON l.shop_id = :shop AND l.id = u.return_line_id
           WHERE u.shop_id = :shop AND l.import_id = :import""",
    ),
    (
        _("导入的退货后来又添了退货行"),
        """SELECT count(*) FROM tenants.return_line l JOIN tenants.returns r ON r.shop_id = :shop AND r.id = l.return_id
           WHERE l.shop_id = :shop AND r.import_id = :import AND l.import_id IS DISTINCT FROM :import""",
    ),
    (
        _("导入的订单后来有了退货"),
        """SELECT count(*) FROM tenants.returns r JOIN tenants.orders o ON o.shop_id = :shop AND o.id = r.order_id
           WHERE r.shop_id = :shop AND o.import_id = :import AND r.import_id IS DISTINCT FROM :import""",
    ),
    (
        _("导入的订单后来又添了订单行"),
        """SELECT count(*) FROM tenants.order_line l JOIN tenants.orders o ON o.shop_id = :shop AND o.id = l.order_id
           WHERE l.shop_id = :shop AND o.import_id = :import AND l.import_id IS DISTINCT FROM :import""",
    ),
)
# Orders of an earlier import that this one completed fall back to what a return had told of them.
_REOPEN = """
UPDATE tenants.orders o SET complete = false, total_minor = 0
WHERE o.shop_id = :shop AND o.import_id IS DISTINCT FROM :import
  AND o.id IN (SELECT l.order_id FROM tenants.order_line l WHERE l.shop_id = :shop AND l.import_id = :import)
  AND NOT EXISTS (SELECT FROM tenants.order_line l WHERE l.shop_id = :shop AND l.order_id = o.id
                  AND l.import_id IS DISTINCT FROM :import)
"""
_UNLINK = """
UPDATE tenants.return_line r SET order_line_id = NULL
WHERE r.shop_id = :shop AND r.import_id IS DISTINCT FROM :import AND r.order_line_id IN (
    SELECT l.id FROM tenants.order_line l WHERE l.shop_id = :shop AND l.import_id = :import)
"""
_REMOVE: tuple[tuple[str, str], ...] = (
    ("return_lines", "DELETE FROM tenants.return_line WHERE shop_id = :shop AND import_id = :import"),
    ("returns", "DELETE FROM tenants.returns WHERE shop_id = :shop AND import_id = :import"),
    ("order_lines", "DELETE FROM tenants.order_line WHERE shop_id = :shop AND import_id = :import"),
    ("orders", "DELETE FROM tenants.orders WHERE shop_id = :shop AND import_id = :import"),
    (
        "variants",
        """DELETE FROM tenants.variant v WHERE v.shop_id = :shop AND v.import_id = :import
           AND NOT EXISTS (SELECT FROM tenants.order_line l WHERE l.shop_id = :shop AND l.variant_id = v.id)
           AND NOT EXISTS (SELECT FROM tenants.return_line l WHERE l.shop_id = :shop AND l.variant_id = v.id)
           AND NOT EXISTS (SELECT FROM tenants.unit u WHERE u.shop_id = :shop AND u.variant_id = v.id)""",
    ),
    (
        "products",
        """DELETE FROM tenants.product p WHERE p.shop_id = :shop AND p.import_id = :import
           AND NOT EXISTS (SELECT FROM tenants.variant v WHERE v.shop_id = :shop AND v.product_id = p.id)
           AND NOT EXISTS (SELECT FROM tenants.batch b WHERE b.shop_id = :shop AND b.product_id = p.id)""",
    ),
)
_REMOVE_CUSTOMERS = """
DELETE FROM tenants.customer c WHERE c.shop_id = :shop AND c.import_id = :import AND c.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM tenants.orders o WHERE o.shop_id = :shop AND o.customer_id = c.id)
  AND NOT EXISTS (SELECT FROM tenants.returns r WHERE r.shop_id = :shop AND r.customer_id = c.id)
RETURNING c.id
"""


def undo_import(uow: UnitOfWork, import_id: UUID) -> Import:
    """Remove everything a committed import wrote, in one transaction; products and customers in use elsewhere stay.

    The keys of the customers that go are destroyed after the commit.

    Needs `imports:write`. ConflictError after 24 hours, in another state, and where later work stands on the import:
    the text says which and how much. An import that is undone already is answered as it is.
    """
    require(uow, Permission.IMPORTS_WRITE)
    lock(uow.session, Lock.IMPORT_COMMIT, uow.scope.shop)
    row = get_import(uow, import_id, for_update=True)
    if row.status == ImportStatus.UNDONE:
        return row
    expect_status(row, ImportStatus.DONE)
    if row.undo_until is None or clock.now() > row.undo_until:
        raise ConflictError(_("已超过 24 小时，不能再撤销这次导入"), field=("importId",))
    without_time_limit(uow)
    values = {"shop": uow.scope.shop, "import": row.id}
    _refuse_dependents(uow, values)
    removed = _remove(uow, values)
    row.status, row.undone_at = ImportStatus.UNDONE.value, clock.now()
    record(uow, "import.undone", target=f"import:{row.id}", detail={"removed": removed})
    uow.session.flush()
    return row


def _refuse_dependents(uow: UnitOfWork, values: dict[str, UUID]) -> None:
    reasons: list[Text] = []
    for message, statement in _DEPENDENTS:
        count = int(uow.session.scalar(text(statement), values) or 0)
        if count:
            reasons.append(_("%(what)s（%(count)s 条）", what=message, count=count))
    if reasons:
        listed = reasons[0]
        for reason in reasons[1:]:
            listed = _("%(first)s；%(second)s", first=listed, second=reason)
        raise ConflictError(_("不能撤销：%(reasons)s", reasons=listed), field=("importId",))


def _remove(uow: UnitOfWork, values: dict[str, UUID]) -> dict[str, int]:
    session = uow.session
    session.execute(text(_REOPEN), values)
    session.execute(text(_UNLINK), values)
    removed: dict[str, int] = {}
    for name, statement in _REMOVE:
        removed[name] = affected(session, statement, values)
    gone = list(session.scalars(text(_REMOVE_CUSTOMERS), values))
    # Keys take no part in the transaction, and what they sealed is gone only with its commit.
    uow.on_commit(partial(uow.services.keys.destroy_many, uow.scope.shop, gone))
    return {**removed, "customers": len(gone)}
