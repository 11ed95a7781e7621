"""`alliance migrate`: bring the database to a revision."""

from __future__ import annotations

import click

from alliance.platform.kernel.migrating import downgrade, upgrade
from alliance.platform.kernel.revisions import current_revision, head_revision
from alliance.web.cli.base import migrator_url, ready_installation


@click.command()
@click.argument("revision", default="head")
@click.option("--down", is_flag=True, help="Go back to REVISION instead; `base` removes every table. Data is lost.")
@click.option("--check", is_flag=True, help="Change nothing; exit code 1 unless the database is at the newest.")
@click.option("--yes", is_flag=True, help="Do not ask before going down.")
def migrate(revision: str, *, down: bool, check: bool, yes: bool) -> None:
    """Bring the database up to REVISION (default: the newest)."""
    with ready_installation() as (_installation, settings):
        url = migrator_url(settings)
        if check:
            found, newest = current_revision(url), head_revision()
            click.echo(f"database {found or 'empty'}, code {newest}")
            raise SystemExit(0 if found == newest else 1)
        if down:
            if revision == "head":
                raise click.UsageError("Name the revision to go back to.")
            if not yes:
                click.confirm(f"Go back to {revision}? Data of newer tables is lost.", abort=True)
            downgrade(url, revision)
        else:
            upgrade(url, revision)
        click.echo(f"database at {current_revision(url) or 'empty'}")
