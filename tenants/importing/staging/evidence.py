"""What a date column proves about itself: which ways of writing it holds, and whether day or month comes first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from alliance.platform.kernel.texts import Text, _
from alliance.tenants.importing.states import DateOrder

_SLASHED = frozenset({"day-first", "month-first", "ambiguous", "same"})
SHAPE_NAMES: dict[str, Text] = {
    "iso": Text("2026-11-04"),
    "chinese": Text("2026年11月4日"),
    "slashed-ymd": Text("2026/11/4"),
    "slashed": Text("04/11/2026"),
    "serial": _("Excel 序列号 46330"),
    "epoch": _("时间戳"),
    "compact": Text("20261104"),
    "named": Text("Nov 4, 2026"),
}


@dataclass
class DateEvidence:
    """Counts of shapes by header, gathered over the whole file."""

    shapes: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, header: str, counts: Mapping[str, int]) -> None:
        """Count a chunk's shapes."""
        self.shapes.setdefault(header, Counter()).update(counts)

    def decided(self) -> dict[str, DateOrder]:
        """The order of each column with ambiguous dates whose other dates all agree on one."""
        orders = {}
        for header, counts in self.shapes.items():
            if not counts["ambiguous"] or bool(counts["day-first"]) == bool(counts["month-first"]):
                continue
            orders[header] = DateOrder.DMY if counts["day-first"] else DateOrder.MDY
        return orders

    def ambiguous(self, header: str) -> int:
        """Rows of a column whose day and month cannot be told apart on their own."""
        return self.shapes.get(header, Counter())["ambiguous"]

    def mixed(self) -> dict[str, dict[str, int]]:
        """Columns with more than one way of writing dates, and how many rows each way has."""
        result = {}
        for header, counts in self.shapes.items():
            families: Counter[str] = Counter()
            for shape, rows in counts.items():
                if shape in SHAPE_NAMES or shape in _SLASHED:
                    families["slashed" if shape in _SLASHED else shape] += rows
            if len(families) > 1 or (counts["day-first"] and counts["month-first"]):
                result[header] = dict(families)
        return result
