"""Servers of other PostgreSQL versions that the machine happens to have, for tests of the supported range."""

from __future__ import annotations

import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from support.database import FAST, temporary_home

from alliance.platform.kernel.embedded.places import Place, open_place
from alliance.platform.kernel.embedded.postgres import ADMIN, SETTINGS, launch
from alliance.platform.kernel.embedded.processes import clean_environment, stop, write_private

OLDEST = Path("/usr/lib/postgresql/15/bin")


@contextmanager
def running_postgres(programs: Path) -> Iterator[str]:
    """A server made by these programs, on a private socket; the administrator's address. Gone afterwards."""
    with temporary_home() as home:
        place = open_place(home, "postgres")
        password = secrets.token_urlsafe(24)
        _initialise(programs, place, password)
        process = launch(place, programs, {**SETTINGS, **FAST})
        try:
            yield f"postgresql://{ADMIN}:{quote(password)}@/postgres?host={quote(str(place.run))}"
        finally:
            stop(process, signal.SIGINT)


def _initialise(programs: Path, place: Place, password: str) -> None:
    told = place.run / "password"
    write_private(told, password)
    place.identity.own(told, 0o600)
    place.data.mkdir(mode=0o700)
    place.identity.own(place.data, 0o700)
    options = ["-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-instructions", "--no-sync"]
    subprocess.run(
        [str(programs / "initdb"), "-D", str(place.data), "-U", ADMIN, f"--pwfile={told}", *options],
        check=True,
        capture_output=True,
        cwd="/",
        env=clean_environment({"LC_ALL": "C"}),
        **place.identity.popen(),
    )
