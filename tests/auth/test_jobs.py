"""What the schedule clears away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from support.actors import make_account
from support.logins import give_password, log_in_as

from alliance.platform.auth.jobs import forget_old_logins
from alliance.platform.kernel import clock
from alliance.platform.kernel.tenancy import system_scope

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


def test_old_logins_are_forgotten_and_counted_and_a_second_run_finds_none(services):
    person = give_password(services, make_account(services))
    with clock.at(NOON):
        log_in_as(services, person)
    with clock.at(NOON + timedelta(days=38)):
        assert forget_old_logins(services, system_scope("schedule"))["sessions"] >= 1
        assert forget_old_logins(services, system_scope("schedule")) == {"sessions": 0, "failures": 0}
