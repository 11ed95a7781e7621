"""The types Unit and Defect: one physical piece and its flaws."""

from __future__ import annotations

from datetime import datetime

import strawberry
from sqlalchemy import String, cast, literal, select

from alliance.graphql.engine.compiling.declarations import Computed, map_row
from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import Money, amount, column, many, resolved
from alliance.graphql.engine.loading import RowObject
from alliance.graphql.engine.nodes import Node, register_row
from alliance.graphql.engine.permissions import access
from alliance.platform.centre.models import Site
from alliance.platform.centre.queries import find_site_names
from alliance.platform.grading.scale import Disposition, Grade
from alliance.platform.members.roles import Permission
from alliance.tenants.returns import models
from alliance.tenants.returns.queries import find_defects_of_units
from alliance.tenants.returns.states import InspectionState


@access(Permission.RETURNS_READ)
@strawberry.type
class Defect(RowObject):
    """A flaw that the inspection found, and where."""

    kind: str = column("kind")
    place: str | None = column("place")
    note: str | None = column("note")

    @resolved(reads=Computed(lambda row, _shop: literal("/files/").concat(cast(row.c.photo_file_id, String))))
    def photo_url(self) -> str | None:
        """Where the photo is, for who may see it; null where there is none."""
        return f"/files/{self.row.photo_file_id}" if self.row.photo_file_id else None


@access(Permission.RETURNS_READ)
@strawberry.type
class Unit(RowObject, Node):
    """One physical piece under its licence plate."""

    plate: str = column("plate")
    inspection: InspectionState = column("inspection")
    grade: Grade | None = column("grade")
    defects: list[Defect] = many(Defect, load=find_defects_of_units, by="unit_id", size=2)
    disposition: Disposition | None = column("disposition")
    recovered_value: Money | None = amount("recovered_minor", currency=None)
    resold_at: datetime | None = column("resold_at")

    @resolved(reads=Computed(lambda row, _shop: select(Site.name).where(Site.id == row.c.site_id).scalar_subquery()))
    def site(self, info: Info) -> str | None:
        """The name of the site where the piece is; null in the shop itself."""
        names = self.batch.related(
            "site",
            lambda rows: find_site_names(info.context.uow, {row.site_id for row in rows if row.site_id is not None}),
        )
        return names.get(self.row.site_id)


map_row(Defect, models.UnitDefect)
register_row(Unit, models.Unit, needs=Permission.RETURNS_READ)
