"""What a page shows of an import: its columns with guesses and samples, its problem groups in words, its bad rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from alliance.platform.kernel.crypto import field_context, open_sealed
from alliance.platform.kernel.texts import Locale, Text, _
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.roles import Permission, require
from alliance.tenants.importing.cells.words import clean_text
from alliance.tenants.importing.context import get_import, opened_file, options_of, reading_of
from alliance.tenants.importing.layout import inspect_file, read_file
from alliance.tenants.importing.models import ImportProblem, ImportProblemGroup
from alliance.tenants.importing.problems import ADVICE, Advice, Problem, Severity
from alliance.tenants.importing.reading import VALUE
from alliance.tenants.importing.staging.evidence import SHAPE_NAMES
from alliance.tenants.importing.staging.findings import FOUND_IN_SHOP, SAMPLES
from alliance.tenants.importing.staging.pipeline import Pipeline
from alliance.tenants.importing.states import ImportKind

# What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DATE_GROUPS = frozenset({Problem.DATE_AMBIGUOUS, Problem.DATE_ORDER_GUESSED, Problem.DATE_FORMATS_MIXED})
_ORDER_NAMES = {"dmy": _("日/月/年"), "mdy": _("月/日/年"), "ymd": _("年/月/日")}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column of the file: what it is taken for ('' if ignored) and a few of its values."""

    header: str
    field: str
    format: str
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of a group; the value is None for who may not see customers."""

    row: int
    value: str | None


@dataclass(frozen=True, slots=True)
class GroupView:
    """One cause in one column, in words, with its first rows and what may settle it with one click."""

    code: Problem
    column: str
    rows: int
    advice: Advice
    detail: Text | None
    samples: tuple[Sample, ...]
    slashed: bool

    @property
    def is_error(self) -> bool:
        """Whether its rows are left out."""
        return self.advice.severity is Severity.ERROR

    @property
    def asks_date_order(self) -> bool:
        """Whether reading the whole column one way may settle it."""
        return self.code in _DATE_GROUPS and self.slashed


def list_columns(uow: UnitOfWork, import_id: UUID) -> list[ColumnView]:
    """The file's columns with the first values of each. Needs `imports:write`, since values may be personal."""
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id)
    options = options_of(row)
    with opened_file(uow, row) as stream:
        samples = inspect_file(stream, ImportKind(row.kind)).samples
    width = len(options.layout.headers)
    values = [[clean_text(cells[i]) if i < len(cells) else "" for cells in samples] for i in range(width)]
    return [
        ColumnView(
            header,
            row.mapping.get(header, ""),
            options.date_orders[header].value if header in options.date_orders else "",
            tuple(value[:60] for value in dict.fromkeys(values[index]) if value)[:3],
        )
        for index, header in enumerate(options.layout.headers)
    ]


def list_groups(uow: UnitOfWork, import_id: UUID) -> list[GroupView]:
    """What the check found, errors first, the most frequent first. Needs `imports:read`."""
    require(uow, Permission.IMPORTS_READ)
    row = get_import(uow, import_id)
    shop = uow.scope.shop
    groups = uow.session.scalars(
        select(ImportProblemGroup).where(ImportProblemGroup.shop_id == shop, ImportProblemGroup.import_id == row.id)
    ).all()
    samples: dict[UUID, list[ImportProblem]] = {}
    statement = select(ImportProblem).where(ImportProblem.shop_id == shop, ImportProblem.import_id == row.id)
    for problem in uow.session.scalars(statement.order_by(ImportProblem.row, ImportProblem.id)):
        samples.setdefault(problem.group_id, []).append(problem)
    key = uow.services.keys.shop_key(shop) if Permission.CUSTOMERS_READ.value in uow.scope.permissions else None
    context = field_context(shop, None, VALUE)

    def opened(problem: ImportProblem) -> Sample:
        sealed = problem.value_sealed
        return Sample(problem.row, open_sealed(key, sealed, context).decode() if key and sealed else None)

    views = [
        GroupView(
            Problem(group.code),
            group.column,
            group.rows,
            ADVICE[Problem(group.code)],
            _detail(group.detail),
            tuple(opened(problem) for problem in samples.get(group.id, [])[:SAMPLES]),
            "slashed" in group.detail.get("shapes", {"slashed": 1}),
        )
        for group in groups
    ]
    return sorted(views, key=lambda view: (not view.is_error, -view.rows, view.code.value, view.column))


