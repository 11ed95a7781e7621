"""`alliance worker`: the process that runs background work."""

from __future__ import annotations

import click

from alliance.platform.kernel.jobs import QUEUES
from alliance.platform.kernel.logging import configure_logging
from alliance.platform.kernel.worker import run_worker
from alliance.web.cli.base import ready_services
from alliance.web.cli.terminal import CommandError
from alliance.web.entry.wiring import wire


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice(QUEUES))
@click.option("--clock/--no-clock", default=True, help="Whether it runs the schedule too.")
def worker(queues: tuple[str, ...], *, clock: bool) -> None:
    """Work on QUEUES (default: all) until SIGTERM or Ctrl-C; the job at hand is finished first."""
    with ready_services() as services:
        if services.settings.jobs == "inline":
            raise CommandError("JOBS=inline: jobs run at the commit, so there is nothing for a worker to do.")
        configure_logging(services.settings)
        wire()
        run_worker(services, queues or QUEUES, with_clock=clock)
