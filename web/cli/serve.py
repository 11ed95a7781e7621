"""`alliance serve`: the web server, one process of it or several."""

from __future__ import annotations

import os

import click

from alliance.web.cli.base import ready_installation
from alliance.web.cli.supervising import Child, complain, server_command, stop_signals, supervise


@click.command()
@click.option("--host", help="Address to listen on [default: HOST, 127.0.0.1].")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on [default: PORT, 8000].")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes.")
@click.option("--threads", type=click.IntRange(1, 128), default=4, show_default=True, help="Requests at once in each.")
def serve(host: str | None, port: int | None, workers: int, threads: int) -> None:
    """Serve pages and GraphQL. Stops in order at SIGTERM and Ctrl-C: running requests are answered first."""
    with ready_installation() as (opened, settings):
        command = server_command(
            host=host or settings.host, port=port or settings.port, workers=workers, threads=threads
        )
        if not opened.has_started_servers:
            # Nothing here needs us afterwards, so the supervisor that started us watches the server itself.
            os.execv(command[0], command)  # noqa: S606 (our own argv)
        with stop_signals() as asked:
            supervise([Child("web", command, {})], asked, each=lambda: None, tell=complain)
