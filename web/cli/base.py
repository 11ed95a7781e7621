"""What most commands need: the installation that the environment names, and its services."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alliance.platform.kernel.config import Settings, home_from_environment, load_settings
from alliance.platform.kernel.embedded.installation import Installation, installation
from alliance.platform.kernel.services import Services, open_services
from alliance.web.cli.terminal import CommandError


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
