"""The contract's enums. They are the rooms' own: a row holds the value, a client sees the name."""

from __future__ import annotations

from enum import Enum

import strawberry

from alliance.platform.grading.reasons import ReasonLevel1
from alliance.platform.grading.scale import Disposition, Grade, Resellability, Responsibility
from alliance.platform.kernel import texts
from alliance.platform.members.roles import MemberRole
from alliance.tenants.importing.states import ImportKind, ImportStatus
from alliance.tenants.returns.states import (
    AuthorisationState,
    InspectionState,
    LogisticsState,
    RefundState,
    ReturnOrder,
    Wish,
)


@strawberry.enum
class Locale(Enum):
    """A language that texts are shown in."""

    ZH_CN = "zh_CN"
    EN = "en"

    @property
    def code(self) -> texts.Locale:
        """The code the catalogues know."""
        return texts.choose_locale(self.value)


for _kind in (
    AuthorisationState,
    Disposition,
    Grade,
    ImportKind,
    ImportStatus,
    InspectionState,
    LogisticsState,
    MemberRole,
    ReasonLevel1,
    RefundState,
    Resellability,
    Responsibility,
    ReturnOrder,
    Wish,
):
    strawberry.enum(_kind)
