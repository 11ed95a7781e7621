"""The types Import and ImportProblem."""

from __future__ import annotations

from datetime import datetime

import strawberry

from alliance.graphql.engine.connections import Connection, connect_rows, page_request
from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import column, resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.platform.kernel.paging import Page
from alliance.platform.members.roles import Permission
from alliance.tenants.importing import models
from alliance.tenants.importing.problems import ADVICE, Problem
from alliance.tenants.importing.reading import list_problems_of_imports
from alliance.tenants.importing.states import ImportStatus


@access(Permission.IMPORTS_READ)
@strawberry.type
class ImportProblem(RowObject):
    """What was wrong with a row, and how to mend it. `value` is null for who may not see customers."""

    row_: int = strawberry.field(resolver=lambda self: self.row.row, name="row")
    code: str = column("code")
    value: str | None = column("value")

    @resolved()
    def column(self) -> str | None:
        """The column's header; null where the whole row is meant."""
        return self.row.column or None

    @resolved()
    def message(self, info: Info) -> str:
        """What is wrong and how to mend it, in the reader's language."""
        advice = ADVICE[Problem(self.row.code)]
        locale = info.context.locale
        return f"{advice.message.render(locale)} — {advice.mend.render(locale)}"


@access(Permission.IMPORTS_READ)
@strawberry.type
class Import(RowObject, Node):
    """A file with its counts; accepted and rejected rows add up to no more than the total."""

    file_name: str = column("file_name")
    format: str = column("format")
    status: ImportStatus = column("status")
    rows_total: int = column("rows_total")
    rows_accepted: int = column("rows_accepted")
    rows_rejected: int = column("rows_rejected")
    created_at: datetime = column("created_at")

    @resolved()
    def problems(
        self, info: Info, first: int | None = strawberry.UNSET, after: str | None = strawberry.UNSET
    ) -> Connection[ImportProblem]:
        """Its problems by row of the file."""
        request = page_request(first, after)
        pages = self.batch.related(
            ("problems", request),
            lambda rows: list_problems_of_imports(info.context.uow, [row.id for row in rows], request=request),
        )
        return connect_rows(pages.get(self.row.id) or Page([], [], False, after is not None), ImportProblem)


register_row(Import, models.Import, needs=Permission.IMPORTS_READ)
