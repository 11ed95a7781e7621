"""Where an installation's servers keep their data and sockets.

Normally in the installation's own directory. As root the servers run as an unprivileged user; where that user cannot
reach the directory (a home of mode 700) no mode is changed: the data go to a private place below `/var/lib/alliance`,
and the installation remembers it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from alliance.platform.kernel.embedded.processes import Identity, SetupError, server_identity, write_private

SYSTEM_PLACE = Path("/var/lib/alliance")
REMEMBERED = "servers.place"
LONGEST_SOCKET = 107
LONGEST_NAME = ".s.PGSQL.5432.lock"


@dataclass(frozen=True)
class Place:
    """The directories of one kind of server: `data` is its own alone, `run` holds its socket."""

    data: Path
    run: Path
    log: Path
    identity: Identity


def make_home(home: Path) -> None:
    """Make the installation's directory. Nobody else can list it; an unprivileged server can pass through."""
    if home.is_dir():
        return
    home.mkdir(parents=True)
    home.chmod(0o711 if os.geteuid() == 0 else 0o700)


def open_place(home: Path, kind: str) -> Place:
    """The place of `kind` ("postgres", "redis") of this home, made if missing."""
    base = remembered_base(home) or home
    identity = server_identity(base / kind / "data")
    if identity.switch and not identity.can("x", base):
        base = system_base(home)
        identity = server_identity(base / kind / "data")
        write_private(home / REMEMBERED, f"{base}\n")
    top = base / kind
    run = top / "run"
    if len(os.fsencode(run / LONGEST_NAME)) > LONGEST_SOCKET:
        run = short_run(top)
    # The parent stays ours: the server owns what is in it, and cannot move its neighbours.
    _own_directory(top, None, 0o711 if identity.switch else 0o700)
    _own_directory(run, identity, 0o700)
    return Place(data=top / "data", run=run, log=top / "server.log", identity=identity)


def remembered_base(home: Path) -> Path | None:
    """The private place that an earlier start chose. SetupError where it is gone, rather than start empty."""
    note = home / REMEMBERED
    if not note.is_file():
        return None
    base = Path(note.read_text().strip())
    if not base.is_dir():
        raise SetupError(
            f"The data of {home} are in {base}, and that directory is not there. Bring it back, "
            f"or remove {note} to begin anew."
        )
    return base


def system_base(home: Path) -> Path:
    """A directory below `/var/lib/alliance` for this home, named after its path."""
    system_directory()
    base = SYSTEM_PLACE / hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    _own_directory(base, None, 0o711)
    return base


def system_directory() -> Path:
    """`/var/lib/alliance`, where root keeps what an unprivileged server must reach."""
    try:
        _own_directory(SYSTEM_PLACE, None, 0o755)
    except OSError as problem:
        raise SetupError(f"{SYSTEM_PLACE} cannot be made ({problem}). Set ALLIANCE_HOME elsewhere.") from None
    return SYSTEM_PLACE


def short_run(top: Path) -> Path:
    """A socket directory with a short name, for data that lie too deep. Refuses one that another user has prepared."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    if os.geteuid() == 0 or len(os.fsencode(base)) > 40:
        base = Path("/tmp")  # noqa: S108 (the directory below is made private and its owner is checked)
    run = base / f"alliance-{os.geteuid()}-{hashlib.sha256(os.fsencode(top)).hexdigest()[:12]}"
    trusted = {os.geteuid(), server_identity(top / "data").uid}
    if run.is_symlink() or (run.exists() and run.stat().st_uid not in trusted):
        raise SetupError(f"{run} belongs to another user. Remove it, or set ALLIANCE_HOME to a shorter path.")
    return run


def _own_directory(path: Path, identity: Identity | None, mode: int) -> None:
    if path.is_dir():
        return
    path.mkdir(parents=True)
    if identity is None:
        path.chmod(mode)
    else:
        identity.own(path, mode)
