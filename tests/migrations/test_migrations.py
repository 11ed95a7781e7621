"""Migrations go up, down and up again with rows in every table, and end where the models are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from migrations.filling import counts, fill
from migrations.snapshots import snapshot
from sqlalchemy import Connection

from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.migrating import configuration, current_revision, downgrade, head_revision, upgrade

SCRIPTS = ScriptDirectory.from_config(configuration(""))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture
def url(empty_database: dict[str, str]) -> str:
    """A provisioned database without any table, as the migrator."""
    return empty_database["MIGRATOR_DATABASE_URL"]


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = open_engine(url, pool_size=1)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def filled(url: str) -> dict[str, int]:
    with connected(url) as connection:
        return fill(connection)


def counted(url: str) -> dict[str, int]:
    with connected(url) as connection:
        return counts(connection)


def taken(url: str) -> dict[str, list[str]]:
    with connected(url) as connection:
        return snapshot(connection)


def test_there_is_one_head_and_one_way_to_it():
    assert SCRIPTS.get_heads() == [REVISIONS[-1]]
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS


def test_files_are_named_by_their_revision():
    names = sorted(Path(script.path).name for script in SCRIPTS.walk_revisions())
    assert [name.partition("_")[0] for name in names] == REVISIONS


def test_each_step_goes_up_down_and_up_again_with_rows(url: str):
    below = "base"
    for revision in REVISIONS:
        upgrade(url, revision)
        before, rows = taken(url), filled(url)
        downgrade(url, below)
        assert counted(url).items() <= rows.items()
        upgrade(url, revision)
        assert taken(url) == before
        assert counted(url).keys() == rows.keys()
        below = revision


def test_the_whole_way_down_with_rows_leaves_nothing_and_leads_up_again(url: str):
    untouched = taken(url)
    upgrade(url)
    first, rows = taken(url), filled(url)
    assert set(rows.values()) == {1}
    downgrade(url, "base")
    assert current_revision(url) is None
    left = taken(url)
    remaining = {kind: [part for part in parts if "schema_version" not in part] for kind, parts in left.items()}
    assert remaining | {"schemas": []} == {kind: [] for kind in left}
    assert len(left["schemas"]) == len(untouched["schemas"])
    upgrade(url)
    assert current_revision(url) == head_revision()
    assert taken(url) == first


def test_a_second_upgrade_changes_nothing_and_loses_no_row(url: str):
    upgrade(url)
    rows, before = filled(url), taken(url)
    upgrade(url)
    command.upgrade(configuration(url), "head")
    assert (filled(url), taken(url)) == (rows, before)


def test_alembic_finds_nothing_left_to_generate(url: str):
    upgrade(url)
    command.check(configuration(url))
