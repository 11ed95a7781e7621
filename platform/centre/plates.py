"""Licence plates: random codes with a check character, short enough to type and safe to read aloud.

Ten random characters of a 31-letter alphabet without 0, 1, I, L and O (31**10, about 8 * 10**14 plates), then one
check character that catches every single wrong character and every swap of neighbours: the sum of value times
position, modulo 31, which is prime.
"""

from __future__ import annotations

import secrets

from sqlalchemy import ARRAY, DateTime, Text, Uuid, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.centre.models import LicencePlate
from alliance.platform.kernel import clock
from alliance.platform.kernel.work import UnitOfWork

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10
MOMENT = DateTime(timezone=True)


def check_character(body: str) -> str:
    """The check character of the ten characters before it. A character outside the alphabet raises ValueError."""
    return ALPHABET[sum(ALPHABET.index(c) * (i + 1) for i, c in enumerate(body)) % len(ALPHABET)]


def new_plate() -> str:
    """A fresh random plate, not yet registered."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return body + check_character(body)


def is_plate(code: str) -> bool:
    """Whether a scanned or typed code is a well-formed plate of ours; says nothing about whose it is."""
    return (
        len(code) == LENGTH + 1 and all(c in ALPHABET for c in code) and check_character(code[:LENGTH]) == code[LENGTH]
    )


def register_plates(uow: UnitOfWork, *, count: int) -> list[str]:
    """Register `count` new plates for the scope's shop and return them; a plate already taken is drawn again."""
    taken: list[str] = []
    while len(taken) < count:
        drawn = literal([new_plate() for _ in range(count - len(taken))], ARRAY(Text))
        rows = select(func.unnest(drawn), literal(uow.scope.shop, Uuid), literal(clock.now(), MOMENT))
        statement = (
            insert(LicencePlate)
            .from_select(["plate", "shop_id", "created_at"], rows)
            .on_conflict_do_nothing()
            .returning(LicencePlate.plate)
        )
        taken += uow.session.scalars(statement).all()
    return taken
