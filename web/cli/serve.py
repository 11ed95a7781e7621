"""`alliance serve`: the web server, one process of it or several."""

from __future__ import annotations

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from alliance.platform.kernel.config import load_settings

TARGET = "alliance.web.entry.wsgi:app"


@click.command()
@click.option("--host", help="Address to listen on [default: HOST, 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on [default: PORT, 8000].")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 128), default=4, show_default=True, help="Requests at once in each.")
def serve(host: str | None, port: int | None, workers: int, threads: int) -> None:
    """Serve pages and GraphQL. Stops in order at SIGTERM and Ctrl-C: running requests are answered first."""
    settings = load_settings()
    Granian(
        TARGET,
        address=host or settings.host,
        port=port or settings.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        respawn_failed_workers=True,
        workers_kill_timeout=15,
        backpressure=threads * 4,
        websockets=False,
        log_level=LogLevels.warning,
    ).serve()
