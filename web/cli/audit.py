"""`alliance audit`: check that nobody has changed what was recorded."""

from __future__ import annotations

import click

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.verify import verify_chain
from alliance.platform.members.queries import list_alliances, list_shops
from alliance.web.cli.shops import every_item, operator_work


@click.group()
def audit() -> None:
    """Check the record of what was done."""


@audit.command("verify")
def verify() -> None:
    """Recompute every chain: one line each with its entries and the hash at its end. Exit code 1 if any is broken.

    Keep the lines elsewhere: entries cut off at the end of a chain show only against an older output.
    """
    broken = 0
    with operator_work() as uow:
        chains = [("installation", Chain())]
        chains += [(f"alliance {item.handle}", Chain(alliance_id=item.id)) for item in list_alliances(uow)]
        chains += [
            (f"shop {item.handle}", Chain(shop_id=item.id))
            for item in every_item(lambda request: list_shops(uow, request))
        ]
        for name, chain in chains:
            report = verify_chain(uow, chain=chain)
            state = "whole" if report.is_whole else f"BROKEN at entry {report.first_fault}"
            broken += not report.is_whole
            click.echo(f"{name}\t{report.entries}\t{report.head.hex()}\t{state}")
    if broken:
        raise click.ClickException(f"{broken} chains were changed after they were written.")
