"""Readiness: what the running servers themselves say about the logins and the isolation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from support.database import Servers, administrator, settings_for

from alliance.platform.kernel.checking import Check, diagnosis, readiness
from alliance.platform.kernel.services import Services, open_services


@pytest.fixture
def unmigrated(servers: Servers, empty_database: dict[str, str], tmp_path: Path) -> Iterator[Services]:
    """Services on a database of their own, so that its logins may be spoilt."""
    opened = open_services(settings_for(empty_database, servers.redis_url, tmp_path))
    yield opened
    opened.close()


def found(checks: list[Check], key: str) -> Check:
    return next(check for check in checks if check.key == key)


def test_a_sound_installation_is_ready(services: Services):
    assert [check.key for check in readiness(services) if not check.holds] == []


def test_a_database_without_tables_is_not_ready(unmigrated: Services):
    assert [check.key for check in readiness(unmigrated) if not check.holds] == ["revision"]


@pytest.mark.parametrize(("variable", "key"), [("APP_DATABASE_URL", "login"), ("POOL_DATABASE_URL", "pool_login")])
def test_a_login_that_may_become_the_migrator_is_too_strong(
    servers: Servers, empty_database: dict[str, str], unmigrated: Services, variable: str, key: str
):
    names = [make_url(empty_database[one]).username or "" for one in ("MIGRATOR_DATABASE_URL", variable)]
    with administrator(servers.admin_url) as admin:
        admin.execute(sql.SQL("GRANT {} TO {}").format(*map(sql.Identifier, names)))
    assert found(diagnosis(unmigrated), key).holds is False
