"""`alliance events`: what one room told the others and no handler could take in, and trying it again."""

from __future__ import annotations

from uuid import UUID

import click

from alliance.platform.kernel.events import list_dead_events, retry_dead_event
from alliance.web.cli.shops import operator_work
from alliance.web.cli.terminal import CommandError


@click.group()
def events() -> None:
    """Events whose handlers failed too often."""


@events.command("dead")
def dead() -> None:
    """List them, newest first: id, name, shop, attempts, and the error id under which the log tells why."""
    with operator_work() as uow:
        for event in list_dead_events(uow.session):
            click.echo(f"{event.id}\t{event.name}\t{event.shop_id or '-'}\t{event.attempts}\t{event.error_id or '-'}")


@events.command("retry")
@click.argument("event_id", type=click.UUID)
def retry(event_id: UUID) -> None:
    """Give one all its attempts again; handlers that have succeeded are skipped."""
    with operator_work() as uow:
        if not retry_dead_event(uow, event_id=event_id):
            raise CommandError(f"No dead event has the id {event_id}; `alliance events dead` lists them.")
