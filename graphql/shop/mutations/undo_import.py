"""The mutation `undoImport`: take a committed import back, whole, within 24 hours."""

from __future__ import annotations

from uuid import UUID

import strawberry

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.mutations import input_key
from alliance.graphql.shop.mutations.imports import ImportPayload, run_import
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.undoing import undo_import


@strawberry.input
class UndoImportInput:
    """The import to take back."""

    import_id: strawberry.ID
    client_mutation_id: str | None = strawberry.UNSET


def run(context: Context, given: UndoImportInput) -> ImportPayload:
    """Remove all that the import wrote, unless later work stands on it; the error says which."""

    def command(uow: UnitOfWork) -> UUID:
        return undo_import(uow, input_key(given.import_id, "Import", field="import_id")).id

    return run_import(context, operation="undoImport", given=given, command=command, field="import_id")
