"""The mutation `commitImport`: write a checked import into the shop's tables."""

from __future__ import annotations

from uuid import UUID

import strawberry

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.mutations import input_key
from alliance.graphql.shop.mutations.imports import ImportPayload, run_import
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.committing import commit_import


@strawberry.input
class CommitImportInput:
    """The import, and whether rows that must be mended are left out."""

    import_id: strawberry.ID
    skip_bad_rows: bool | None = False
    client_mutation_id: str | None = strawberry.UNSET


def run(context: Context, given: CommitImportInput) -> ImportPayload:
    """Start the commit; it goes on as a job."""

    def command(uow: UnitOfWork) -> UUID:
        import_id = input_key(given.import_id, "Import", field="import_id")
        commit_import(uow, import_id, skip_bad_rows=bool(given.skip_bad_rows))
        return import_id

    return run_import(context, operation="commitImport", given=given, command=command, field="import_id")
