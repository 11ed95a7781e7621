"""Advisory locks: one holder at a time, to the end of the transaction, and apart for each thing."""

from __future__ import annotations

from uuid import uuid4

from alliance.platform.kernel.locking import Lock, lock, lock_key, try_lock
from alliance.platform.kernel.tenancy import shop_scope
from alliance.platform.kernel.work import unit_of_work


def test_a_lock_is_held_to_the_end_of_its_transaction(services):
    scope, thing = shop_scope(uuid4()), uuid4()
    with unit_of_work(services, scope) as first:
        lock(first.session, Lock.IMPORT_COMMIT, thing)
        with unit_of_work(services, scope) as second:
            assert not try_lock(second.session, Lock.IMPORT_COMMIT, thing)
            assert try_lock(second.session, Lock.IMPORT_COMMIT, uuid4())
            assert try_lock(second.session, Lock.AUDIT_CHAIN, thing)
    with unit_of_work(services, scope) as third:
        assert try_lock(third.session, Lock.IMPORT_COMMIT, thing)


def test_lock_keys_are_64_bit_and_differ():
    keys = {lock_key(what, thing) for what in Lock for thing in (None, "a", "b")}
    assert len(keys) == 3 * len(Lock)
    assert all(-(2**63) <= key < 2**63 for key in keys)
