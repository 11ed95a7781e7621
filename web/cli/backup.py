"""`alliance backup` and `alliance restore`: the data, and apart from them the keys."""

from __future__ import annotations

from pathlib import Path

import click

from alliance.platform.kernel.backup import restore_backup, restore_key_backup, write_backup, write_key_backup
from alliance.web.cli.base import ready_installation


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--keys", is_flag=True, help="Back up the key store instead, into the file TARGET.")
def backup(target: Path, *, keys: bool) -> None:
    """Back up data and files into the new directory TARGET. The product may run meanwhile."""
    with ready_installation() as (_installation, settings):
        if keys:
            write_key_backup(settings, target)
            click.echo(f"keys in {target}; keep them apart from the data, and no longer than seven days")
            return
        about = write_backup(settings, target)
        click.echo(f"data and files at revision {about.revision} in {target}; the keys are not in it")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option("--keys", is_flag=True, help="Bring a lost key store back from the file SOURCE instead.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(source: Path, *, keys: bool, yes: bool) -> None:
    """Put the backup SOURCE in the place of the present data. Stop web and workers first; run `migrate` afterwards."""
    with ready_installation() as (_installation, settings):
        if keys:
            restore_key_backup(settings, source)
            click.echo("the key store is back")
            return
        if not yes:
            click.confirm("All present data and files are replaced. Go on?", abort=True)
        about = restore_backup(settings, source)
        click.echo(
            f"data of {about.taken_at} at revision {about.revision}, under the current keys; now `alliance migrate`"
        )
