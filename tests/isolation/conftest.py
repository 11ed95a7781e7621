"""Fixtures of the isolation tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from isolation.catalogue import Catalogue
from isolation.matrix.owners import Party, make_parties
from isolation.matrix.rows import seed
from sqlalchemy.engine import make_url
from support.database import Servers

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.services import Services


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
