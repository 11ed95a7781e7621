"""Problems gathered over a file: counts by cause and column, a few sample rows of each, and the rows concerned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alliance.tenants.importing.problems import Problem, Severity, severity_of

SAMPLES = 20
# Rows that only the shop's own data refuse cannot be found again from the file alone, so more of them are kept.
KEPT = 2_000
# Causes whose samples are to be different values, since a person settles each once.
BY_VALUE = frozenset({Problem.REASON_UNMAPPED, Problem.STATUS_UNKNOWN})
FOUND_IN_SHOP = frozenset({Problem.DATE_BEFORE_ORDER, Problem.SALE_NOT_FOUND})
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem of one row: in which column, and the value at fault (personal; None where there is none)."""

    row: int
    problem: Problem
    column: str = ""
    value: str | None = None


@dataclass
class Group:
    """A cause in a column: how many rows, the first of them, and what fills the cause's text."""

    rows: int = 0
    samples: list[Finding] = field(default_factory=list)
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass
class Findings:
    """All problems of a file; memory does not grow with their number."""

    groups: dict[Key, Group] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Count one."""
        group = self.group(finding.problem, finding.column)
        group.rows += 1
        if len(group.samples) >= (KEPT if finding.problem in FOUND_IN_SHOP else SAMPLES):
            return
        if finding.problem in BY_VALUE and any(sample.value == finding.value for sample in group.samples):
            return
        group.samples.append(finding)

    def group(self, problem: Problem, column: str = "") -> Group:
        """The group of a cause and column, made where it is missing."""
        return self.groups.setdefault((problem.value, column), Group())

    def counted(self, problem: Problem, column: str, rows: int, **detail: Any) -> None:
        """A cause that is known by its number of rows only."""
        group = self.group(problem, column)
        group.rows += rows
        group.detail.update(detail)

    def is_error(self, key: Key) -> bool:
        """Whether the group's rows are left out."""
        return severity_of(key[0]) is Severity.ERROR
