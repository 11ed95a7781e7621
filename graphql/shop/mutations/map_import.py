"""The mutation `mapImport`: settle what each column means, and start the check."""

from __future__ import annotations

from uuid import UUID

import strawberry

from alliance.graphql.engine.connections import given as given_or_none
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.mutations import input_key
from alliance.graphql.shop.mutations.imports import ImportPayload, run_import
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.starting import ColumnChoice, map_import


@strawberry.input
class ColumnMappingInput:
    """What a column means: a field of ours, or null to ignore it; `format` says how its dates are to be read."""

    column: str
    field: str | None = strawberry.UNSET
    format: str | None = strawberry.UNSET


@strawberry.input
class MapImportInput:
    """The import, and the columns to change; those that are not named keep their guess."""

    import_id: strawberry.ID
    columns: list[ColumnMappingInput]
    client_mutation_id: str | None = strawberry.UNSET


def run(context: Context, given: MapImportInput) -> ImportPayload:
    """Settle the mapping; the check goes on as a job."""

    def command(uow: UnitOfWork) -> UUID:
        import_id = input_key(given.import_id, "Import", field="import_id")
        choices = [
            ColumnChoice(item.column, given_or_none(item.field), given_or_none(item.format)) for item in given.columns
        ]
        return map_import(uow, import_id, columns=choices).id

    return run_import(context, operation="mapImport", given=given, command=command, field="import_id")
