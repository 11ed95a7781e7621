"""The type ReturnReason: a handle of the one table of reasons."""

from __future__ import annotations

from typing import Any

import strawberry

from alliance.graphql.engine.compiling.declarations import Known
from alliance.graphql.engine.context import Info
from alliance.graphql.engine.fields import resolved
from alliance.graphql.engine.permissions import Access, access
from alliance.graphql.shop.enums import Locale
from alliance.platform.grading.reasons import REASONS, UNKNOWN, Reason, ReasonLevel1


@access(Access.CARRIER)
@strawberry.type
class ReturnReason:
    """Why something came back: a stable handle under one of the four reasons of the first level."""

    reason: strawberry.Private[Reason]
    handle: str
    level1: ReasonLevel1

    @resolved()
    def name(self, info: Info, locale: Locale | None = strawberry.UNSET) -> str:
        """The name in a language, by default the reader's."""
        return self.reason.name(locale.code if locale else info.context.locale)


FIELDS = {
    "handle": lambda reason, _arguments, _reader: reason.handle,
    "level1": lambda reason, _arguments, _reader: reason.level1.name,
    "name": lambda reason, arguments, reader: reason.name(
        arguments["locale"].code if arguments.get("locale") else reader
    ),
}


def reason_of(handle: str | None) -> ReturnReason | None:
    """A row's handle as a reason. One that the table has lost reads as not mapped."""
    if handle is None:
        return None
    reason = REASONS.get(handle, REASONS[UNKNOWN])
    return ReturnReason(reason=reason, handle=reason.handle, level1=reason.level1)


def reason_field(attribute: str) -> Any:
    """A field that is the reason whose handle stands in a column."""

    def read(self: Any) -> Any:
        return reason_of(getattr(self.row, attribute))

    return resolved(reads=Known(attribute, REASONS, UNKNOWN, FIELDS))(read)
