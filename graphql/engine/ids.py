"""Global ids: base64url of `Type:uuid`. Opaque to clients; a garbled one, or one of another type, is not found."""

from __future__ import annotations

import base64
import binascii
from uuid import UUID

from alliance.platform.kernel.errors import NotFoundError

LONGEST = 200


def global_id(kind: str, key: UUID) -> str:
    """The id a client sees for a row of a type."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


def read_global_id(value: str) -> tuple[str, UUID]:
    """Type and key of a global id. A garbled one raises NotFoundError, as an unknown row does."""
    try:
        if len(value) > LONGEST:
            raise ValueError("too long for an id")
        raw = base64.b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), altchars=b"-_", validate=True)
        kind, _colon, key = raw.decode("ascii").partition(":")
        if len(key) != 36:
            raise ValueError("not the canonical form of a uuid")
        return kind, UUID(key)
    except (ValueError, binascii.Error):
        raise NotFoundError from None


def key_of(value: str, kind: str) -> UUID:
    """The key of a global id that must be of one type; any other raises NotFoundError."""
    found, key = read_global_id(value)
    if found != kind:
        raise NotFoundError
    return key


def find_key(value: str, kind: str) -> UUID | None:
    """The same, with None instead of an error."""
    try:
        return key_of(value, kind)
    except NotFoundError:
        return None
