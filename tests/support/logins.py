"""People who can log in, for tests: passwords set through the command, sessions opened through the login."""

from __future__ import annotations

from support.actors import SYSTEM, MemberActor

from alliance.platform.auth.credentials import set_password
from alliance.platform.auth.login import LoggedIn, log_in
from alliance.platform.auth.sessions import Client
from alliance.platform.auth.subject import Subject, find_subject
from alliance.platform.kernel.services import Services
from alliance.platform.kernel.work import unit_of_work

PASSWORD = "three green umbrellas"
BROWSER = Client(address="192.0.2.10", agent="Firefox on a desk")


def give_password(services: Services, person: MemberActor, password: str = PASSWORD) -> MemberActor:
    """Let the person log in."""
    with unit_of_work(services, SYSTEM) as uow:
        set_password(uow, account_id=person.account_id, password=password)
    return person


def log_in_as(services: Services, person: MemberActor, *, client: Client = BROWSER) -> LoggedIn:
    """Log in with the password of `give_password`."""
    return log_in(services, email=person.email, password=PASSWORD, client=client)


def subject_of(services: Services, person: MemberActor, *, client: Client = BROWSER) -> Subject:
    """Log in and say who that is."""
    found = find_subject(services, log_in_as(services, person, client=client).token)
    assert found is not None
    return found
