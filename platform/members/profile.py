"""What a person changes about their own account."""

from __future__ import annotations

from alliance.platform.audit.record import record
from alliance.platform.kernel.errors import ForbiddenError
from alliance.platform.kernel.tenancy import ScopeKind
from alliance.platform.kernel.work import UnitOfWork
from alliance.platform.members.inputs import clean_locale, clean_name
from alliance.platform.members.queries import get_account


def update_profile(uow: UnitOfWork, *, name: str | None = None, locale: str | None = None) -> None:
    """Change what is given of the scope's own account: the name colleagues see, the language of the pages.

    A scope without an account is a ForbiddenError, a wrong value a BadInputError. A changed name is recorded in the
    active shop's audit; the language is nobody else's business.
    """
    if uow.scope.account_id is None:
        raise ForbiddenError
    account = get_account(uow, uow.scope.account_id)
    if locale is not None:
        account.locale = clean_locale(locale)
    if name is not None and account.name != (cleaned := clean_name(name)):
        account.name = cleaned
        if uow.scope.kind is ScopeKind.SHOP:
            record(uow, "account.renamed", target=f"account:{account.id}")
    uow.session.flush()
