"""The oldest supported PostgreSQL: the same migrations, rules and isolation as on the embedded one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from isolation.catalogue import Catalogue, broken
from isolation.matrix.owners import make_parties
from isolation.matrix.rows import seed, shop_tables
from isolation.matrix.tables import Probe, leaks
from migrations.filling import fill
from migrations.snapshots import snapshot
from sqlalchemy.engine import make_url
from support.database import Servers, fresh_database, settings_for
from support.other_servers import OLDEST, running_postgres

from alliance.migrations.metadata import METADATA
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.migrating import downgrade, upgrade
from alliance.platform.kernel.services import open_services

pytestmark = pytest.mark.skipif(not (OLDEST / "postgres").exists(), reason="PostgreSQL 15 is not installed here")


@pytest.fixture(scope="module")
def oldest() -> Iterator[str]:
    """A PostgreSQL 15, the administrator's address."""
    with running_postgres(OLDEST) as url:
        yield url


def test_migrations_go_up_down_and_up_again_with_rows_and_keep_the_rules(oldest: str):
    with fresh_database(oldest) as addresses:
        url = addresses["MIGRATOR_DATABASE_URL"]
        logins = {kind: str(make_url(addresses[f"{kind.upper()}_DATABASE_URL"]).username) for kind in ("app", "pool")}
        migrator = make_url(url)
        upgrade(url)
        admin = make_url(oldest).set(database=migrator.database).render_as_string(hide_password=False)
        engine = open_engine(admin, pool_size=1)
        with engine.begin() as connection:
            first = snapshot(connection)
            fill(connection)
            catalogue = Catalogue(connection, METADATA, migrator=str(migrator.username), **logins)
            assert broken(catalogue) == {}
        downgrade(url, "base")
        upgrade(url)
        with engine.begin() as connection:
            assert snapshot(connection) == first
        engine.dispose()


def test_no_other_shop_sees_changes_or_learns_of_a_row(oldest: str, servers: Servers, tmp_path: Path):
    with fresh_database(oldest) as addresses:
        upgrade(addresses["MIGRATOR_DATABASE_URL"])
        services = open_services(settings_for(addresses, servers.redis_url, tmp_path))
        victim, neighbour, _stranger = parties = make_parties(services)
        for party in parties:
            seed(services, party)
        found = [leak for table in shop_tables() for leak in leaks(Probe(services, table, victim, neighbour))]
        services.close()
        assert found == []
