"""What the four mutations of an import share: their payload."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.context import Context
from alliance.graphql.engine.loading import find_row, wrap_one
from alliance.graphql.engine.mutations import Command, UserError, run_command
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.imports.types import Import
from alliance.tenants.importing import models


@access(Access.CARRIER)
@strawberry.type
class ImportPayload:
    """The import as it is now; its check or commit goes on as a job, so ask again for its status."""

    import_: Import | None = strawberry.field(name="import")
    user_errors: list[UserError]
    client_mutation_id: str | None


def run_import(context: Context, *, operation: str, given: object, command: Command, field: str) -> ImportPayload:
    """Run a command that answers an import's key; `field` is the input that names what it works on."""
    outcome = run_command(context, operation=operation, given=given, command=command, field=field)
    row = find_row(context.uow, models.Import, outcome.key) if outcome.key else None
    return ImportPayload(
        import_=wrap_one(Import, row) if row is not None else None,
        user_errors=outcome.user_errors,
        client_mutation_id=outcome.client_mutation_id,
    )
