"""The house: whose names win, how long things may be, what lies where."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.tree import ROOMS, ROOT, sources

LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def test_the_standard_librarys_platform_and_graphql_core_win_from_the_root():
    code = "import platform, graphql; print(platform.__file__); print(graphql.__file__); print(platform.system())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    library, core, _system = done.stdout.splitlines()
    assert Path(library).parent == Path(ast.__file__).parent
    assert Path(core).parent.name == "graphql"
    assert Path(core).parent.parent.name in {"site-packages", "dist-packages"}


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_is_a_regular_package_at_the_root(room: str):
    assert (ROOT / room).is_dir()
    assert not (ROOT / room / "__init__.py").exists()


@pytest.mark.parametrize("room", ROOMS)
def test_every_directory_with_code_below_a_room_is_a_package(room: str):
    missing = {
        str(path.parent.relative_to(ROOT))
        for path in (ROOT / room).rglob("*.py")
        if path.parent != ROOT / room and not (path.parent / "__init__.py").exists()
    }
    assert missing <= {"migrations/versions"}


def test_no_file_is_longer_than_400_lines():
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in sources()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_function_is_longer_than_60_lines():
    long = {
        f"{path}:{node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in sources()
        for node in functions(path)
        if (node.end_lineno or 0) - node.lineno + 1 > LONGEST_FUNCTION
    }
    assert long == {}


def test_every_module_of_the_rooms_says_what_it_is_for():
    silent = [
        str(path)
        for path in sources()
        if path.parts[0] in ROOMS
        and (ROOT / path).read_text().strip()
        and not ast.get_docstring(ast.parse((ROOT / path).read_text()))
    ]
    assert silent == []


def test_every_public_function_of_the_rooms_says_what_it_does():
    silent = [
        f"{path}:{node.name}"
        for path in sources()
        if path.parts[0] in ROOMS
        for node in public_functions(ast.parse((ROOT / path).read_text()).body)
        if not ast.get_docstring(node)
    ]
    assert silent == []


def public_functions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions of a module and of its public classes that others may call."""
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_"):
            yield node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node.body)
