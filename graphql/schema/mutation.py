"""The root type Mutation."""

from __future__ import annotations

import strawberry

from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.mutations import commit_import, import_file, map_import, switch_shop, undo_import
from alliance.graphql.shop.mutations.commit_import import CommitImportInput
from alliance.graphql.shop.mutations.import_file import ImportFileInput
from alliance.graphql.shop.mutations.imports import ImportPayload
from alliance.graphql.shop.mutations.map_import import MapImportInput
from alliance.graphql.shop.mutations.switch_shop import SwitchShopInput, SwitchShopPayload
from alliance.graphql.shop.mutations.undo_import import UndoImportInput
from alliance.platform.members.roles import Permission

IMPORTS_WRITE = Permission.IMPORTS_WRITE


@access(Access.LOGGED_IN)
@strawberry.type
class Mutation:
    """What a member may change. What can be put right comes back as `userErrors`, and nothing has changed then."""

    @resolved()
    def switch_shop(self, info: Info, input: SwitchShopInput) -> SwitchShopPayload:
        """Work in another of one's shops from the next request on."""
        return switch_shop.run(info.context, input)

    @resolved(needs=IMPORTS_WRITE)
    def import_file(self, info: Info, input: ImportFileInput) -> ImportPayload:
        """Take up an uploaded file: its layout is found out and its columns are guessed."""
        return import_file.run(info.context, input)

    @resolved(needs=IMPORTS_WRITE)
    def map_import(self, info: Info, input: MapImportInput) -> ImportPayload:
        """Settle what each column means; the check follows as a job."""
        return map_import.run(info.context, input)

    @resolved(needs=IMPORTS_WRITE)
    def commit_import(self, info: Info, input: CommitImportInput) -> ImportPayload:
        """Write a checked import into the shop's tables, as a job."""
        return commit_import.run(info.context, input)

    @resolved(needs=IMPORTS_WRITE)
    def undo_import(self, info: Info, input: UndoImportInput) -> ImportPayload:
        """Take a committed import back, whole, within 24 hours."""
        return undo_import.run(info.context, input)
