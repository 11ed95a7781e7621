"""`alliance up` as a person runs it: one address, nothing left behind, data kept, a taken port no obstacle."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from support.database import temporary_home
from support.launching import without_servers

from alliance.platform.kernel.embedded.processes import wait_until

START_SECONDS = 90


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One installation for all of them: each start after the first is a second start, on kept data."""
    with temporary_home() as made:
        yield made


@pytest.fixture
def port() -> int:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        return int(chosen.getsockname()[1])


def occupied(taken: socket.socket, port: int) -> int:
    taken.bind(("127.0.0.1", port))
    taken.listen()
    return port


@contextmanager
def up(home: Path, port: int, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command, running; killed at the end if it has not stopped by itself."""
    environment = without_servers(ALLIANCE_HOME=str(home), PORT=str(port), LANG="en")
    log = home / "up.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "alliance.web.entry.cli", "up", "--no-demo", *options],
            env=environment,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def said(home: Path) -> str:
    return (home / "up.log").read_text()


def status(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def processes_of(home: Path) -> list[int]:
    """Every process that was started with this home or works below it."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environ = (entry / "environ").read_bytes()
            if f"ALLIANCE_HOME={home}".encode() in environ or (entry / "cwd").readlink().is_relative_to(home):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def announced(home: Path, port: int) -> bool:
    return wait_until(lambda: f"http://127.0.0.1:{port}" in said(home), seconds=START_SECONDS, step=0.1)


def test_up_serves_pages_on_the_next_free_port_and_stops_everything_it_started(home: Path, port: int):
    with socket.socket() as taken, up(home, occupied(taken, port)) as process:
        assert announced(home, port + 1), said(home)
        assert f"Port {port} is taken; using {port + 1} instead" in said(home)
        assert status(port + 1, "/login") == 200
        assert status(port + 1, "/health/ready") == 200
        assert len(processes_of(home)) > 5
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert processes_of(home) == []
    assert said(home).splitlines()[-1] == "Stopped"


def test_up_leaves_nothing_behind_when_it_is_killed_and_starts_again(home: Path, port: int):
    with up(home, port) as process:
        assert announced(home, port), said(home)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert wait_until(lambda: processes_of(home) == [], seconds=60), processes_of(home)
    with up(home, port) as process:
        assert announced(home, port), said(home)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


@pytest.mark.slow
def test_a_killed_server_is_started_again(home: Path, port: int):
    with up(home, port):
        assert announced(home, port), said(home)
        postmaster = int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
        subprocess.run(["kill", "-9", str(postmaster)], check=True)
        assert wait_until(lambda: ready(port), seconds=60), said(home)


def ready(port: int) -> bool:
    """Whether the product takes requests again; no answer at all counts as no."""
    try:
        return status(port, "/health/ready") == 200
    except OSError:
        return False


def test_a_named_port_that_is_taken_is_refused_and_nothing_stays(home: Path, port: int):
    with socket.socket() as taken, up(home, port, "--port", str(occupied(taken, port))) as process:
        assert process.wait(START_SECONDS) == 1
    assert f"Port {port} is taken" in said(home)
    assert processes_of(home) == []
