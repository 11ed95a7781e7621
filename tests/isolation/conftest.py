"""Fixtures of the isolation tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from isolation.catalogue import Catalogue
from isolation.matrix.owners import Party, make_parties
from isolation.matrix.rows import seed
from isolation.matrix.scratch import Scratch
from sqlalchemy.engine import make_url
from support.database import Servers, cloned_database, settings_for

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.services import Services, open_services


@pytest.fixture
def catalogue(servers: Servers, addresses: dict[str, str]) -> Iterator[Catalogue]:
    """This worker's migrated database as its administrator, in a transaction that is rolled back."""
    logins = {kind: make_url(addresses[f"{kind}_DATABASE_URL"]) for kind in ("APP", "POOL", "MIGRATOR")}
    url = make_url(servers.admin_url).set(database=logins["APP"].database)
    engine = open_engine(url.render_as_string(hide_password=False), pool_size=1)
    with engine.connect() as connection:
        connection.exec_driver_sql("SET LOCAL lock_timeout = '5s'")
        names = {kind.lower(): str(login.username) for kind, login in logins.items()}
        yield Catalogue(connection, METADATA, **names)
        connection.rollback()
    engine.dispose()


@pytest.fixture(scope="session")
def parties(services: Services) -> tuple[Party, Party, Party]:
    """Shop A, a neighbour in its alliance and a stranger in another, each with a marked row of every table."""
    made = make_parties(services)
    for party in made:
        seed(services, party)
    return made


@pytest.fixture(scope="session")
def scratch(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scratch]:
    """A database of its own to plant faults in, with marked rows; whoever breaks it mends it."""
    with cloned_database(servers) as addresses:
        opened = open_services(settings_for(addresses, servers.redis_url, tmp_path_factory.mktemp("scratch")))
        parties = make_parties(opened)
        for party in parties:
            seed(opened, party)
        database = make_url(addresses["APP_DATABASE_URL"]).database
        admin = open_engine(make_url(servers.admin_url).set(database=database).render_as_string(hide_password=False))
        app = str(make_url(addresses["APP_DATABASE_URL"]).username)
        migrator = str(make_url(addresses["MIGRATOR_DATABASE_URL"]).username)
        yield Scratch(opened, parties, admin, app, migrator)
        admin.dispose()
        opened.close()
