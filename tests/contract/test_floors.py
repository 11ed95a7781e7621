"""A room imports only from below, each room has declared its floor, and a break of either is caught."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.tree import ROOMS, ROOT, room_files

# The first rooms in the order of their floors.
FIRST = ("platform", "tenants", "graphql", "web")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the code as the linter sees it, to plant faults in."""
    base = tmp_path / "alliance"
    for room in ROOMS:
        shutil.copytree(ROOT / room, base / room, ignore=shutil.ignore_patterns("__pycache__", "static", "templates"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "pyproject.toml")
    return base


def lint(house: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(house.parent)}
    return subprocess.run(command, cwd=house.parent, env=environment, capture_output=True, text=True, check=False)


def plant(house: Path, module: str, line: str) -> None:
    path = house / module
    path.parent.mkdir(parents=True, exist_ok=True)
    for directory in (path.parent, *path.parent.parents):
        if directory.parent == house:
            break
        (directory / "__init__.py").touch()
    path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")


def test_the_floors_hold(house: Path):
    done = lint(house)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line", "told"),
    [
        ("platform/members/planted.py", "import alliance.tenants.returns.models", "Floors"),
        ("tenants/catalog/planted.py", "import alliance.tenants.returns.models", "Rooms of the tenants"),
        ("platform/kernel/planted.py", "import alliance.platform.members.models", "Rooms of the platform"),
        ("web/security/planted.py", "import alliance.web.entry.app", "Rooms of the faces"),
        ("graphql/engine/planted.py", "import alliance.graphql.schema", "Rooms of the schema"),
    ],
)
def test_an_import_from_above_is_caught(house: Path, module: str, line: str, told: str):
    plant(house, module, line)
    done = lint(house)
    assert done.returncode == 1
    assert f"{told}" in broken(done.stdout)


@pytest.mark.parametrize("room", FIRST)
def test_a_new_room_without_a_floor_is_caught(house: Path, room: str):
    plant(house, f"{room}/newroom/models.py", "import json")
    done = lint(house)
    assert done.returncode != 0
    assert "newroom" in done.stdout + done.stderr


def broken(report: str) -> str:
    """The lines of the report that name broken contracts."""
    return "\n".join(line for line in report.splitlines() if "BROKEN" in line)


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def test_nobody_imports_the_migrations_or_the_tests():
    guilty = {
        str(path): sorted(bad)
        for path in room_files("*.py")
        if path.parts[0] != "migrations"
        and (bad := {name for name in imports(path) if name.startswith(("alliance.migrations", "tests", "support"))})
    }
    assert guilty == {}
