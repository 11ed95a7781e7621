"""The mutation `importFile`: take up an uploaded file."""

from __future__ import annotations

from uuid import UUID

import strawberry

from alliance.graphql.engine.connections import given as given_or_none
from alliance.graphql.engine.context import Context
from alliance.graphql.engine.mutations import missing
from alliance.graphql.shop.mutations.imports import ImportPayload, run_import
from alliance.platform.kernel.work import UnitOfWork
from alliance.tenants.importing.starting import start_import
from alliance.tenants.importing.states import ImportKind

UUID_LENGTH = 36


@strawberry.input
class ImportFileInput:
    """The id that `POST /uploads` answered, what the file holds, and a preset if one is to be forced."""

    upload: strawberry.ID
    kind: ImportKind
    preset: str | None = strawberry.UNSET
    client_mutation_id: str | None = strawberry.UNSET


def run(context: Context, given: ImportFileInput) -> ImportPayload:
    """Find out the file's layout and guess its columns. Nothing is written into the shop's tables yet."""

    def command(uow: UnitOfWork) -> UUID:
        file_id = upload_key(given.upload)
        return start_import(uow, file_id=file_id, kind=given.kind, preset=given_or_none(given.preset)).id

    return run_import(context, operation="importFile", given=given, command=command, field="upload")


def upload_key(value: str) -> UUID:
    """The key of an upload's id, which is a plain uuid. Anything else is NOT_FOUND."""
    try:
        if len(value) != UUID_LENGTH:
            raise ValueError("not the canonical form of a uuid")
        return UUID(value)
    except ValueError:
        raise missing("upload") from None
