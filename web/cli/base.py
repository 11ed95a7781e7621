"""What every command needs: the installation of the environment, its services, and failures told in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import click

from alliance.platform.kernel.config import Settings, home_from_environment, load_settings
from alliance.platform.kernel.embedded.installation import Installation, installation
from alliance.platform.kernel.services import Services, open_services
from alliance.platform.kernel.texts import Locale, Text, choose_locale


class CommandError(click.ClickException):
    """A command could not do its work: exit code 1. Wrong usage is click's own, with exit code 2."""


def terminal_locale() -> Locale:
    """The reader's language by the usual variables; Chinese where they name none that we speak."""
    return choose_locale(*(os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)))


def say(text: Text) -> None:
    """Print a text in the reader's language."""
    click.echo(text.render(terminal_locale()))


@contextmanager
def ready_installation() -> Iterator[tuple[Installation, Settings]]:
    """The installation for the time of the command: servers that do not run yet are started and stopped again."""
    with installation(home_from_environment()) as opened:
        yield opened, load_settings()


@contextmanager
def ready_services() -> Iterator[Services]:
    """The services of the installation, as every process of it has them."""
    with ready_installation() as (_installation, settings):
        services = open_services(settings)
        try:
            yield services
        finally:
            services.close()


def migrator_url(settings: Settings) -> str:
    """The migrator's address. Refuses with CommandError where it is not configured."""
    if settings.migrator_database_url is None:
        raise CommandError("MIGRATOR_DATABASE_URL is not set; migrations run as the migrator login only.")
    return settings.migrator_database_url.get_secret_value()
