"""The key store: one key a shop, one a customer; destroyed is destroyed; the master key can be changed."""

from __future__ import annotations

import sqlite3
from uuid import uuid4

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from alliance.platform.kernel import clock
from alliance.platform.kernel.crypto import MasterKeyError, MasterKeys, new_key
from alliance.platform.kernel.errors import UnavailableError
from alliance.platform.kernel.keys import CACHED_SHOPS, SHOP_KEY, KeyStore

OLD, NEW = new_key(), new_key()


@pytest.fixture(params=["file", "postgresql"])
def url(request, tmp_path):
    if request.param == "file":
        return f"sqlite:///{tmp_path}/keys.db"
    # The run's own key database keeps keys of its own master key, so this takes the empty one.
    return request.getfixturevalue("empty_database")["KEYS_URL"]


@pytest.fixture
def open_store(url):
    opened = []

    def make(*master: bytes) -> KeyStore:
        opened.append(KeyStore(url, MasterKeys(master or (OLD,))))
        return opened[-1]

    yield make
    for store in opened:
        store.dispose()


def test_a_shop_has_one_key_that_every_process_gets(open_store):
    shop = uuid4()
    key = open_store().shop_key(shop)
    assert len(key) == 32
    assert open_store().shop_key(shop) == key
    assert open_store().shop_key(uuid4()) != key


def test_many_customers_get_keys_at_once_and_keep_them(open_store):
    store, shop, ids = open_store(), uuid4(), [uuid4() for _ in range(6_000)]
    keys = store.create_many(shop, ids)
    assert len(set(keys.values())) == 6_000
    assert store.create_many(shop, [*ids[:5], ids[0]]) == {one: keys[one] for one in ids[:5]}
    assert open_store().subject_keys(shop, ids) == keys
    assert store.subject_keys(shop, []) == store.create_many(shop, []) == {}


def test_another_shop_has_no_key_of_the_same_customer(open_store):
    store, shop, customer = open_store(), uuid4(), uuid4()
    key = store.create_subject_key(shop, customer)
    assert store.create_subject_key(shop, customer) == key
    assert store.subject_key(uuid4(), customer) is None


def test_a_destroyed_key_is_gone_in_every_process_and_never_made_again(open_store):
    store, other, shop = open_store(), open_store(), uuid4()
    gone, kept = uuid4(), uuid4()
    keys = store.create_many(shop, [gone, kept])
    assert other.subject_keys(shop, [gone, kept]) == keys
    store.destroy_subject_key(shop, gone)
    assert store.subject_key(shop, gone) is None
    assert other.subject_keys(shop, [gone, kept]) == {kept: keys[kept]}
    assert other.create_many(shop, [gone, kept]) == {kept: keys[kept]}
    with pytest.raises(LookupError):
        store.create_subject_key(shop, gone)
    store.destroy_subject_key(shop, gone)


def test_many_keys_are_destroyed_at_once(open_store):
    store, shop, ids = open_store(), uuid4(), [uuid4() for _ in range(6_000)]
    other = uuid4()
    kept = store.create_subject_key(shop, other)
    store.create_many(shop, ids)
    store.destroy_many(shop, ids)
    store.destroy_many(shop, [])
    assert store.subject_keys(shop, [*ids, other]) == {other: kept}


def test_a_key_destroyed_before_it_was_made_is_never_made(open_store):
    store, shop, customer = open_store(), uuid4(), uuid4()
    store.destroy_subject_key(shop, customer)
    assert store.create_many(shop, [customer]) == {}


def test_after_a_rotation_the_old_master_key_can_be_removed(open_store):
    shops, customer = [uuid4() for _ in range(3)], uuid4()
    before = open_store(OLD)
    keys = {shop: before.create_subject_key(shop, customer) for shop in shops}
    both = open_store(NEW, OLD)
    assert both.rotate() == 3
    assert both.rotate() == 0
    after = open_store(NEW)
    after.verify()
    assert {shop: after.subject_key(shop, customer) for shop in shops} == keys
    with pytest.raises(MasterKeyError):
        open_store(OLD).verify()


def test_a_wrong_master_key_is_one_clear_error_and_changes_nothing(open_store):
    shop = uuid4()
    key = open_store(OLD).shop_key(shop)
    for attempt in (lambda s: s.verify(), lambda s: s.shop_key(shop), lambda s: s.shop_key(uuid4()), KeyStore.rotate):
        with pytest.raises(MasterKeyError, match="put it back into MASTER_KEYS"):
            attempt(open_store(NEW))
    assert open_store(OLD).shop_key(shop) == key


def test_few_unwrapped_shop_keys_are_held_and_none_of_customers(open_store):
    store = open_store()
    for _ in range(CACHED_SHOPS + 20):
        store.cache.put(uuid4(), new_key())
    assert len(store.cache.entries) == CACHED_SHOPS
    store.create_subject_key(uuid4(), uuid4())
    assert len(store.cache.entries) == CACHED_SHOPS
    store.dispose()
    assert store.cache.entries == {}


def test_what_a_destroyed_key_left_is_overwritten_in_the_file(tmp_path):
    store, shop, customer = KeyStore(f"sqlite:///{tmp_path}/keys.db", MasterKeys((OLD,))), uuid4(), uuid4()
    store.create_subject_key(shop, customer)
    with sqlite3.connect(tmp_path / "keys.db") as connection:
        (wrapped,) = connection.execute("SELECT wrapped FROM subject_key").fetchone()
    store.destroy_subject_key(shop, customer)
    store.purge()
    store.dispose()
    assert [path for path in tmp_path.iterdir() if wrapped in path.read_bytes()] == []


def test_a_statement_that_the_store_rejects_is_a_fault_of_ours_and_no_outage(open_store):
    with pytest.raises(IntegrityError), open_store()._begin() as connection:
        connection.execute(insert(SHOP_KEY).values(shop_id=uuid4(), created_at=clock.now(), wrapped=None))


def test_a_store_that_cannot_be_reached_says_so():
    store = KeyStore("postgresql://nobody:x@127.0.0.1:1/keys", MasterKeys((OLD,)))
    with pytest.raises(UnavailableError):
        store.shop_key(uuid4())
