"""Fixtures for all rooms. No test empties tables: each makes shops of its own with fresh ids (`support.actors`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from redis import Redis
from support.database import Servers, cloned_database, fresh_database, running_servers, settings_for

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.services import Services, open_services

STACK = pytest.StashKey[ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Before workers start: the controlling process starts the servers once, for none of them lives to the end."""
    if getattr(config.option, "numprocesses", None) and not hasattr(config, "workerinput"):
        stack = config.stash[STACK] = ExitStack()
        stack.enter_context(running_servers()).pass_on()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started for the workers."""
    stack = config.stash.get(STACK, None)
    if stack is not None:
        stack.close()


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The run's PostgreSQL and Redis."""
    running = Servers.passed_on()
    if running:
        yield running
        return
    with running_servers() as started:
        yield started


@pytest.fixture(scope="session")
def addresses(servers: Servers) -> Iterator[dict[str, str]]:
    """This worker's own migrated database: addresses of its logins by variable, as `settings.env` has them."""
    with cloned_database(servers) as found:
        yield found


@pytest.fixture(scope="session")
def settings(addresses: dict[str, str], servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The test installation's settings."""
    return settings_for(addresses, servers.redis_url, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def services(settings: Settings) -> Iterator[Services]:
    """Services on this worker's database as the app login, exactly as in a real process."""
    opened = open_services(settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def redis(services: Services) -> Redis:
    """The run's Redis; other workers use it too, so keys must be of the test's own making."""
    return services.redis


@pytest.fixture
def empty_database(servers: Servers) -> Iterator[dict[str, str]]:
    """A provisioned database without any table, for tests of migrations."""
    with fresh_database(servers.admin_url) as found:
        yield found
