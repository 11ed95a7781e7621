"""The repository as the guard tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("platform", "tenants", "anonymize", "graphql", "web", "migrations")


def room_files(pattern: str = "*") -> Iterator[Path]:
    """Every file of the rooms that matches, relative to the root; no compiled ones."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(ROOT)


def sources() -> Iterator[Path]:
    """Every Python file that is ours, tests included, relative to the root."""
    yield from room_files("*.py")
    for path in sorted((ROOT / "tests").rglob("*.py")):
        yield path.relative_to(ROOT)
    yield Path("setup.py")
