"""The wheel holds every module and every file of the rooms: a forgotten one would only show on another machine."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from support.tree import ROOMS, ROOT


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[zipfile.ZipFile, set[str]]:
    """The wheel and the names it should hold; built from a copy, so that nothing is written into the checkout."""
    copy = tmp_path_factory.mktemp("tree")
    for room in ROOMS:
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md"):
        shutil.copy(ROOT / name, copy / name)
    expected = {f"alliance/{path.relative_to(copy).as_posix()}" for room in ROOMS for path in files_of(copy / room)}
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--quiet",
        "--wheel-dir",
        str(copy / "dist"),
        str(copy),
    ]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return zipfile.ZipFile(next((copy / "dist").glob("alliance-*.whl"))), expected


def files_of(room: Path) -> list[Path]:
    return [path for path in room.rglob("*") if path.is_file()]


def test_the_wheel_holds_exactly_the_files_of_the_rooms(built: tuple[zipfile.ZipFile, set[str]]):
    wheel, expected = built
    held = {name for name in wheel.namelist() if not name.split("/")[0].endswith(".dist-info")}
    assert expected - held == set()
    assert held - expected == set()


def test_the_wheel_brings_the_command(built: tuple[zipfile.ZipFile, set[str]]):
    wheel, _expected = built
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "alliance = alliance.web.entry.cli:main" in wheel.read(entry).decode()
