"""`alliance keys`: the master keys that everything sealed hangs on."""

from __future__ import annotations

import click

from alliance.platform.kernel.crypto import new_master_key
from alliance.web.cli.base import ready_services


@click.group()
def keys() -> None:
    """Make a master key, and change over to it."""


@keys.command("new")
def new() -> None:
    """Print a fresh master key. Put it first into MASTER_KEYS, keep the old one behind it, restart, then rotate."""
    click.echo(new_master_key())


@keys.command("rotate")
def rotate() -> None:
    """Wrap every shop's key under the first key of MASTER_KEYS; afterwards the others can be removed from it."""
    with ready_services() as services:
        changed = services.keys.rotate()
        services.keys.verify()
    click.echo(f"{changed} shop keys wrapped anew; all are under the first master key now.")
