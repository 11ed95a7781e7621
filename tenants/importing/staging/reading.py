"""How the rows of one import are to be understood: everything that check and commit must agree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from alliance.tenants.importing.fields import FIELDS, Field
from alliance.tenants.importing.layout import Layout
from alliance.tenants.importing.presets.preset import Preset
from alliance.tenants.importing.states import DateOrder, ImportKind


@dataclass(frozen=True)
class Reading:
    """The layout, which column is which field, the shop's currency and zone, and what was decided in the check.

    `mapping` is field name by header; a header that is not in it is ignored. `now` is the import's moment, the same
    in check and commit, so that both come to the same dates.
    """

    kind: ImportKind
    preset: Preset
    layout: Layout
    mapping: Mapping[str, str]
    currency: str
    zone: ZoneInfo
    now: datetime
    channel: str = ""
    region: str = "CN"
    date_orders: Mapping[str, DateOrder] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> dict[str, tuple[int, str]]:
        """Column index and header of each mapped field."""
        indexes = {header: index for index, header in enumerate(self.layout.headers)}
        return {name: (indexes[header], header) for header, name in self.mapping.items() if header in indexes}

    def has(self, *names: str) -> bool:
        """Whether any of the fields is mapped."""
        mapped = set(self.mapping.values())
        return any(name in mapped for name in names)

    def header_of(self, name: str) -> str:
        """The header that is mapped to a field; '' where none is."""
        return next((header for header, field_name in self.mapping.items() if field_name == name), "")

    def field_of(self, name: str) -> Field:
        """The field's definition."""
        return FIELDS[name]
