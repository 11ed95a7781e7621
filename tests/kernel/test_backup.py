"""Backup and restore on a real server: old data come back under the current keys, a bad backup changes nothing."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from support.actors import make_shop
from support.database import Servers, settings_for

from alliance.platform.kernel.backup import (
    pack_blobs,
    require_same_server,
    restore_backup,
    restore_key_backup,
    write_backup,
    write_key_backup,
)
from alliance.platform.kernel.db import open_engine
from alliance.platform.kernel.embedded.processes import SetupError
from alliance.platform.kernel.ids import new_id
from alliance.platform.kernel.migrating import upgrade
from alliance.platform.kernel.services import Services, open_services


@pytest.fixture
def own(empty_database: dict[str, str], servers: Servers, tmp_path: Path) -> Iterator[Services]:
    """Services on a migrated database that only this test uses, for its content is replaced."""
    upgrade(empty_database["MIGRATOR_DATABASE_URL"])
    try:
        require_same_server(empty_database["MIGRATOR_DATABASE_URL"])
    except SetupError as other:
        pytest.skip(f"the commands are for servers of our programs' version: {other}")
    home = tmp_path / "home"
    home.mkdir()
    opened = open_services(settings_for(empty_database, servers.redis_url, home))
    yield opened
    opened.close()


def shop_ids(services: Services) -> set[UUID]:
    assert services.settings.migrator_database_url
    engine = open_engine(services.settings.migrator_database_url.get_secret_value(), pool_size=1)
    with engine.connect() as connection:
        found = set(connection.scalars(text("SELECT id FROM platform.shop")))
    engine.dispose()
    return found


def test_a_restore_brings_data_and_files_back_and_takes_later_ones_away(own: Services, tmp_path: Path):
    kept = make_shop(own)
    key = own.keys.shop_key(kept.id)
    ref = own.blobs.write(io.BytesIO(b"photo"), key)
    write_backup(own.settings, tmp_path / "backup")
    later = own.blobs.write(io.BytesIO(b"later"), key)
    make_shop(own)
    own.dispose()
    restore_backup(own.settings, tmp_path / "backup")
    assert shop_ids(own) == {kept.id}
    with own.blobs.open(ref, key) as stream:
        assert stream.read() == b"photo"
    assert not (own.settings.alliance_home / "blobs" / later.path).exists()
    make_shop(own)
    assert len(shop_ids(own)) == 2


def test_a_file_deleted_while_it_is_packed_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    blobs = tmp_path / "blobs"
    for name in ("gone", "kept"):
        (blobs / "ab").mkdir(parents=True, exist_ok=True)
        (blobs / "ab" / name).write_bytes(b"sealed")
    found = list(blobs.glob("??/*"))
    monkeypatch.setattr(Path, "glob", lambda *_arguments: iter(found))
    (blobs / "ab" / "gone").unlink()
    pack_blobs(blobs, tmp_path / "blobs.tar")
    with tarfile.open(tmp_path / "blobs.tar") as archive:
        assert archive.getnames() == ["ab/kept"]


def test_a_restore_does_not_revive_a_destroyed_key(own: Services, tmp_path: Path):
    shop, customer = make_shop(own), new_id()
    own.keys.create_subject_key(shop.id, customer)
    write_backup(own.settings, tmp_path / "backup")
    own.keys.destroy_subject_key(shop.id, customer)
    own.dispose()
    restore_backup(own.settings, tmp_path / "backup")
    assert own.keys.subject_key(shop.id, customer) is None


def test_a_key_backup_comes_back_only_into_an_empty_key_store(own: Services, tmp_path: Path):
    shop, customer = make_shop(own), new_id()
    key = own.keys.create_subject_key(shop.id, customer)
    write_key_backup(own.settings, tmp_path / "keys")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SetupError, match="holds keys"):
        restore_key_backup(own.settings, tmp_path / "keys")
    with own.keys.engine.begin() as connection:
        connection.execute(text("DROP TABLE shop_key, subject_key"))
    own.keys.dispose()
    restore_key_backup(own.settings, tmp_path / "keys")
    assert own.keys.subject_key(shop.id, customer) == key


def test_a_damaged_backup_leaves_everything_as_it_was(own: Services, tmp_path: Path):
    write_backup(own.settings, tmp_path / "backup")
    present = make_shop(own)
    dump = tmp_path / "backup" / "data.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])
    own.dispose()
    with pytest.raises(SetupError, match="is as it was"):
        restore_backup(own.settings, tmp_path / "backup")
    assert shop_ids(own) == {present.id}


def test_what_is_not_a_backup_is_refused(own: Services, tmp_path: Path):
    with pytest.raises(SetupError, match=r"about\.json, data\.dump, blobs\.tar is missing"):
        restore_backup(own.settings, tmp_path)
    write_backup(own.settings, tmp_path / "backup")
    with pytest.raises(SetupError, match="never written over another"):
        write_backup(own.settings, tmp_path / "backup")