def unmapped_reasons(uow: UnitOfWork, import_id: UUID) -> list[str]:
    """Distinct reason texts among the samples that nobody could map, to be mapped by a person."""
    for group in list_groups(uow, import_id):
        if group.code is Problem.REASON_UNMAPPED:
            return list(dict.fromkeys(sample.value for sample in group.samples if sample.value))
    return []


def write_bad_rows(uow: UnitOfWork, import_id: UUID, *, locale: Locale) -> Iterator[bytes]:
    """A CSV of the rejected rows alone as they stand in the file, with the reason first; read anew from the file.

    UTF-8 with a mark, for Excel; a cell that a spreadsheet would run as a formula is quoted with `'`. Needs
    `imports:write`.
    """
    require(uow, Permission.IMPORTS_WRITE)
    row = get_import(uow, import_id)
    reading = reading_of(uow, row)
    reasons: dict[int, list[str]] = {}
    with opened_file(uow, row) as stream:
        for staged in Pipeline(reading).run(read_file(stream, reading.layout)):
            for finding in staged.findings:
                advice = ADVICE[finding.problem]
                if advice.severity is Severity.ERROR:
                    told = _reason(finding.column, advice, locale)
                    if told not in reasons.setdefault(finding.row, []):
                        reasons[finding.row].append(told)
        for problem_row, told in _found_in_shop(uow, row.id, locale):
            if told not in reasons.setdefault(problem_row, []):
                reasons[problem_row].append(told)
        yield "\ufeff".encode() + _csv_line(
            [_("行").render(locale), _("要改的地方").render(locale), *reading.layout.headers]
        )
        for block in read_file(stream, reading.layout):
            for number, cells in zip(block.numbers, block.rows, strict=True):
                if number in reasons:
                    yield _csv_line([str(number), "；".join(reasons[number]), *cells])


def _found_in_shop(uow: UnitOfWork, import_id: UUID, locale: Locale) -> Iterator[tuple[int, str]]:
    """Rows refused by the shop's own data, which only the check has asked."""
    shop = uow.scope.shop
    statement = (
        select(ImportProblem.row, ImportProblemGroup.code, ImportProblemGroup.column)
        .join(
            ImportProblemGroup,
            (ImportProblemGroup.shop_id == ImportProblem.shop_id) & (ImportProblemGroup.id == ImportProblem.group_id),
        )
        .where(ImportProblem.shop_id == shop, ImportProblemGroup.shop_id == shop)
        .where(
            ImportProblem.import_id == import_id, ImportProblemGroup.code.in_([code.value for code in FOUND_IN_SHOP])
        )
    )
    for number, code, column in uow.session.execute(statement):
        yield number, _reason(column, ADVICE[Problem(code)], locale)


def _reason(column: str, advice: Advice, locale: Locale) -> str:
    told = f"{advice.message.render(locale)} ({advice.expected.render(locale)})"
    return f"{column}: {told}" if column else told


def _csv_line(cells: list[str]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(["'" + cell if cell.startswith(_FORMULA) else cell for cell in cells])
    return buffer.getvalue().encode()


def _detail(detail: dict[str, Any]) -> Text | None:
    if "order" in detail:
        return _("按“%(order)s”读取", order=_ORDER_NAMES[detail["order"]])
    shapes = [
        _("%(shape)s %(rows)s 行", shape=SHAPE_NAMES[name], rows=rows)
        for name, rows in sorted(detail.get("shapes", {}).items(), key=lambda item: -item[1])
    ]
    text: Text | None = None
    for shape in shapes:
        text = shape if text is None else _("%(first)s、%(second)s", first=text, second=shape)
    return text
