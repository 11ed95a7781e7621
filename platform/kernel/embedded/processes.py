"""Server processes: whom they run as, how they start without ever outliving us, how a running one is found."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = ("postgres", "nobody")
PROC = Path("/proc")


class SetupError(Exception):
    """The installation cannot be set up here; the message says what to do about it."""


@dataclass(frozen=True)
class Identity:
    """Whom a server runs as. `switch` tells whether that is another user than ours, which only root can do."""

    uid: int
    gid: int
    switch: bool

    def popen(self) -> dict[str, Any]:
        """Arguments of `subprocess` that start a process as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def can(self, test: str, path: Path) -> bool:
        """Whether this user passes `test -<test>` on the path, every directory above it included."""
        command = ["/bin/sh", "-c", f'test -{test} "$1"', "sh", str(path)]
        return subprocess.run(command, cwd="/", check=False, **self.popen()).returncode == 0  # noqa: S603 (own argv)

    def own(self, path: Path, mode: int) -> None:
        """Give a directory or file that we made to this user."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


def server_identity(data: Path) -> Identity:
    """The owner of existing data; else ourselves; as root an unprivileged user, for PostgreSQL refuses root.

    No user is ever made. Refuses, with SetupError, data of another user when we are not root.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise SetupError(
                f"{data} belongs to another user (uid {owner}). Run as that user or as root, "
                "or set ALLIANCE_HOME to a directory of your own."
            )
        require_name(os.geteuid())
        return Identity(uid=os.geteuid(), gid=os.getegid(), switch=False)
    if owner:
        require_name(owner)
        return Identity(uid=owner, gid=data.stat().st_gid, switch=True)
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Identity(uid=entry.pw_uid, gid=entry.pw_gid, switch=True)
    raise SetupError("As root a user 'postgres' or 'nobody' is needed to run PostgreSQL; neither exists here.")


def require_name(uid: int) -> None:
    """Refuse a user id without a name, as some containers have, with SetupError: PostgreSQL does not start as such."""
    try:
        pwd.getpwuid(uid)
    except KeyError:
        raise SetupError(
            f"The user id {uid} has no name on this system, and PostgreSQL does not run without one. "
            "Run as a user of /etc/passwd, or set DATABASE_URL and REDIS_URL to servers of your own."
        ) from None


def spawn(argv: list[str], *, log: Path, identity: Identity, death_signal: signal.Signals) -> subprocess.Popen[bytes]:
    """Start a server in its own process group that gets `death_signal` when the calling thread's process dies.

    Call it from the main thread: the kernel watches the thread that forked, not the process.
    """
    require_linux()
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 (argv is ours)
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            # A person's LANG may name a locale that this machine lacks, and a newer Redis refuses to start then.
            env=clean_environment({"LC_ALL": "C"}),
            process_group=0,
            preexec_fn=die_with_parent(death_signal),
            **identity.popen(),
        )


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that ties the child to us. It runs after the change of user, which would clear the tie."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def tie() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # the parent died before the tie held
            os._exit(1)

    return tie


def require_linux() -> None:
    """Refuse other systems with SetupError: there a server could outlive us."""
    if sys.platform != "linux":
        raise SetupError("The embedded servers run on Linux only. Elsewhere set DATABASE_URL and REDIS_URL.")


def stop(
    process: subprocess.Popen[bytes],
    first: signal.Signals,
    *,
    seconds: float = 30,
    insist: signal.Signals = signal.SIGQUIT,
) -> None:
    """Ask a process that we started to end, insist when it has not after `seconds`, kill it at last."""
    for ask, wait in ((first, seconds), (insist, 5), (signal.SIGKILL, 5)):
        if process.poll() is not None:
            return
        process.send_signal(ask)
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            continue


def servers_in(directory: Path, names: tuple[str, ...]) -> list[int]:
    """The processes of these names that work in `directory`: PostgreSQL and Redis both make their data their cwd."""
    found = []
    wanted = os.path.realpath(directory)
    for entry in PROC.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            if (entry / "cwd").readlink() == Path(wanted) and (entry / "comm").read_text().strip() in names:
                found.append(int(entry.name))
        except OSError:  # gone meanwhile, or another user's
            continue
    return found


def wait_until(condition: Callable[[], bool], *, seconds: float, step: float = 0.01) -> bool:
    """Whether the condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(step)
    return True


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """One process at a time. The kernel frees the lock of a process that is killed, so none is ever stale."""
    with path.open("a") as handle:
        path.chmod(0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def tail(path: Path, lines: int = 15) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def write_private(path: Path, text: str) -> None:
    """Replace a file of secrets at once, readable by its owner only; root leaves it to the directory's owner."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as stream:
        stream.write(text)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(fresh, owner.st_uid, owner.st_gid)
    fresh.replace(path)


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment without variables that steer PostgreSQL clients, so that a person's shell cannot mislead ours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **(extra or {})}
