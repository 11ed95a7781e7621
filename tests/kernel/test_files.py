"""Files: one shop's only, unreadable without its key, gone with the customer's key, and no bytes left behind."""

from __future__ import annotations

import io
import os
import time
from uuid import uuid4

import pytest

from alliance.platform.kernel.errors import LimitExceededError, NotFoundError
from alliance.platform.kernel.files import delete_file, get_file, open_file, store_file
from alliance.platform.kernel.files.storing import plain_name
from alliance.platform.kernel.files.sweeping import sweep_blobs
from alliance.platform.kernel.tenancy import shop_scope, system_scope
from alliance.platform.kernel.work import unit_of_work

CONTENT = "订单号,原因\n1001,尺寸\n".encode() * 10


def store(services, scope, **options):
    with unit_of_work(services, scope) as uow:
        return store_file(uow, stream=io.BytesIO(CONTENT), name="退货.csv", content_type="text/csv", **options)


def read(services, scope, file_id) -> bytes:
    with unit_of_work(services, scope) as uow:
        _row, stream = open_file(uow, file_id)
        with stream:
            return stream.read()


def path_of(services, row):
    return services.settings.alliance_home / "blobs" / row.path


def test_a_stored_file_is_read_back_and_is_not_plain_on_the_disk(services):
    scope = shop_scope(uuid4(), account_id=uuid4())
    row = store(services, scope)
    assert (row.name, row.content_type, row.size) == ("退货.csv", "text/csv", len(CONTENT))
    assert row.created_by == f"account:{scope.account_id}"
    assert read(services, scope, row.id) == CONTENT
    assert CONTENT[:20] not in path_of(services, row).read_bytes()


def test_another_shop_cannot_tell_a_file_from_none(services):
    row = store(services, shop_scope(uuid4()))
    for attempt in (get_file, open_file, delete_file):
        for file_id in (row.id, uuid4()):
            with pytest.raises(NotFoundError), unit_of_work(services, shop_scope(uuid4())) as uow:
                attempt(uow, file_id)
    assert path_of(services, row).exists()


def test_a_file_about_a_customer_goes_with_the_customers_key(services):
    scope, customer = shop_scope(uuid4()), uuid4()
    row = store(services, scope, subject_id=customer)
    other = store(services, scope)
    assert read(services, scope, row.id) == CONTENT
    services.keys.destroy_subject_key(scope.shop, customer)
    with pytest.raises(NotFoundError):
        read(services, scope, row.id)
    with pytest.raises(LookupError):
        store(services, scope, subject_id=customer)
    assert read(services, scope, other.id) == CONTENT


def test_deleting_removes_the_bytes_after_the_commit_only(services):
    scope = shop_scope(uuid4())
    row = store(services, scope)

    def delete_and_fail() -> None:
        with unit_of_work(services, scope) as uow:
            delete_file(uow, row.id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        delete_and_fail()
    assert read(services, scope, row.id) == CONTENT
    with unit_of_work(services, scope) as uow:
        delete_file(uow, row.id)
        assert path_of(services, row).exists()
    assert not path_of(services, row).exists()
    with pytest.raises(NotFoundError):
        read(services, scope, row.id)


def test_a_file_over_the_callers_limit_leaves_neither_row_nor_bytes(services):
    scope, blobs = shop_scope(uuid4()), services.settings.alliance_home / "blobs"
    before = sorted(blobs.rglob("*"))
    with pytest.raises(LimitExceededError):
        store(services, scope, max_bytes=len(CONTENT) - 1)
    assert [path for path in sorted(blobs.rglob("*")) if path.is_file()] == [path for path in before if path.is_file()]


def test_the_sweep_removes_old_bytes_without_a_row_and_nothing_else(services):
    scope = shop_scope(uuid4())
    kept, fresh = store(services, scope), services.blobs.write(io.BytesIO(b"x"), bytes(32))
    orphan = services.blobs.write(io.BytesIO(b"x"), bytes(32))
    yesterday = time.time() - 25 * 3600
    for path in (kept.path, orphan.path):
        os.utime(services.settings.alliance_home / "blobs" / path, (yesterday, yesterday))
    assert sweep_blobs(services, system_scope("tests"))["removed"] == 1
    blobs = services.settings.alliance_home / "blobs"
    assert [(blobs / path).exists() for path in (kept.path, fresh.path, orphan.path)] == [True, True, False]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\王\\退货.xlsx", "退货.xlsx"),
        ("a\nb\0c.csv", "abc.csv"),
        ("..", "file"),
        ("", "file"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
    ],
)
def test_a_files_name_is_kept_for_showing_only(given, kept):
    assert plain_name(given) == kept
