"""Sealed values: known answers, and refusal of everything changed, cut, moved or under another key."""

from __future__ import annotations

import base64
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from alliance.platform.kernel.config import SettingsError
from alliance.platform.kernel.crypto import (
    BrokenSealError,
    MasterKeyError,
    MasterKeys,
    blind_index,
    field_context,
    new_key,
    new_master_key,
    open_sealed,
    parse_master_keys,
    seal,
)

KEY = bytes(range(32))
SHOP = UUID("00000000-0000-4000-8000-000000000001")
CUSTOMER = UUID("00000000-0000-4000-8000-000000000002")


@given(st.binary(max_size=300), st.binary(max_size=50))
def test_what_is_sealed_opens_again(plaintext, context):
    assert open_sealed(KEY, seal(KEY, plaintext, context), context) == plaintext


def test_the_same_value_never_looks_the_same():
    assert len({seal(KEY, b"x", b"") for _ in range(50)}) == 50


def test_a_known_sealed_value_opens():
    # AES-256-GCM test case 16 of the GCM specification, in our framing.
    key = bytes.fromhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
    nonce = bytes.fromhex("cafebabefacedbaddecaf888")
    context = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    body = bytes.fromhex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    )
    expected = bytes.fromhex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
    )
    assert open_sealed(key, b"\x01" + nonce + body, context) == expected


def test_every_changed_bit_and_every_cut_is_refused():
    sealed = seal(KEY, b"secret", b"here")
    for position in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[position // 8] ^= 1 << position % 8
        with pytest.raises(BrokenSealError):
            open_sealed(KEY, bytes(changed), b"here")
    for length in range(len(sealed)):
        with pytest.raises(BrokenSealError):
            open_sealed(KEY, sealed[:length], b"here")


def test_a_value_moved_to_another_shop_customer_or_column_is_refused():
    place = field_context(SHOP, CUSTOMER, "tenants.customer.name")
    sealed = seal(KEY, "王小明".encode(), place)
    others = [
        field_context(uuid4(), CUSTOMER, "tenants.customer.name"),
        field_context(SHOP, uuid4(), "tenants.customer.name"),
        field_context(SHOP, None, "tenants.customer.name"),
        field_context(SHOP, CUSTOMER, "tenants.customer.email"),
    ]
    assert open_sealed(KEY, sealed, place).decode() == "王小明"
    for other in others:
        with pytest.raises(BrokenSealError):
            open_sealed(KEY, sealed, other)
    with pytest.raises(BrokenSealError):
        open_sealed(new_key(), sealed, place)


def test_a_blind_index_is_equal_only_for_one_key_purpose_and_value():
    index = blind_index(KEY, "customer.email", "a@b.cn")
    assert len(index) == 32
    assert index == blind_index(KEY, "customer.email", "a@b.cn")
    # By openssl: HMAC of the value under the HMAC of the purpose.
    assert index.hex() == "6e0cbec76825d94646a6cf7cefab39ba512ff210c385cf64e117bc50e3fc887b"
    assert index != blind_index(KEY, "customer.phone", "a@b.cn")
    assert index != blind_index(KEY, "customer.email", "a@c.cn")
    assert index != blind_index(new_key(), "customer.email", "a@b.cn")


def test_the_first_master_key_wraps_and_all_unwrap():
    old, new, key = new_key(), new_key(), new_key()
    wrapped = MasterKeys((old,)).wrap(key, b"place")
    assert MasterKeys((new, old)).unwrap(wrapped, b"place") == key
    assert MasterKeys((new, old)).wrap(key, b"place")[:8] == MasterKeys((new,)).current
    with pytest.raises(MasterKeyError, match="alliance keys rotate"):
        MasterKeys((new,)).unwrap(wrapped, b"place")
    with pytest.raises(MasterKeyError):
        MasterKeys((old,)).unwrap(wrapped, b"elsewhere")


def test_master_keys_are_read_from_the_settings_and_a_wrong_one_is_named_but_not_shown():
    first, second = new_master_key(), new_master_key()
    assert parse_master_keys(f"{first}, {second}").keys == (base64.b64decode(first), base64.b64decode(second))
    for wrong in ("", "short", base64.b64encode(b"x" * 31).decode(), "密钥"):
        with pytest.raises(SettingsError, match="key 2") as caught:
            parse_master_keys(f"{first},{wrong}")
        assert first not in str(caught.value)


def test_keys_do_not_show_in_a_representation():
    assert "keys" not in repr(MasterKeys((KEY,)))
    assert AESGCM(KEY).encrypt(b"0" * 12, b"", b"") != b""
