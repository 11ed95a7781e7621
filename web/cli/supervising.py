"""Processes kept alive by one that started them: restarted when they end, stopped together, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from alliance.platform.kernel.embedded.processes import die_with_parent, stop

TARGET = "alliance.web.entry.wsgi:app"
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


def own_command(name: str) -> list[str]:
    """How one of our commands is started as a process."""
    return [sys.executable, "-m", "alliance.web.entry.cli", name]


def server_command(*, host: str, port: int, workers: int = 1, threads: int = 4) -> list[str]:
    """How the web server is started: granian's own command, for its main process needs nothing of ours."""
    options = {
        "--interface": "wsgi",
        "--host": host,
        "--port": str(port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        "--backpressure": str(threads * 4),
        "--workers-kill-timeout": "15",
        "--log-level": "warning",
    }
    pairs = [part for option in options.items() for part in option]
    return [sys.executable, "-m", "granian", *pairs, "--no-ws", "--respawn-failed-workers", TARGET]


@dataclass
class Child:
    """One process of ours. After each early end it rests longer before the next start."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    not_before: float = 0.0

    def start(self) -> None:
        """Start it in its own process group, so that the terminal's Ctrl-C reaches us alone; it dies with us."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 (argv is ours)
            self.command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

    def tend(self) -> str | None:
        """Start it again if it has ended and rested; what happened, for a person, when something did."""
        if self.process is None:
            if time.monotonic() < self.not_before:
                return None
            self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.failures = 0 if time.monotonic() - self.started_at > STEADY_SECONDS else self.failures + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2**self.failures)
        self.not_before = time.monotonic() + pause
        self.process = None
        return f"{self.name} ended with {code}; it starts again in {pause:.0f} s"

    def ended_with(self) -> int | None:
        """Its exit code; None while it runs."""
        return self.process.poll() if self.process else None

    def stop(self) -> None:
        """End it in order; a running request or job gets time to finish, not for ever: then it is cut off."""
        if self.process is not None:
            stop(self.process, signal.SIGTERM, seconds=10, insist=signal.SIGTERM)


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT, SIGTERM and SIGHUP set for the time of the block, instead of ending us at once."""
    asked = threading.Event()
    kinds = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {kind: signal.signal(kind, lambda *_: asked.set()) for kind in kinds}
    try:
        yield asked
    finally:
        for kind, handler in before.items():
            signal.signal(kind, handler)


def supervise(
    children: list[Child], asked: threading.Event, *, each: Callable[[], None], tell: Callable[[str], None]
) -> None:
    """Tend the children until asked to stop; `each` is called ten times a second. Children are stopped in reverse."""
    try:
        while not asked.wait(0.1):
            each()
            for child in children:
                told = child.tend()
                if told:
                    tell(told)
    finally:
        for child in reversed(children):
            child.stop()


def complain(line: str) -> None:
    """Tell the operator what happened to a process, beside the processes' own logs."""
    sys.stderr.write(f"{line}\n")
