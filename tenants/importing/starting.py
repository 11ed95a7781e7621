"""Steps one and two: take up an uploaded file with a guessed mapping, and settle the mapping."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select

from alliance.platform.audit.record import record
from alliance.platform.grading.reasons import REASONS
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.files import open_file
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.texts import Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.checking import check_import, expect_checkable
from alliance.tenants.importing.context import Options, get_import, options_of
from alliance.tenants.importing.fields import FIELDS, REQUIRED, FieldType
from alliance.tenants.importing.layout import inspect_file
from alliance.tenants.importing.models import Import, ImportMapping
from alliance.tenants.importing.presets.preset import key_of, match_columns
from alliance.tenants.importing.presets.registry import FREE, Guess, get_preset, guess_preset
from alliance.tenants.importing.states import DateOrder, ImportKind, ImportStatus

_RETURN_FIELDS = frozenset(
    {"returned", "requested_at", "received_at", "return_number", "return_quantity", "refund", "reason"}
)
_SALE_FIELDS = frozenset({"placed_at", "price", "line_total", "shipped_at"})
LONGEST_CHANNEL = 40


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """What a person says about a column: the field it means (None: ignore it), and how its dates are to be read."""

    column: str
    field: str | None
    format: str | None = None


def start_import(
    uow: UnitOfWork, *, file_id: UUID, kind: ImportKind | None = None, preset: str | None = None, channel: str = ""
) -> Import:
    """Take up an uploaded file of this shop: find out its layout, guess preset and columns. Writes no data yet.

    `channel` is the platform the file's orders came through, where the preset does not say.

    Needs `imports:write`. Another shop's file and a missing one are NotFoundError; what is no table, is empty or has
    only a header is BAD_INPUT with the field `upload`; an unknown preset BAD_INPUT with the field `preset`.
    """
    require(uow, Permission.IMPORTS_WRITE)
    if preset is not None and kind is not None:
        get_preset(preset, kind)
    file, stream = open_file(uow, file_id)
    try:
        layout = inspect_file(stream, kind).layout
    finally:
        stream.close()
    guess = _guess(layout.headers, kind, preset)
    chosen = guess.preset.kind
    remembered = _remembered(uow, chosen, layout.headers) if preset is None else None
    mapping = {layout.headers[index]: name for index, name in guess.fields.items()}
    row = Import(
        shop_id=uow.scope.shop,
        id=new_id(),
        kind=chosen.value,
        preset=remembered.preset if remembered else guess.preset.name,
        channel=guess.preset.channel or channel.strip()[:LONGEST_CHANNEL],
        file_id=file_id,
        file_name=file.name,
        format=layout.format.value,
        status=ImportStatus.MAPPING.value,
        options=Options(layout, reasons=remembered.reasons if remembered else {}).to_json(),
        mapping=dict(remembered.mapping) if remembered else mapping,
        created_by=uow.scope.actor,
        created_at=clock.now(),
    )
    uow.session.add(row)
    uow.session.flush()
    record(uow, "import.started", target=f"import:{row.id}", detail={"kind": row.kind, "preset": row.preset})
    return row


def map_import(
    uow: UnitOfWork,
    import_id: UUID,
    *,
    columns: Sequence[ColumnChoice] = (),
    reasons: Mapping[str, str] | None = None,
) -> Import:
    """Settle the mapping and start the check. Columns that are not named keep their guess.

    Needs `imports:write`. Refused with BAD_INPUT and the field `columns`: an unknown column, field or format, two
    columns for one field, or a mapping without what the kind needs.
    """
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id, for_update=True)
    expect_checkable(uow, row)
    options = options_of(row)
    mapping, orders = dict(row.mapping), dict(options.date_orders)
    for choice in columns:
        _apply(choice, options, ImportKind(row.kind), mapping, orders)
    _check_mapping(mapping, ImportKind(row.kind))
    row.mapping = mapping
    chosen = {text: handle for text, handle in (reasons or {}).items() if handle in REASONS}
    row.options = replace(options, date_orders=orders, reasons={**options.reasons, **chosen}).to_json()
    uow.session.flush()
    check_import(uow, import_id)
    return row


def fingerprint(headers: Sequence[str]) -> str:
    """The key under which a mapping is remembered: the set of headers, however they are ordered and spaced."""
    keys = sorted(key_of(header) for header in headers)
    return hashlib.sha256("\x1f".join(keys).encode()).hexdigest()


def _guess(headers: Sequence[str], kind: ImportKind | None, preset: str | None) -> Guess:
    if preset is not None:
        if kind is None and preset != FREE:
            raise BadInputError(_("指定预设时也要指定导入的种类"), field=("kind",))
        chosen = get_preset(preset, kind or ImportKind.COMBINED)
        return Guess(chosen, 1.0, match_columns(chosen.columns, headers))
    guess = guess_preset(headers, kind)
    if guess.preset.name != FREE or kind is not None:
        return guess
    return guess_preset(headers, _kind_of(set(guess.fields.values())))


def _kind_of(fields: set[str]) -> ImportKind:
    """The kind that a free mapping's fields speak of."""
    if not fields & {"order_number", "customer_id", "phone", "email"}:
        return ImportKind.PRODUCTS
    if not fields & _RETURN_FIELDS:
        return ImportKind.ORDERS
    return ImportKind.COMBINED if fields & _SALE_FIELDS else ImportKind.RETURNS


def _remembered(uow: UnitOfWork, kind: ImportKind, headers: Sequence[str]) -> ImportMapping | None:
    return uow.session.scalar(
        select(ImportMapping).where(
            ImportMapping.shop_id == uow.scope.shop,
            ImportMapping.kind == kind.value,
            ImportMapping.fingerprint == fingerprint(headers),
        )
    )


def _apply(
    choice: ColumnChoice, options: Options, kind: ImportKind, mapping: dict[str, str], orders: dict[str, DateOrder]
) -> None:
    if choice.column not in options.layout.headers:
        raise _refusal(_("文件里没有名为“%(column)s”的列", column=choice.column))
    mapping.pop(choice.column, None)
    orders.pop(choice.column, None)
    if choice.field is None:
        return
    field = FIELDS.get(choice.field)
    if field is None or kind not in field.kinds:
        raise _refusal(_("没有名为“%(field)s”的字段，或它不用于这一类导入", field=choice.field))
    for header in [header for header, name in mapping.items() if name == choice.field]:
        # The newest choice wins over a guess; two choices of one request are caught by the order they come in.
        mapping.pop(header)
    mapping[choice.column] = choice.field
    if choice.format:
        if field.type is not FieldType.DATE or choice.format not in set(DateOrder):
            raise _refusal(_("列“%(column)s”不能按“%(format)s”读取", column=choice.column, format=choice.format))
        orders[choice.column] = DateOrder(choice.format)


def _check_mapping(mapping: Mapping[str, str], kind: ImportKind) -> None:
    used = set(mapping.values())
    for group in REQUIRED[kind]:
        if not used & set(group):
            names = [FIELDS[name].label for name in group]
            raise _refusal(_("还缺少必需的列，请至少对应其中一项：%(fields)s", fields=_listed(names)))


def _listed(labels: Sequence[Text]) -> Text:
    text: Text = labels[0]
    for label in labels[1:]:
        text = _("%(first)s、%(second)s", first=text, second=label)
    return text


def _refusal(message: Text) -> BadInputError:
    return BadInputError(message, field=("columns",))
