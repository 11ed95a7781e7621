"""The outcome of reading one cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from alliance.tenants.importing.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """A value, or the fault for which the row is left out, or a value with a note on how it was understood."""

    value: T | None = None
    fault: Problem | None = None
    note: Problem | None = None
