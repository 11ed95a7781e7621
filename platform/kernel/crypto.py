"""Encryption of single values and of keys: AES-256-GCM with random nonces, bound to the place the value stands in.

A sealed value is `version(1) | nonce(12) | ciphertext and tag`. The context is authenticated, not stored: a value
moved to another shop, person or column does not open there.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from alliance.platform.kernel.config import SettingsError

KEY_BYTES = 32
KEY_ID_BYTES = 8
VERSION = b"\x01"
NONCE_BYTES = 12
OVERHEAD = 1 + NONCE_BYTES + 16


class BrokenSealError(Exception):
    """The sealed bytes were changed, cut, moved to another place, or made under another key."""


class MasterKeyError(SettingsError):
    """No configured master key opens this key: the operator lost it or removed it before a rotation."""


def new_key() -> bytes:
    """A fresh random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def field_context(shop_id: UUID, subject_id: UUID | None, column: str) -> bytes:
    """The place of a field: `column` is `schema.table.column`; the subject is the customer the row is about."""
    subject = subject_id.bytes if subject_id is not None else b""
    return b"\0".join((b"field", shop_id.bytes, subject, column.encode()))


def seal(key: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Encrypt under `key` (32 bytes) for this one place. The same input gives other bytes each time."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plaintext, context)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """What `seal` was given. Anything changed, cut, moved or under another key is refused with BrokenSealError."""
    if len(sealed) < OVERHEAD or sealed[:1] != VERSION:
        raise BrokenSealError("not a sealed value of a known version")
    nonce, body = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, body, context)
    except InvalidTag:
        raise BrokenSealError("the sealed value does not open with this key in this place") from None


def blind_index(key: bytes, purpose: str, value: str) -> bytes:
    """32 bytes by which an encrypted value can be found exactly; equal only within one key and one purpose.

    The caller normalises `value` first (E.164, lower-case address): the index knows no spelling variants.
    """
    derived = hmac.digest(key, b"alliance blind index\0" + purpose.encode(), hashlib.sha256)
    return hmac.digest(derived, value.encode(), hashlib.sha256)


def key_id(key: bytes) -> bytes:
    """A public name of a master key, by which a wrapped key says who wrapped it."""
    return hashlib.sha256(b"alliance master key\0" + key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, repr=False)
class MasterKeys:
    """The installation's master keys: the first one wraps, all of them unwrap, so that they can be rotated."""

    keys: tuple[bytes, ...]

    @property
    def current(self) -> bytes:
        """The id of the key that wraps."""
        return key_id(self.keys[0])

    def expect(self, identity: bytes) -> bytes:
        """The key of this id. MasterKeyError where it is not configured."""
        for key in self.keys:
            if key_id(key) == identity:
                return key
        raise MasterKeyError(
            f"the key store holds keys wrapped by master key {identity.hex()}, which MASTER_KEYS does not contain; "
            "put it back into MASTER_KEYS (last in the list), then run `alliance keys rotate` before removing it"
        )

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """`key` sealed under the first master key, with that key's id in front."""
        return self.current + seal(self.keys[0], key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The wrapped key. MasterKeyError where its master key is not configured or is not the right one."""
        key = self.expect(wrapped[:KEY_ID_BYTES])
        try:
            return open_sealed(key, wrapped[KEY_ID_BYTES:], context)
        except BrokenSealError:
            raise MasterKeyError("a stored key was changed or belongs to another shop") from None


def parse_master_keys(text: str) -> MasterKeys:
    """Comma-separated base64 keys of 32 bytes each. SettingsError names the position at fault, never the key."""
    keys = []
    for position, part in enumerate((piece.strip() for piece in text.split(",")), start=1):
        try:
            key = base64.b64decode(part, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise SettingsError(f"MASTER_KEYS: key {position} is not base64 of {KEY_BYTES} bytes")
        keys.append(key)
    return MasterKeys(tuple(keys))


def new_master_key() -> str:
    """A fresh master key as MASTER_KEYS takes it."""
    return base64.b64encode(new_key()).decode()
