"""The operator makes alliances, shops and people on the command line, and they can log in."""

from __future__ import annotations

from contextlib import contextmanager
from secrets import token_hex

import pytest
from click.testing import CliRunner
from support.logins import BROWSER

from alliance.platform.auth.login import log_in
from alliance.platform.auth.subject import find_subject
from alliance.platform.kernel.errors import UnauthenticatedError
from alliance.platform.members.roles import MemberRole
from alliance.platform.members.roles_table import render_roles
from alliance.web.cli import shops as shops_module
from alliance.web.entry.cli import main


@pytest.fixture
def run(services, monkeypatch):
    """Runs a command on the test installation, with English answers."""

    @contextmanager
    def ready():
        yield services

    monkeypatch.setattr(shops_module, "ready_services", ready)
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    return lambda *words, typed="": CliRunner().invoke(main, list(words), input=typed)


@pytest.fixture
def town(run):
    """A fresh alliance and shop made on the command line: their handles."""
    alliance, shop = f"a-{token_hex(5)}", f"s-{token_hex(5)}"
    assert run("alliances", "create", alliance, "南方联盟", "--category", "大码女装").exit_code == 0
    made = run("shops", "create", shop, "圆润女装", "--category", "大码女装", "--alliance", alliance)
    assert (made.exit_code, made.output) == (0, f"Shop {shop} created\n")
    return alliance, shop


def person():
    return f"{token_hex(5)}@example.com"


def shown_password(output):
    return output.split("Password (shown this once): ")[1].strip()


def test_what_was_made_is_listed(run, town):
    alliance, shop = town
    assert f"{alliance}\tCNY\t大码女装\t南方联盟\n" in run("alliances", "list").output
    assert f"{shop}\tCNY\t大码女装\t圆润女装\n" in run("shops", "list").output


def test_a_new_owner_logs_in_with_the_password_shown(run, town, services):
    email = person()
    added = run("members", "add", town[1], email, "王芳")
    assert added.exit_code == 0
    assert f"{email} is now owner in shop {town[1]}\n" in added.output
    opened = log_in(services, email=email, password=shown_password(added.output), client=BROWSER)
    found = find_subject(services, opened.token)
    assert (found.active.shop_handle, found.role) == (town[1], MemberRole.OWNER)
    assert run("members", "list", town[1]).output == f"owner\t{email}\t王芳\n"


def test_a_known_person_keeps_the_password_and_none_is_shown(run, town, services):
    email, other = person(), f"s-{token_hex(5)}"
    run("members", "add", town[1], email, "王芳", "--password-stdin", typed="three green umbrellas\n")
    run("shops", "create", other, "第二家店", "--category", "大码女装", "--same-owner-as", town[1])
    again = run("members", "add", other, email, "王芳", "--role", "staff")
    assert (again.exit_code, again.output) == (0, f"{email} is now staff in shop {other}\n")
    log_in(services, email=email, password="three green umbrellas", client=BROWSER)


def test_a_reset_password_replaces_the_old_one(run, town, services):
    email = person()
    run("members", "add", town[1], email, "王芳", "--password-stdin", typed="three green umbrellas\n")
    output = run("members", "reset-password", email).output
    log_in(services, email=email, password=shown_password(output), client=BROWSER)
    with pytest.raises(UnauthenticatedError):
        log_in(services, email=email, password="three green umbrellas", client=BROWSER)


def test_roles_change_and_end_but_the_last_owner_stays(run, town):
    owner, staff = person(), person()
    run("members", "add", town[1], owner, "王芳")
    run("members", "add", town[1], staff, "李雷", "--role", "staff")
    assert run("members", "change-role", town[1], staff, "manager").exit_code == 0
    refused = run("members", "remove", town[1], owner)
    assert refused.exit_code == 1
    assert "A shop needs at least one owner" in refused.output
    assert run("members", "list", town[1]).output == f"owner\t{owner}\t王芳\nmanager\t{staff}\t李雷\n"
    assert run("members", "remove", town[1], staff).exit_code == 0
    assert run("members", "list", town[1]).output == f"owner\t{owner}\t王芳\n"


def test_a_coordinator_logs_in_without_a_shop(run, town, services):
    email = person()
    added = run("members", "add-coordinator", town[0], email, "赵主任")
    opened = log_in(services, email=email, password=shown_password(added.output), client=BROWSER)
    found = find_subject(services, opened.token)
    assert (found.shop_id, len(found.coordinates)) == (None, 1)


def test_a_shop_leaves_and_joins_again(run, town):
    alliance, shop = town
    assert run("shops", "join", shop, alliance).exit_code == 1
    assert run("shops", "leave", shop).output == f"Shop {shop} left its alliance\n"
    assert run("shops", "leave", shop).exit_code == 1
    assert run("shops", "join", shop, alliance).exit_code == 0


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("members", "list", "no-such-shop"), 1),
        (("members", "reset-password", "nobody@example.com"), 1),
        (("members", "reset-password", "not an address"), 1),
        (("members", "add", "no-such-shop", "a@example.com", "王"), 1),
        (("members", "change-role", "shop", "a@example.com", "king"), 2),
        (("shops", "create", "x"), 2),
        (("shops", "create", "-", "店", "--category", "女装"), 1),
    ],
)
def test_what_cannot_be_done_ends_with_its_code_and_without_a_trace(run, words, code):
    result = run(*words)
    assert result.exit_code == code
    assert "Traceback" not in result.output


def test_a_refused_password_leaves_no_account_behind(run, town):
    email = person()
    refused = run("members", "add", town[1], email, "王芳", "--password-stdin", typed="short\n")
    assert (refused.exit_code, "at least 10 characters" in refused.output) == (1, True)
    assert run("members", "reset-password", email).exit_code == 1
    assert run("members", "list", town[1]).output == ""


def test_the_roles_page_is_printed_as_documented(run):
    assert run("members", "roles").output == render_roles()
