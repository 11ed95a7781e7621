"""Passwords: what is refused in which words, and how they are hashed."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from alliance.platform.auth import passwords
from alliance.platform.auth.passwords import (
    check_strength,
    common_passwords,
    generate_password,
    hash_password,
    needs_rehash,
    verify_password,
)
from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.errors import BadInputError, LimitExceededError

CHEAP = SimpleNamespace(password_memory_kib=64, password_time_cost=1)
DEARER = SimpleNamespace(password_memory_kib=128, password_time_cost=1)
ABOUT = ["zhang.wei@roundfashion.cn", "张伟", "Round Fashion 圆润女装旗舰店"]


def test_the_hash_is_argon2id_with_the_settings_costs():
    found = extract_parameters(hash_password(CHEAP, "three green umbrellas"))
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 64, 1)


def test_by_default_a_hash_costs_64_mebibytes_and_three_passes():
    fields = Settings.model_fields
    assert (fields["password_memory_kib"].default, fields["password_time_cost"].default) == (65_536, 3)


def test_only_the_right_password_is_verified():
    stored = hash_password(CHEAP, "three green umbrellas")
    assert verify_password(CHEAP, stored, "three green umbrellas")
    assert not verify_password(CHEAP, stored, "three green umbrella")
    assert not verify_password(CHEAP, stored, "")


def test_without_a_stored_hash_or_with_a_broken_one_nothing_is_right():
    assert not verify_password(CHEAP, None, "three green umbrellas")
    assert not verify_password(CHEAP, "no hash at all", "three green umbrellas")


def test_an_unknown_account_costs_a_verification_of_the_same_parameters(monkeypatch):
    seen = []

    class Spy:
        def __init__(self, hasher):
            self.hasher = hasher

        def verify(self, stored, password):
            seen.append(extract_parameters(stored))
            return self.hasher.verify(stored, password)

    real = passwords._hasher(64, 1)
    dummy = passwords._nobody(real)
    monkeypatch.setattr(passwords, "_hasher", lambda *_: Spy(real))
    monkeypatch.setattr(passwords, "_nobody", lambda _: dummy)
    verify_password(CHEAP, None, "anything at all")
    verify_password(CHEAP, real.hash("three green umbrellas"), "anything at all")
    assert seen[0] == seen[1]


def test_full_width_letters_are_the_same_password():
    assert verify_password(CHEAP, hash_password(CHEAP, "ａｂｃ three umbrellas"), "abc three umbrellas")


def test_a_hash_of_other_costs_wants_to_be_made_anew():
    stored = hash_password(CHEAP, "three green umbrellas")
    assert needs_rehash(DEARER, stored)
    assert not needs_rehash(CHEAP, stored)
    assert verify_password(DEARER, stored, "three green umbrellas")


def test_a_very_long_password_is_wrong_and_not_cut_to_a_right_one():
    stored = hash_password(CHEAP, "x" * 256)
    assert verify_password(CHEAP, stored, "x" * 256)
    assert not verify_password(CHEAP, stored, "x" * 257)


@pytest.mark.parametrize(
    ("password", "english"),
    [
        ("short one", "A password has at least 10 characters"),
        ("x1y2" * 65, "A password has at most 256 characters"),
        ("1234567890", "This password is too common; choose another one"),
        ("QwertyUIOP", "This password is too common; choose another one"),
        ("１２３４５６７８９０", "This password is too common; choose another one"),
        ("abababababab", "This password is too common; choose another one"),
        ("zhang.wei@roundfashion.cn", "A password cannot be made of your e-mail address, your name or the shop's name"),
        ("roundfashion1", "A password cannot be made of your e-mail address, your name or the shop's name"),
        ("RoundFashion2026", "A password cannot be made of your e-mail address, your name or the shop's name"),
        ("Zhang-Round-99", "A password cannot be made of your e-mail address, your name or the shop's name"),
        ("圆润女装旗舰店2026!", "A password cannot be made of your e-mail address, your name or the shop's name"),
    ],
)
def test_weak_passwords_are_refused_in_words(password, english):
    with pytest.raises(BadInputError) as refusal:
        check_strength(password, about=ABOUT)
    assert (refusal.value.field, refusal.value.message.render("en")) == (("password",), english)


@pytest.mark.parametrize("password", ["three green umbrellas", "雨天也要记得带三把绿伞", "round umbrellas in green 7"])
def test_passwords_a_person_can_remember_are_taken(password):
    check_strength(password, about=ABOUT)


def test_generated_passwords_are_long_different_and_strong():
    made = {generate_password() for _ in range(50)}
    assert len(made) == 50
    for password in made:
        assert len(password) == 23
        check_strength(password, about=ABOUT)


def test_the_shipped_list_holds_only_passwords_long_enough_to_matter():
    assert len(common_passwords()) > 100
    assert all(len(word) >= passwords.LEAST and word == word.casefold() for word in common_passwords())


def test_no_more_than_two_passwords_are_hashed_at_once(monkeypatch):
    running, most, lock = [0], [0], threading.Lock()
    enough = threading.Event()

    class Slow:
        def hash(self, _password):
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            enough.wait(0.05)
            with lock:
                running[0] -= 1
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", lambda *_: Slow())
    threads = [threading.Thread(target=hash_password, args=(CHEAP, "three green umbrellas")) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most[0] == 2


def test_who_waits_too_long_for_a_slot_is_told_to_come_back(monkeypatch):
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    with passwords._slot(), passwords._slot(), pytest.raises(LimitExceededError) as refusal:
        hash_password(CHEAP, "three green umbrellas")
    assert refusal.value.retry_after == 10
