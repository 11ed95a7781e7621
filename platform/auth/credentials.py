"""Setting and changing passwords. Whoever knew the old one is logged out."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from alliance.platform.audit.chain import Chain
from alliance.platform.audit.record import record
from alliance.platform.auth.models import Credential
from alliance.platform.auth.passwords import check_strength, hash_password, verify_password
from alliance.platform.auth.sessions import revoke_others
from alliance.platform.auth.subject import Subject
from alliance.platform.auth.throttle import PAIR, count_attempt, counters, forgive
from alliance.platform.kernel import clock
from alliance.platform.kernel.errors import BadInputError
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.tenancy import system_scope
from alliance.platform.kernel.texts import _
from alliance.platform.kernel.work import UnitOfWork, unit_of_work
from alliance.platform.members.queries import get_account, list_memberships
from alliance.platform.members.roles import require_system


def set_password(uow: UnitOfWork, *, account_id: UUID, password: str) -> None:
    """Give an account its password: the operator's first one, or a reset. Closes all its sessions. System scope only.

    An unknown account is a NotFoundError, a weak password a BadInputError.
    """
    require_system(uow)
    account = get_account(uow, account_id)
    shops = [membership.shop_name for membership in list_memberships(uow, account_id)]
    check_strength(password, about=[account.email, account.name, *shops])
    _store(uow, account_id, hash_password(uow.services.settings, password))
    revoke_others(uow, account_id=account_id)
    record(uow, "account.password_set", target=f"account:{account_id}", chain=Chain())


def change_password(services: Services, subject: Subject, *, current: str, new: str) -> None:
    """The caller's new password; this session stays open, all others and the known devices end.

    A wrong current password or a weak new one is a BadInputError; too many wrong ones a LimitExceededError.
    """
    account_id = subject.account.id
    scope = system_scope("change password", account_id=account_id)
    counted = [
        counter
        for counter in counters(
            services.settings.secret_key.get_secret_value(), email=f"change:{account_id}", address="", device=None
        )
        if counter.rule is PAIR
    ]
    with unit_of_work(services, scope) as uow:
        count_attempt(uow, counted)
        stored = uow.session.scalar(select(Credential.password_hash).where(Credential.account_id == account_id))
    if not verify_password(services.settings, stored, current):
        raise BadInputError(_("当前密码不正确"), field=("current",))
    check_strength(
        new, about=[subject.account.email, subject.account.name, *(item.shop_name for item in subject.memberships)]
    )
    hashed = hash_password(services.settings, new)
    with unit_of_work(services, scope) as uow:
        forgive(uow, counted)
        _store(uow, account_id, hashed)
        revoke_others(uow, account_id=account_id, keep=subject.session_id)
        record(uow, "account.password_changed", target=f"account:{account_id}", chain=Chain(shop_id=subject.shop_id))


def has_password(uow: UnitOfWork, *, account_id: UUID) -> bool:
    """Whether the account can log in with a password; visible to itself and the system."""
    return uow.session.scalar(select(Credential.account_id).where(Credential.account_id == account_id)) is not None


def _store(uow: UnitOfWork, account_id: UUID, password_hash: str) -> None:
    values = {"password_hash": password_hash, "changed_at": clock.now()}
    uow.session.execute(
        insert(Credential)
        .values(account_id=account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
