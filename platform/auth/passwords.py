"""Passwords: argon2id, at most two hashes at once, and rules that a person can follow."""

from __future__ import annotations

import base64
import os
import secrets
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from alliance.platform.kernel.config import Settings
from alliance.platform.kernel.errors import BadInputError, LimitExceededError
from alliance.platform.kernel.texts import _

LEAST = 10
MOST = 256
SHORTEST_WORD = 4
WAIT_SECONDS = 20.0
# Each hash takes 64 MiB: more at once would let a burst of logins exhaust the machine.
_SLOTS = threading.BoundedSemaphore(2)


def hash_password(settings: Settings, password: str) -> str:
    """The hash to store. Check the password's strength first."""
    with _slot():
        return _hasher(settings.password_memory_kib, settings.password_time_cost).hash(_normal(password))


def verify_password(settings: Settings, stored: str | None, password: str) -> bool:
    """Whether the password is the stored one. Without a stored hash it takes the same time and is wrong."""
    hasher = _hasher(settings.password_memory_kib, settings.password_time_cost)
    with _slot():
        try:
            hasher.verify(stored or _nobody(hasher), _normal(password)[:MOST])
        except (VerificationError, InvalidHashError):
            return False
    return stored is not None and len(_normal(password)) <= MOST


def needs_rehash(settings: Settings, stored: str) -> bool:
    """Whether the stored hash was made with other parameters than today's."""
    return _hasher(settings.password_memory_kib, settings.password_time_cost).check_needs_rehash(stored)


def check_strength(password: str, *, about: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, very common, or made of what is known `about` its owner, with BadInputError.

    `about` are e-mail, name and shop names; their parts of four and more characters count, case aside.
    """
    normal = _normal(password)
    if len(normal) < LEAST:
        raise BadInputError(_("密码至少要 %(least)s 个字符", least=LEAST), field=("password",))
    if len(normal) > MOST:
        raise BadInputError(_("密码最多 %(most)s 个字符", most=MOST), field=("password",))
    lowered = normal.casefold()
    if lowered in common_passwords() or len(set(lowered)) < SHORTEST_WORD:
        raise BadInputError(_("这个密码太常见，请换一个"), field=("password",))
    rest = lowered
    for word in sorted(_words(about), key=len, reverse=True):
        rest = rest.replace(word, "")
    if len(lowered) - len(rest) > 0 and len(rest) < LEAST // 2 + 1:
        raise BadInputError(_("密码不能由您的邮箱、姓名或店铺名称组成"), field=("password",))


def generate_password() -> str:
    """A random password of 96 bits in four readable groups, for first logins and resets; shown once."""
    text = base64.b32encode(secrets.token_bytes(12)).decode().lower().rstrip("=")
    return "-".join(text[i : i + 5] for i in range(0, 20, 5))


@cache
def common_passwords() -> frozenset[str]:
    """The shipped list of the very commonest passwords that are long enough."""
    text = (files("alliance.platform.auth") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@contextmanager
def _slot() -> Iterator[None]:
    if not _SLOTS.acquire(timeout=WAIT_SECONDS):
        raise LimitExceededError(_("登录的人太多，请稍后再试"), retry_after=10)
    try:
        yield
    finally:
        _SLOTS.release()


@cache
def _hasher(memory_kib: int, time_cost: int) -> PasswordHasher:
    return PasswordHasher(time_cost=time_cost, memory_cost=memory_kib, parallelism=4)


@cache
def _nobody(hasher: PasswordHasher) -> str:
    """A hash of no password at all with today's parameters: what an unknown account is compared with."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _normal(password: str) -> str:
    """One form, whichever keyboard typed it: an input method may send full-width or decomposed characters."""
    return unicodedata.normalize("NFKC", password)


def _words(about: Iterable[str]) -> set[str]:
    words: set[str] = set()
    for text in about:
        lowered = _normal(text).casefold()
        parts = "".join(char if char.isalnum() else " " for char in lowered).split()
        words.update(word for word in [lowered.strip(), "".join(parts), *parts] if len(word) >= SHORTEST_WORD)
    return words
